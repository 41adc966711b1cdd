"""Opens the links of our mails: to choose a new password, or to finish a sign-up."""

import streamlit as st

from core.ui import guard, links, parts
from core.ui.page import page

here = page("Open a link", allow=guard.EVERYONE, first=links.screen)
with here.column:
    st.title("Open a link", anchor=False)
    parts.empty("link", "There is no link to open", "This page opens links from our mails. You are signed in, so you need none now.")
