"""The Accounts page: the list with its search, and what can be done with one account."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import cast

import streamlit as st

from core.errors import CareLensError
from core.people import mail, managing
from core.people.managing import Listed, Only
from core.people.policy import Actor
from core.ui import moments, parts, trouble
from core.ui.account_sessions import ago
from core.ui.accounts_new import ROLE_NAMES, handed

ONLY: dict[Only, str] = {
    "patient": "Patients",
    "doctor": "Doctors",
    "staff": "Screening desk",
    "admin": "Administrators",
    "waiting": "No password yet",
    "off": "Switched off",
}
_OPEN = "_accounts_open"


def show(actor: Actor) -> None:
    """Search, filter, one page of accounts."""
    st.subheader("Everyone", anchor=False)
    words = st.text_input("Find", key="find_account", placeholder="Name or e-mail", icon=":material/search:", max_chars=100) or ""
    only = cast("Only | None", st.pills("Only", tuple(ONLY), format_func=ONLY.__getitem__, key="accounts_only"))
    key = f"accounts_page_{words}_{only}"
    found = managing.list_accounts(actor, words, only, st.session_state.get(key) or 1)
    if not found.count:
        parts.empty("person_search", "No such account", "Change the words or the filter above, or make an account.")
        return
    parts.note(f"{found.count:,} {'account' if found.count == 1 else 'accounts'}")
    for one in found.rows:
        _one(actor, one)
    if found.pages > 1:
        st.pagination(found.pages, key=key)


def below(one: Listed, now: datetime) -> str:
    """What stands under a name, but for the address: the role, the day it was made, the last sign-in that is known of."""
    made = parts.day(moments.local(one.made_at, moments.zone()), now)
    seen = f"last signed in {ago(one.signed_in_at, now)}" if one.signed_in_at else "no sign-in known"
    return f"{ROLE_NAMES[one.role]} · made {made} · {seen}"


def _one(actor: Actor, one: Listed) -> None:
    key = f"account_{one.id}"
    opened = st.session_state.get(_OPEN) == one.id
    with st.container(border=True, gap="small", key=key):
        with parts.row(wrap=False):
            parts.titled(moments.plain(one.name), moments.plain(one.email), "person_off" if one.off_since else "person")
            st.button("Close" if opened else "Change", key=f"{key}_open", on_click=_turn, args=(one, opened))
        parts.note(below(one, datetime.now(UTC)))
        with parts.row(gap="xsmall"):
            if one.off_since:
                off = parts.day(moments.local(one.off_since, moments.zone()))
                st.badge(f"Switched off since {off}", icon=":material/block:", color="gray")
            if one.waiting:
                st.badge("No password yet", icon=":material/hourglass_empty:", color="blue")
        if opened:
            _change(actor, one, key)


def _turn(one: Listed, opened: bool) -> None:
    st.session_state[_OPEN] = None if opened else one.id


def _change(actor: Actor, one: Listed, key: str) -> None:
    if one.role != "patient":
        with st.form(f"{key}_rename", border=False):
            name = st.text_input("Name", one.name, key=f"{key}_name", max_chars=100, autocomplete="off")
            if st.form_submit_button("Save the name", key=f"{key}_name_go"):
                trouble.attempt(lambda: managing.rename(actor, one.id, name or ""), "The name is changed.")
    else:
        parts.note("Patients change their names themselves: they stand on their records.")
    if one.id == actor.account_id:
        parts.note("This is you. Your password is on your Account page; only another administrator can switch you off.")
    elif one.off_since:
        st.markdown("They cannot sign in. What belongs to the account is kept.")
        if st.button("Switch on again", icon=":material/check:", key=f"{key}_on"):
            trouble.attempt(partial(managing.switch_on, actor, one.id), "The account is switched on. They can sign in again.")
    else:
        _link(actor, one, key)
        _off(actor, one, key)


def _link(actor: Actor, one: Listed, key: str) -> None:
    by_mail = mail.configured()
    if not by_mail and not one.waiting:
        parts.note(
            "Forgot their password? Mail is not set up, and a link shown here would open the account to you. "
            "Whoever runs the server makes one: `python -m core.admin reset-link`."
        )
        return
    said = "Send a link to choose a password" if by_mail else "Make a new link to hand over"
    if st.button(said, icon=":material/key:", key=f"{key}_link"):
        try:
            link = managing.give_link(actor, one.id)
        except CareLensError as error:
            trouble.refused(error)
        else:
            handed(one.name, link)


def _off(actor: Actor, one: Listed, key: str) -> None:
    with st.form(f"{key}_off", border=False):
        sure = st.checkbox("Sign them out everywhere, and let them in no more", key=f"{key}_sure")
        parts.note("Their programs stop, too. Nothing is erased, and you can switch the account on again.")
        if st.form_submit_button("Switch off", icon=":material/block:", key=f"{key}_off_go"):
            if sure:
                trouble.attempt(partial(managing.switch_off, actor, one.id), "The account is switched off, and signed out everywhere.")
            else:
                st.warning("Nothing was changed. Tick the box first.", icon=":material/info:")
