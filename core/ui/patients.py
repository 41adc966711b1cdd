"""Whose timeline it is: for a doctor a patient who let them in, for a patient whoever was chosen at the top of the page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from core.errors import NotFound
from core.people import consent, persons
from core.records.tables import PersonPublic
from core.ui import menu, moments, parts
from core.ui.account_sharing import kind_name
from core.ui.page import Here

PARAMETER = "patient"


def named(person: PersonPublic) -> str:
    """What a person is called in a list, with the year of birth where it is known."""
    return f"{person.display_name}, born {person.birth_year}" if person.birth_year else person.display_name


def whose(here: Here) -> PersonPublic | None:
    """The person the page is about; None, with a word why, while there is none or none is chosen.

    A doctor names the patient in the address (`?patient=`). Raises NotFound for one who did not let them in, or took it back.
    """
    if here.actor.role != "doctor":
        return next((one for one in persons.persons(here.actor) if one.id == here.person_id), None)
    known = {one.id: one for one in consent.patients(here.actor)}
    asked = st.query_params.get(PARAMETER)
    if asked:
        try:
            return known[UUID(asked)]
        except (ValueError, KeyError):
            raise NotFound("This patient does not let you in, or does not any more.", "Ask them, or go back to your patients.") from None
    st.title("Timeline", anchor=False)
    if not known:
        parts.empty("key", "Nobody has let you in yet", "Patients choose on their Account page which doctor may see their records.")
        return None
    chosen = st.selectbox("Patient", list(known), None, lambda id: named(known[id]), placeholder="Choose a patient", key="timeline_patient")
    if chosen is not None:
        st.query_params[PARAMETER] = str(chosen)
        st.rerun()
    return None


def head(here: Here, person: PersonPublic, lines: Sequence[str]) -> None:
    """The top of the page: who it is, what must not be overlooked, and what of them is shown."""
    with parts.row():
        st.title(moments.plain(named(person)) if here.actor.role == "doctor" else "Your timeline", anchor=False, width="stretch")
        if here.actor.role == "doctor" and menu.exists(menu.CLINIC):
            st.page_link(menu.CLINIC.path, label="My patients", icon=":material/groups:")
    said = [line for line in lines if line]
    if here.actor.role == "doctor":
        kinds = sorted(kind for of, kind in here.actor.sees if of == person.id)
        if kinds != ["all"]:
            said.append(f"You see: {parts.listed([moments.lower(kind_name(kind)) for kind in kinds])}.")
    if said:
        parts.lead(" &ensp; ".join(said))
