"""The letter to the next doctor, for the patient and for a doctor they let in: choose the time, make it, save it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import streamlit as st

from core.consult.summary import gather
from core.people.policy import Actor
from core.records.export_words import safe
from core.ui import moments, parts, trouble
from core.ui.data_rights import in_words
from core.ui.poem_result import today
from core.web import downloads

ALL, CHOSEN = "All", "Days I choose"
PERIODS = {ALL: None, "3 months": timedelta(days=92), "1 year": timedelta(days=366), CHOSEN: None}
PDF, FHIR = "Letter (PDF)", "File for another system (FHIR)"


def offer(actor: Actor, person_id: UUID) -> None:
    """The part of the page. What is made is for this account alone, and for as long as the person lets it."""
    key = f"summary_{person_id}"
    with st.expander("A letter to another doctor", icon=":material/description:", key=f"{key}_part"):
        parts.note("Findings with photos, scores, signed notes, medicines and allergies of one person, as far as you may see them.")
        period = st.selectbox("Of which time", list(PERIODS), key=f"{key}_period")
        since, until = _days(str(period), key)
        with parts.row():
            letter = st.button(PDF, icon=":material/picture_as_pdf:", key=f"{key}_pdf")
            file = st.button(FHIR, icon=":material/data_object:", key=f"{key}_fhir")
        if letter or file:
            with trouble.told():
                st.session_state[f"{key}_ready"] = _made(actor, person_id, since, until, letter)
        ready: tuple[str, str, int] | None = st.session_state.get(f"{key}_ready")
        if ready is not None and downloads.waiting(ready[0]):
            address, name, size = ready
            st.link_button(f"Save {name} ({in_words(size)})", address, type="primary", icon=":material/download:")
            parts.note("It is ready for 15 minutes. Whoever has the file can read it: keep it somewhere safe.")


def _days(period: str, key: str) -> tuple[date | None, date | None]:
    """The first and the last day of a choice of PERIODS."""
    if period == CHOSEN:
        with parts.row():
            return st.date_input("From", None, key=f"{key}_since"), st.date_input("To", None, key=f"{key}_until")
    length = PERIODS.get(period)
    return (None, None) if length is None else (today() - length, None)


def _made(actor: Actor, person_id: UUID, since: date | None, until: date | None, letter: bool) -> tuple[str, str, int]:
    """The file, ready to be fetched: its address, name and size in bytes."""
    with st.spinner("Writing the letter"):
        found = gather(actor, person_id, moments.zone(), since=since, until=until)
        if letter:
            from core.consult.summary_pdf import write_letter  # fpdf2 takes a moment to load

            data, ending = write_letter(found), "pdf"
        else:
            from core.consult.summary_fhir import write_bundle

            data, ending = write_bundle(found), "json"
        name = f"{safe(found.person.display_name, 'patient')}-{found.day(found.made_at).isoformat()}.{ending}"
        return downloads.offer_bytes(actor.account_id, data, name, found.may_have), name, len(data)
