"""Accounts: an administrator finds, makes, renames and switches off who can sign in, and sees nothing medical."""

from __future__ import annotations

import streamlit as st

from core.ui import accounts_list, accounts_new, parts, trouble
from core.ui.page import page

here = page("Accounts", allow=("admin",))
with here.column:
    st.title("Accounts", anchor=False)
    parts.lead("Who can sign in here. You see names and addresses, and nobody's photos, findings or messages.")
    trouble.say()
    if not accounts_new.handing_over(here.actor):
        accounts_new.show(here.actor)
        accounts_list.show(here.actor)
