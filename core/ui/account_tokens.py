"""The Account page: access tokens for programs that use the account."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.errors import CareLensError
from core.people import tokens
from core.people.policy import SCOPES, Actor, Scope
from core.records.token_tables import ApiTokenPublic
from core.settings import settings
from core.ui import moments, parts, trouble
from core.ui.account_sessions import ago

_MADE = "_new_token"
MAY: dict[Scope, str] = {"examine": "Examine photos", "read": "Read saved findings", "write": "Save findings"}
LIVES = {7: "A week", 30: "A month", 90: "Three months", 365: "A year"}


def show(actor: Actor) -> None:
    """The tokens there are, and the form for a new one; after it, the new one, once."""
    made = st.session_state.get(_MADE)
    if isinstance(made, tokens.Made):
        _new(made)
        return
    known = tokens.list_tokens(actor)
    if known:
        with st.container(border=True, gap="small"):
            for one in known:
                _one(actor, one)
    with st.expander("Make an access token", icon=":material/vpn_key:", key="token"):
        st.markdown(
            "A program that you trust can use CareLens in your name. It shows an access token, a long secret word, in place of your "
            "password. It can do only what you tick here, and only until the token ends. How to use one is told [on this page](/api/docs)."
        )
        _form(actor)


def _form(actor: Actor) -> None:
    with st.form("token_form", border=False):
        name = st.text_input("Name of the program", key="token_name", autocomplete="off", max_chars=60, placeholder="My own script")
        st.markdown("What may it do?")
        chosen = [scope for scope in SCOPES[actor.role] if st.checkbox(MAY[scope], key=f"token_{scope}")]
        days = st.selectbox("How long does it last?", tuple(LIVES), index=1, format_func=LIVES.__getitem__, key="token_days")
        password = ""
        if not settings().demo:
            password = st.text_input("Your password", type="password", key="token_password", autocomplete="current-password", max_chars=200)
        parts.note("A new password, or a new second step, ends all your tokens.")
        if st.form_submit_button("Make the token", key="token_go"):
            try:
                made = tokens.make_token(actor, name or "", chosen, int(days or 0), password or "")
            except CareLensError as error:
                trouble.refused(error)
            else:
                st.session_state[_MADE] = made
                st.rerun()


def _new(made: tokens.Made) -> None:
    with st.container(border=True, key="new_token"):
        parts.titled(
            f"The token for {moments.plain(made.public.name)}",
            "Copy it into the program now. It is shown this one time, and we cannot show it again.",
            "vpn_key",
        )
        st.code(made.secret, language=None, wrap_lines=True)
        parts.note("Whoever has it can do what you ticked. If it gets into other hands, end it here.")
        st.button("I have copied it", type="primary", key="token_seen", on_click=_stop)


def _stop() -> None:
    st.session_state.pop(_MADE, None)


def _one(actor: Actor, one: ApiTokenPublic) -> None:
    with parts.row(wrap=False):
        parts.titled(moments.plain(one.name), below(one), "vpn_key")
        if not one.ended and st.button("End", key=f"end_token_{one.id}", help="The program can do nothing more from now on"):
            trouble.attempt(partial(tokens.revoke, actor, one.id), "That token has ended.")


def below(one: ApiTokenPublic, now: datetime | None = None) -> str:
    """What stands under a token: what it may do, until when, and when it was last used."""
    may = parts.listed([MAY[scope].lower() for scope in MAY if scope in one.scopes.split()])
    until = parts.day(moments.local(one.expires_at, moments.zone()))
    used = f"last used {ago(one.last_used_at, now or datetime.now(UTC))}" if one.last_used_at else "never used"
    return f"May {may} · {'ended' if one.ended else 'until'} {until} · {used}"
