"""Beside a patient's timeline: what is urgent, tasks, the note that is being written, allergies and medicines."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import streamlit as st

from core.insight.follow_up import follow_up_of
from core.people.policy import Actor
from core.records import medicines, notes, tasks
from core.records.chart_tables import DRAFT, NotePublic
from core.records.record_tables import RecordPublic
from core.ui import history, moments, parts, trouble
from core.ui.poem_result import today, written
from core.ui.timeline_sources import Gathered, waiting

PARTS = {"observed": "What I saw", "diagnosis": "Diagnosis", "advice": "Advice to the patient", "plan": "Treatment plan"}


def allergy_line(found: Gathered) -> str:
    """The allergies in one line, for the top of the page; empty where the chart may not be read."""
    if not found.chart:
        return ""
    said = [f"{one.substance} ({one.reaction})" if one.reaction else one.substance for one in found.allergies]
    return f"Allergies: {moments.plain(', '.join(said))}" if said else "No allergy is known here."


def to_do(actor: Actor, found: Gathered, person_id: UUID) -> None:
    """Urgent findings without a visit first, then the tasks in the order in which they are due, and one more."""
    st.subheader("To do", anchor=False)
    for record in waiting(found):
        _urgent(record, found)
    for task in found.tasks:
        due = f"Due {written(task.due_on)}" if task.due_on else "Any time"
        late = task.due_on is not None and task.due_on < today()
        with parts.row(wrap=False):
            parts.titled(moments.plain(task.what), f"{due}{', late' if late else ''} · {moments.plain(task.doctor)}", "task_alt")
            if st.button("Done", key=f"done_{task.id}", help=f"Done: {task.what}"):
                trouble.attempt(partial(tasks.do_task, actor, task.id), "Done.")
    with st.form(f"task_{person_id}", border=False, clear_on_submit=True):
        what = st.text_input("Something to do", key=f"task_what_{person_id}", max_chars=200)
        due_on = st.date_input("Until", None, key=f"task_due_{person_id}")
        if st.form_submit_button("Add", key=f"task_go_{person_id}"):
            trouble.attempt(partial(tasks.add_task, actor, person_id, what or "", due_on), "Added.")


def _urgent(record: RecordPublic, found: Gathered) -> None:
    name, when = history.title(record, dict(found.spots)), moments.day(record.taken_at, moments.zone())
    with st.container(border=True, gap="xsmall", key=f"urgent_{record.id}"):
        words = history.words_of_record(record)
        parts.urgency(words.step, short=not words.when, says=words.when)
        st.markdown(f"**{moments.plain(name)}** :gray[· {when}]  \n:small[No visit within two weeks, and nobody signed it yet.]")
        st.button(f"Look at {name}", key=f"look_{record.id}", on_click=history.go_to, args=(record.id,))


def note(actor: Actor, found: Gathered, person_id: UUID) -> None:
    """The form of a note: one's own draft, an amendment, or a new one; and the drafts that wait."""
    st.subheader("Note", anchor=False)
    drafts = [one for one in found.notes if one.state == DRAFT and one.mine]
    amends = st.session_state.get("amend")
    old = next((one for one in found.notes if one.id == amends), None)
    draft: NotePublic | None = drafts[-1] if drafts and old is None else None
    if draft is not None:
        parts.note(f":material/edit: Your draft of {moments.day_and_time(draft.created_at, moments.zone())}. Nobody else sees it yet.")
        amends = draft.amends_id
    elif old is not None:
        with parts.row():
            parts.note(f":material/edit: An amendment to the note of {moments.day_and_time(old.created_at, moments.zone())}, which stays.")
            if st.button("Not now", key="amend_not", type="tertiary"):
                st.session_state.pop("amend")
                st.rerun()
    key = f"note_{person_id}_{draft.id if draft else amends}"
    with st.form(key, border=False):
        given = {
            name: st.text_area(label, getattr(draft, name, ""), key=f"{key}_{name}", max_chars=4000, height=100) or ""
            for name, label in PARTS.items()
        }
        says = "Left empty, the day that an earlier note names stays."
        again = st.date_input("To come again on", draft.follow_up_on if draft else None, key=f"{key}_again", help=says)
        with parts.row():
            keep = st.form_submit_button("Keep as a draft", key=f"{key}_keep", shortcut="Ctrl+Shift+K")
            sign = st.form_submit_button("Sign", type="primary", icon=":material/ink_pen:", key=f"{key}_sign")
        parts.note("The patient reads a note once it is signed. From then on it can only be amended.")

        def put() -> None:
            if draft is not None:
                made = notes.change_note(actor, draft.id, **given, follow_up_on=again)
            else:
                made = notes.write_note(actor, person_id, **given, follow_up_on=again, amends=amends)
            st.session_state.pop("amend", None)
            if sign:
                notes.sign_note(actor, made.id)

        if keep or sign:
            trouble.attempt(put, "Signed. The patient reads it from now on." if sign else "Kept as your draft.")
    if draft is not None and st.button("Drop this draft", key=f"{key}_drop", type="tertiary"):
        trouble.attempt(partial(notes.delete_draft, actor, draft.id), "The draft is gone.")


def taken(actor: Actor, found: Gathered, person_id: UUID) -> None:
    """Allergies and medicines, for everybody who may read them; the patient and their doctors keep them together."""
    if not found.chart:
        return
    st.subheader("Allergies and medicines", anchor=False)
    for allergy in found.allergies:
        with parts.row(wrap=False):
            parts.titled(moments.plain(allergy.substance), moments.plain(allergy.reaction) or "Reaction not said", "warning")
            if st.button("Strike", key=f"strike_{allergy.id}", help=f"{allergy.substance} is no allergy"):
                trouble.attempt(partial(medicines.strike_allergy, actor, allergy.id), "It is not listed any more.")
    for one in found.medicines:
        since = f"since {written(one.started_on)}" if one.started_on else ""
        until = f"until {written(one.ended_on)}" if one.ended_on else ""
        with parts.row(wrap=False):
            parts.titled(moments.plain(one.name), ", ".join(filter(None, (moments.plain(one.dose), since, until))), "pill")
            if one.ended_on is None and st.button("Ended", key=f"ended_{one.id}", help=f"{one.name} is not taken any more"):
                trouble.attempt(partial(medicines.end_medicine, actor, one.id, today(), today=today()), "Noted as ended today.")
    with st.expander("Add a medicine or an allergy"):
        with st.form(f"medicine_{person_id}", border=False, clear_on_submit=True):
            name = st.text_input("Medicine", key=f"medicine_name_{person_id}", max_chars=100)
            dose = st.text_input("How much and how often", key=f"medicine_dose_{person_id}", max_chars=100)
            start = st.date_input("Since", None, key=f"medicine_since_{person_id}")
            if st.form_submit_button("Add the medicine", key=f"medicine_go_{person_id}"):
                trouble.attempt(partial(medicines.add_medicine, actor, person_id, name or "", dose or "", start), "Added.")
        with st.form(f"allergy_{person_id}", border=False, clear_on_submit=True):
            substance = st.text_input("Allergic to", key=f"allergy_to_{person_id}", max_chars=100)
            reaction = st.text_input("What happens then", key=f"allergy_what_{person_id}", max_chars=200)
            if st.form_submit_button("Add the allergy", key=f"allergy_go_{person_id}"):
                trouble.attempt(partial(medicines.add_allergy, actor, person_id, substance or "", reaction or ""), "Added.")


def follow_up(found: Gathered) -> str:
    """When the signed notes say to come again; empty where none does."""
    day = follow_up_of(found.notes, moments.zone())
    return f"To come again: {written(day)}." if day else ""
