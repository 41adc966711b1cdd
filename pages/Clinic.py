"""My patients: everyone who let this doctor in, the most urgent first."""

from __future__ import annotations

import streamlit as st

from core.ui import clinic, parts, trouble
from core.ui.page import page

here = page("My patients", allow=("doctor",), width=1100)

with here.column:
    st.title("My patients", anchor=False)
    with trouble.told():
        clinic.show(here.actor)
    parts.note("Urgent is what nobody signed yet. Open a patient to read the finding, sign it, and write a note.")
