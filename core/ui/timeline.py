"""The stream of a patient's timeline: the filter, the period, and how each kind of event looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta, tzinfo
from typing import cast
from uuid import UUID

import streamlit as st

from core.insight.rated import Rated
from core.insight.timeline import Event, by_month, counts, stream
from core.people.policy import Actor
from core.records import openings
from core.records.chart_tables import MedicinePublic, NotePublic, OutcomePublic, SignOffPublic
from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.record_tables import RecordPublic
from core.records.thumbnails import outlined_thumbnail
from core.records.times import now
from core.ui import history, moments, parts, rated, timeline_diary, timeline_meeting, trouble
from core.ui.poem_result import written
from core.ui.progress import SCORES, score_words
from core.ui.timeline_sources import NAMES, Gathered, label_name, sources

PERIODS: dict[str, timedelta | None] = {
    "4 weeks": timedelta(weeks=4),
    "3 months": timedelta(days=92),
    "1 year": timedelta(days=366),
    "All": None,
}
PAGE = 15
"""Events on one page of the stream."""
HOWS = {"biopsy": "Biopsy", "treatment": "Answer to treatment", "course": "How it went on"}
GONE = "A doctor who is no longer here"


def show(actor: Actor, found: Gathered, person_id: UUID) -> None:
    """The whole stream of a person, the newest first."""
    where = moments.zone()
    every = stream(sources(found, where))
    if not every:
        parts.empty("timeline", "Nothing here yet", "Findings, scores and notes appear here as soon as there are some.")
        return
    with parts.row():
        period = st.segmented_control("Period", list(PERIODS), default="1 year", required=True, key=f"period_{person_id}")
        there = counts(every)
        names = {kind: f"{NAMES.get(kind, kind.capitalize())} ({there[kind]})" for kind in there}
        chosen = st.pills("Only", list(names), format_func=names.__getitem__, selection_mode="multi", key=f"kinds_{person_id}")
    length = PERIODS[period or "1 year"]
    shown = [event for event in every if length is None or event.at >= now() - length]
    if chosen:
        shown = [event for event in shown if event.kind in chosen]
    if not shown:
        st.markdown("Nothing of this kind in this time. Choose a longer one.")
        return
    slot, pages = st.container(gap="small"), -(-len(shown) // PAGE)
    number = st.pagination(pages, key=f"page_{person_id}_{period}_{len(shown)}") if pages > 1 else 1
    here = shown[(number - 1) * PAGE : number * PAGE]
    if any(event.kind == "finding" for event in here):
        openings.note(actor, person_id, "photos")  # here: the small photos are kept for longer than one opening lasts
    with slot:
        for (year, month), events in by_month(here, where):
            st.markdown(f"#### {moments.MONTHS[month - 1]} {year}")
            for at, event in enumerate(events):
                with st.container(border=True, gap="xsmall", key=f"event_{event.kind}_{event.id}_{year}_{month}_{at}"), trouble.told():
                    DRAW.get(event.kind, _other)(actor, event, found, where)


Draw = Callable[[Actor, Event, Gathered, tzinfo], None]


@st.cache_data(show_spinner=False, max_entries=600, ttl=1800)
def _small(account: str, record: str, version: str, _actor: Actor) -> str:
    return parts.data_url(outlined_thumbnail(_actor, UUID(record)), "image/jpeg")


def small_photo(actor: Actor, record: RecordPublic) -> str:
    """The small photo with its outline, kept for this account until the outline changes."""
    version = f"{record.corrected} {record.outline_accepted} {record.facts['numbers']}"
    return _small(str(actor.account_id), str(record.id), version, actor)


def _finding(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    record = event.what
    assert isinstance(record, RecordPublic)
    name, when = history.title(record, dict(found.spots)), moments.day(event.at, where)
    left, right = st.columns([1, 3], gap="small")
    with left, trouble.told():
        st.image(small_photo(actor, record), width=150, alt=f"{name}, {when}")
    with right:
        _head("center_focus_strong", moments.plain(name), event, where)
        with parts.row(gap="xsmall"):
            words = history.words_of_record(record)
            parts.urgency(words.step, short=not words.when, says=words.when)
            if record.status == "abstained":
                st.badge("Could not tell", color="gray", icon=":material/help:")
            if signed := found.signed(record.id):
                st.badge(f"Signed by {signed[0].doctor or 'a doctor'}", color="green", icon=":material/check_circle:")
        st.markdown(history.headline(record))
        label = f"Open {when.rpartition(' ')[0]}"
        st.button(label, key=f"open_{record.id}", help=f"{name}, {when}", on_click=history.go_to, args=(record.id,))


def _score(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    assert isinstance(event.what, ScorePublic)
    _head("edit_note", SCORES.get(event.what.instrument, event.what.instrument), event, where, clock=False)
    st.markdown(moments.upper(score_words(event.what)))


def _treatment(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    one, day = cast("tuple[TreatmentPublic, date]", event.what)
    ends = one.ended_on == day and one.started_on != day
    _head("medication_liquid", moments.plain(one.name) + (" ends" if ends else " begins"), event, where, clock=False)


def _medicine(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    one, day = cast("tuple[MedicinePublic, date]", event.what)
    ends = one.ended_on == day and one.started_on != day
    _head("pill", moments.plain(one.name) + (" ends" if ends else " begins"), event, where, clock=False)
    if one.dose:
        st.markdown(moments.plain(one.dose))


def _rating(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    one = event.what
    assert isinstance(one, Rated)
    _head("stethoscope", f"Rated by {moments.plain(one.doctor) or GONE}", event, where)
    st.markdown(f"{rated.signs(one)}. {rated.scored(one)}")


def note_body(one: NotePublic) -> None:
    """The parts of a note that hold something."""
    for name, words in (("Observed", one.observed), ("Diagnosis", one.diagnosis), ("Advice", one.advice), ("Plan", one.plan)):
        if words:
            parts.ask(name, "  \n".join(moments.plain(line) for line in words.split("\n")))
    if one.follow_up_on:
        parts.ask("To come again", written(one.follow_up_on))


def _note(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    one = event.what
    assert isinstance(one, NotePublic)
    _head("description", f"{'Amendment' if one.amends_id else 'Note'} by {moments.plain(one.doctor) or GONE}", event, where)
    before = next((other for other in found.notes if other.id == one.amends_id), None)
    if before is not None and before.signed_at is not None:
        parts.note(f"Sets right the note of {moments.day_and_time(before.signed_at, where)}.")
    note_body(one)
    if any(other.amends_id == one.id and other.state == one.state for other in found.notes):
        parts.note(":material/info: There is a later amendment to this note.")
    if actor.role == "doctor":
        st.button("Amend", key=f"amend_{one.id}", type="tertiary", on_click=_amend, args=(one.id,))


def _amend(note_id: UUID) -> None:
    st.session_state["amend"] = note_id


def about(found: Gathered, record_id: UUID, where: tzinfo) -> tuple[str, str]:
    """What the finding is called that a sign-off or an outcome is about, and its examination."""
    record = next((one for one in found.records if one.id == record_id), None)
    if record is None:
        return "a finding", ""
    return f"{history.title(record, dict(found.spots))}, {moments.day(record.taken_at, where)}", record.examination


def _signed(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    one = event.what
    assert isinstance(one, SignOffPublic)
    name, examination = about(found, one.record_id, where)
    _head("check_circle", f"Seen by {moments.plain(one.doctor) or GONE}: {moments.plain(name)}", event, where)
    if one.label:
        st.markdown(f"Their own assessment: **{moments.plain(label_name(examination, one.label))}**")
    if one.says:
        st.markdown(moments.plain(one.says))


def _outcome(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    one = event.what
    assert isinstance(one, OutcomePublic)
    name, examination = about(found, one.record_id, where)
    _head("verified", f"{HOWS[one.how]}: {moments.plain(name)}", event, where, clock=False)
    if one.label:
        st.markdown(f"It was: **{moments.plain(label_name(examination, one.label))}**")
    if one.says:
        st.markdown(moments.plain(one.says))


def _other(actor: Actor, event: Event, found: Gathered, where: tzinfo) -> None:
    """Of a source that brought no drawing of its own."""
    _head("event", event.kind.replace("_", " ").capitalize(), event, where)


def _head(icon: str, title: str, event: Event, where: tzinfo, clock: bool = True) -> None:
    when = moments.day_and_time(event.at, where) if clock else moments.day(event.at, where)
    parts.titled(title, moments.upper(when), icon)


DRAW: dict[str, Draw] = {
    "finding": _finding,
    "score": _score,
    "treatment": _treatment,
    "rating": _rating,
    "note": _note,
    "sign_off": _signed,
    "outcome": _outcome,
    "medicine": _medicine,
    "message": lambda actor, event, found, where: timeline_meeting.draw_message(event, where),
    "appointment": lambda actor, event, found, where: timeline_meeting.draw_visit(event, where),
    "diary": lambda actor, event, found, where: timeline_diary.draw(event, where),
}
"""How each kind of event is drawn. Whoever adds a source to `timeline_sources.FURTHER` adds the drawing of its kind here."""
