"""The Account page: which doctors may see a person's records, which of them and how long, and what they opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import streamlit as st

from core.errors import InvalidInput
from core.people import consent, persons
from core.people.policy import CHART, DIARY, EVERYTHING, Actor
from core.records.appointment_tables import AppointmentPublic
from core.records.appointments import appointments
from core.records.consent_tables import ConsentPublic, OpeningPublic
from core.records.tables import AccountPublic, PersonPublic
from core.records.times import now
from core.ui import meeting, moments, parts, poem_result, trouble
from core.ui.finding_card import examination_title

OPENED = {
    "list": "The list of findings",
    "photos": "The small photos",
    "finding": "One finding",
    "diary": "Scores and treatments",
    "chart": "Notes, allergies and medicines",
}
GONE = "A doctor who is no longer here"
BY_LIST, BY_CODE = "From the clinic's list", "By a code the doctor gave me"
NAMES = {DIARY: "Scores and treatments", CHART: "Notes, allergies and medicines"}
UNTIL = {"Until I take it back": None, "1 week": 7, "1 month": 30, "6 months": 182}
"""How long: what is offered, in days; and a day of one's own."""
OWN_DAY = "Until a day"
PER_PAGE = 50
"""Openings shown at once."""


def show(actor: Actor) -> None:
    """For every person of the account: who is let in, one more, and what was opened."""
    st.subheader("Who may see my records", anchor=False)
    known, clinic = persons.persons(actor), consent.doctors(actor)
    parts.note(
        "A doctor you let in sees every finding, photo, score and treatment, or only what you choose, and can rate, sign and write notes. "
        "They can change and delete nothing of yours. You can take it back at any time: at once they see nothing."
    )
    for person in known:
        with st.container(border=True, key=f"sharing_{person.id}"):
            _person(actor, person, clinic, len(known) > 1)


def kind_name(kind: str) -> str:
    """What a kind of records is called."""
    return NAMES.get(kind) or examination_title(kind)


def what(one: ConsentPublic) -> str:
    """What a consent is for and how long: `skin check, scores and treatments; until 3 May 2026`."""
    of = "everything" if one.kinds == EVERYTHING else parts.listed([moments.lower(kind_name(kind)) for kind in one.kinds.split()])
    return of + (f"; until {moments.day_and_time(one.ends_at, moments.zone())}" if one.ends_at else "")


def cancelled_too(coming: Sequence[AppointmentPublic]) -> str:
    """What becomes of appointments with a doctor, in order, who is let in no more; empty without any."""
    if not coming:
        return ""
    first = meeting.when(coming[0], moments.zone())
    if len(coming) == 1:
        return f"Your appointment on {first} is cancelled too if you take this back, or if you let them in only until before it."
    others = f"Your {len(coming)} appointments with them, the first on {first}, are cancelled too if you take this back."
    return f"{others} If you let them in for a shorter time, those after it are."


def _person(actor: Actor, person: PersonPublic, clinic: Sequence[AccountPublic], several: bool) -> None:
    if several:
        parts.titled(moments.plain(person.display_name), icon="person")
    let_in = consent.consents(actor, person.id)
    zone = moments.zone()
    coming = [one for one in appointments(actor, person.id) if one.status != "cancelled" and one.starts_at > now()] if let_in else []
    for one in let_in:
        name = moments.plain(one.doctor)
        with parts.row(wrap=False):
            parts.titled(name, f"Let in on {moments.day(one.created_at, zone)}: {what(one)}", "stethoscope")
            if st.button("Take back", key=f"shut_{person.id}_{one.account_id}", help=f"{one.doctor} sees nothing any more"):
                done = f"{name} sees nothing of {_whose(person, several)} any more."
                trouble.attempt(partial(consent.take_back, actor, person.id, one.account_id), done)
        if off := cancelled_too([visit for visit in coming if visit.account_id == one.account_id]):
            parts.note(off)
    if not let_in:
        st.markdown("Nobody but the people of this account.")
    inside = {one.account_id for one in let_in}
    _choose(actor, person, {one.id: one.name for one in clinic if one.id not in inside}, several)
    _openings(actor, person.id)


def _choose(actor: Actor, person: PersonPublic, names: dict[UUID, str], several: bool) -> None:
    key = f"let_in_{person.id}"
    ways = [BY_LIST, BY_CODE]
    if not names:
        ways.remove(BY_LIST)
        parts.note("There is no other doctor in this clinic's list. With a code you can still let one in, or change what they see.")
    way = st.segmented_control("Let a doctor in", ways, default=ways[0], required=True, key=f"{key}_way")
    with st.form(key, border=False):
        chosen, code = None, ""
        if way == BY_LIST:
            label = "Let a doctor of this clinic in"
            chosen = st.selectbox(label, list(names), None, names.__getitem__, placeholder="Choose a doctor", key=f"doctor_{person.id}")
        else:
            code = st.text_input("Code of the doctor", key=f"{key}_code", max_chars=20, placeholder="K7PM-2WXR-9QAC", autocomplete="off")
        all_kinds = list(consent.kinds())
        only = st.multiselect(
            "What they may see", all_kinds, format_func=kind_name, placeholder="Everything, also what comes later", key=f"{key}_kinds"
        )
        until = st.selectbox("How long", [*UNTIL, OWN_DAY], key=f"{key}_until")
        day = st.date_input("The day, for “Until a day”", None, min_value=poem_result.today(), key=f"{key}_day")
        if st.form_submit_button("Let in", icon=":material/key:", key=f"{key}_go"):
            go = partial(_let_in, actor, person, chosen, code or "", only, _ends(until, day))
            who = moments.plain(names[chosen]) if chosen else "The doctor of this code"
            trouble.attempt(go, f"{who} may now see the records of {_whose(person, several)}.")


def _ends(until: str, day: date | None) -> datetime | None:
    """The moment a choice of how long ends, aware; a day ends with its last minute on the person's own clock."""
    here = datetime.now(moments.zone())
    if until == OWN_DAY:
        # Where no day was chosen: refused like one that is past.
        return here - timedelta(days=1) if day is None else datetime.combine(day, time(23, 59), moments.zone())
    days = UNTIL[until]
    return here + timedelta(days=days) if days else None


def _let_in(actor: Actor, person: PersonPublic, chosen: UUID | None, code: str, only: Sequence[str], ends: datetime | None) -> None:
    if chosen is None and not code.strip():
        raise InvalidInput("No doctor is chosen yet.", "Choose one from the list, or type the code.")
    doctor = chosen or consent.doctor_of_code(actor, code).id
    consent.let_in(actor, person.id, doctor, ends_at=ends, kinds=only or None)


def _whose(person: PersonPublic, several: bool) -> str:
    return moments.plain(person.display_name) if several else "yours"


def _openings(actor: Actor, person_id: UUID) -> None:
    """All of it, a page at a time: one visit of a doctor is many openings, and none of them may drop out of sight."""
    with st.expander("What was opened, and when"):
        many = consent.count_openings(actor, person_id)
        if not many:
            st.markdown("No doctor has opened anything yet.")
            return
        slot, pages = st.container(), -(-many // PER_PAGE)
        number = st.pagination(pages, key=f"openings_{person_id}") if pages > 1 else 1
        with slot:
            _opened(consent.openings(actor, person_id, PER_PAGE, (number - 1) * PER_PAGE))


def _opened(found: Sequence[OpeningPublic]) -> None:
    zone = moments.zone()
    columns = {
        "When": [moments.upper(moments.day_and_time(one.created_at, zone)) for one in found],
        "Who": [moments.plain(one.doctor) or GONE for one in found],
        "What": [OPENED.get(one.what, one.what) for one in found],
    }
    st.table(columns, border="horizontal")
    parts.note("The same thing opened again within ten minutes is told once.")


def code(actor: Actor) -> None:
    """For a doctor: a code that patients type to let them in."""
    with st.container(border=True, gap="small"):
        parts.titled("A code for your patients", "Who types it on their Account page finds you, and chooses what you may see.", "key")
        if st.button("Make a code", key="doctor_code_go", help="One that you made before works no more"):
            with trouble.told():
                st.code(consent.make_code(actor), language=None)
                parts.note("It works for 30 days, for as many patients as you like. It is shown this once. By itself it opens nothing.")
