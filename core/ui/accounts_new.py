"""The Accounts page: the form for a new account, and a link to a first password, shown once."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from core.errors import CareLensError, InvalidInput
from core.people import links, mail, managing
from core.people.policy import ROLES, Actor, Role
from core.settings import settings
from core.ui import moments, parts, session, trouble

ROLE_NAMES: dict[Role, str] = {"patient": "Patient", "doctor": "Doctor", "staff": "Screening desk", "admin": "Administrator"}
ROLE_HELP = (
    "Patients keep records of themselves and people in their care. Doctors see only patients who let them in, and the screening desk. "
    "The screening desk sees its own photos alone. Administrators manage accounts. A role stays as it is: somebody who is both "
    "a doctor and a patient gets two accounts, with two addresses."
)
_LINK, _ROUND = "_accounts_link", "_accounts_round"


def show(actor: Actor) -> None:
    """The form for a new account. What was typed stays until it is accepted."""
    number = st.session_state.get(_ROUND, 0)  # fields with other keys are empty fields
    with (
        st.expander("Make an account", icon=":material/person_add:", key=f"new_account_{number}"),
        st.form(f"new_account_form_{number}", border=False),
    ):
        name = st.text_input("Name", key=f"new_name_{number}", autocomplete="off", max_chars=100)
        email = st.text_input("E-mail", key=f"new_email_{number}", autocomplete="off", max_chars=254)
        role = st.selectbox(
            "What are they?", ROLES, None, ROLE_NAMES.__getitem__, key=f"new_role_{number}", placeholder="Choose", help=ROLE_HELP
        )
        parts.note(f"They choose their own password. {_how()}")
        if st.form_submit_button("Make the account", type="primary", key="new_account_go"):
            try:
                if role is None:
                    raise InvalidInput("Please choose what they are.", "It cannot be changed later.")
                made = managing.make_account(actor, email or "", name or "", role)
            except CareLensError as error:
                trouble.refused(error)
                return
            st.session_state[_ROUND] = number + 1
            handed(name or "", made.link)


def _how() -> str:
    if mail.configured():
        return "We send them a link by mail."
    return "Mail is not set up, so you get a link here to hand over."


def handed(name: str, link: str) -> None:
    """On the fresh page: say that a link went out by mail (`link` is empty then), or show it once."""
    if link:
        st.session_state[_LINK] = (name, link)
    else:
        trouble.will_say("A mail with a link is on its way. With it they choose their password.")
    st.rerun()


def handing_over(actor: Actor) -> bool:
    """Show a link that was just made, until it is put away. Whether there is one."""
    kept: tuple[str, str] | None = st.session_state.get(_LINK)
    if kept is None:
        return False
    name, link = kept
    minutes = int(links.LIFE.total_seconds() // 60)
    with st.container(border=True, key="account_link"):
        parts.titled(
            f"A link for {moments.plain(name)}",
            f"With it they choose their password. It works once, for {minutes} minutes, and is not shown again.",
            "key",
        )
        st.code(at_this_house(link, st.context.url), language=None, wrap_lines=True)
        parts.note("Give it to nobody else, and do not open it yourself: whoever opens it first has the account.")
        st.button("I have handed it over", type="primary", key="account_link_seen", on_click=_put_away, args=(actor,))
    return True


def at_this_house(link: str, url: str | None) -> str:
    """A link at the address where this page was opened, unless the settings say where CareLens is."""
    here = urlsplit(url or "")
    if settings().base_url or here.scheme not in ("http", "https") or not here.netloc:
        return link
    return urlunsplit(urlsplit(link)._replace(scheme=here.scheme, netloc=here.netloc))


def _put_away(actor: Actor) -> None:
    session.still(actor)
    st.session_state.pop(_LINK, None)
