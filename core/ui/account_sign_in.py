"""The Account page: e-mail address and password."""

from __future__ import annotations

import streamlit as st

from core.errors import InvalidInput
from core.people import accounts, mail, sessions
from core.people.policy import Actor
from core.ui import parts, trouble


def email(actor: Actor) -> None:
    """The address one signs in with, and the form to change it."""
    with st.container(border=True):
        parts.note("You sign in with")
        st.text(actor.email)
    with (
        st.expander("Change your e-mail address", icon=":material/mail:", key="email"),
        st.form("change_email", border=False, clear_on_submit=True),
    ):
        new = st.text_input("New e-mail address", key="email_new", autocomplete="email", max_chars=254)
        known = st.text_input("Your password", type="password", key="email_password", autocomplete="current-password", max_chars=200)
        told = "We write to the old address that it was changed." if mail.configured() else ""
        parts.note(f"All your other browsers are then signed out. {told}".strip())
        if st.form_submit_button("Change address", key="email_go"):
            trouble.attempt(lambda: accounts.change_email(actor, known or "", new or ""), "Your e-mail address is changed.")


def password(actor: Actor) -> None:
    """The form to change the password."""
    with (
        st.expander("Change your password", icon=":material/key:", key="password"),
        st.form("change_password", border=False, clear_on_submit=True),
    ):
        old = st.text_input("Present password", type="password", key="password_old", autocomplete="current-password", max_chars=200)
        new = st.text_input("New password", type="password", key="password_new", autocomplete="new-password", max_chars=200)
        again = st.text_input("New password, once more", type="password", key="password_again", autocomplete="new-password", max_chars=200)
        parts.note("All your other browsers are then signed out, and access tokens end.")
        if st.form_submit_button("Change password", key="password_go"):
            if new != again:
                trouble.refused(InvalidInput("The two new passwords are not the same.", "Please type them again."))
            else:
                trouble.attempt(lambda: sessions.change_password(actor, old or "", new or ""), "Your password is changed.")
