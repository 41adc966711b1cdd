"""The Account page: the persons the account acts for."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.people import persons
from core.people.policy import Actor
from core.records.tables import PersonPublic
from core.records.times import now
from core.ui import moments, parts, trouble


def show(actor: Actor) -> None:
    """Everyone of the account, to change; and one more."""
    known = persons.persons(actor)
    st.subheader("The people of this account", anchor=False)
    parts.note("Findings belong to a person. With more than one, every page asks at its top who it is for.")
    for person in known:
        you = person.relation == "self"
        with st.expander(f"{moments.plain(person.display_name)}{' (you)' if you else ''}{_age(person)}", icon=":material/person:"):
            _change(actor, person)
    with st.expander("Add a child, or someone in your care", icon=":material/person_add:", key="add_person"):
        _add(actor, any(person.relation == "self" for person in known))


def _age(person: PersonPublic) -> str:
    return f" · born {person.birth_year}" if person.birth_year else ""


def _birth(key: str, person: PersonPublic | None = None) -> tuple[date | None, int | None]:
    """The fields for the birth: the year, or the day, or neither."""
    year, day = st.columns(2)
    this = now().date()
    born_in = year.number_input(
        "Year of birth, if you like",
        persons.FIRST_YEAR,
        this.year,
        person.birth_year if person else None,
        step=1,
        format="%d",
        placeholder="2019",
        key=f"{key}_year",
    )
    born_on = day.date_input(
        "Or the day", person.birth_date if person else None, date(persons.FIRST_YEAR, 1, 1), this, key=f"{key}_day", format="DD/MM/YYYY"
    )
    return (born_on if isinstance(born_on, date) else None), int(born_in) if born_in else None


def _change(actor: Actor, person: PersonPublic) -> None:
    key = f"person_{person.id}"
    with st.form(key, border=False):
        name = person.display_name
        if person.relation != "self":
            name = st.text_input("Name", value=name, key=f"{key}_name", max_chars=100) or ""
        born_on, born_in = _birth(key, person)
        if st.form_submit_button("Save", key=f"{key}_go"):
            trouble.attempt(lambda: persons.change_person(actor, person.id, name, born_on, born_in), "Saved.")


def _add(actor: Actor, has_self: bool) -> None:
    with st.form("add_person_form", border=False, clear_on_submit=True):
        relation = "guardian"
        if not has_self:
            labels = {"guardian": "My child, or someone in my care", "self": "Myself"}
            relation = st.radio("Who is it?", list(labels), format_func=labels.__getitem__, key="add_person_who") or relation
        name = st.text_input("Name", key="add_person_name", max_chars=100) or ""
        born_on, born_in = _birth("add_person")
        if st.form_submit_button("Add", key="add_person_go"):
            trouble.attempt(
                lambda: persons.add_person(actor, name, born_on, born_in, relation), "Added. Every page now asks at its top who it is for."
            )
