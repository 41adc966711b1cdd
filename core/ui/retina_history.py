"""The two eyes of a person over time: what was found last in each, every earlier photo, and the grades as a chart and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from uuid import UUID

import streamlit as st

from core.examinations.finding import EYES, Eye
from core.examinations.retina_texts import grades
from core.instruments.icdr import grade_of
from core.people.policy import Actor
from core.records.findings import list_records
from core.records.record_tables import RecordPublic
from core.ui import history, menu, moments, parts, trouble
from core.ui import progress_charts as charts
from core.ui.eye_place import NAMES

EXAMINATION = "retina"
MOST = 500
"""Photos on the page, the newest."""
LEVELS = 4
"""Grades above none: the dots of a grade."""


@dataclass(frozen=True)
class Seen:
    """One saved photo of an eye. `grade` 0-4, None where the check gave no answer."""

    record: RecordPublic
    eye: Eye
    grade: int | None


def load(actor: Actor, person_id: UUID) -> list[Seen]:
    """Every saved photo of either eye, oldest first. NotAllowed, Unavailable."""
    found = list_records(actor, person_id, examination=EXAMINATION, limit=MOST)[::-1]
    return [seen for record in found if (seen := _seen(record)) is not None]


def _seen(record: RecordPublic) -> Seen | None:
    for eye in EYES:
        if record.side == eye:
            return Seen(record, eye, grade_of(record.label).grade if record.status == "ok" else None)
    return None


def eyes(actor: Actor, known: Sequence[Seen], zone: tzinfo) -> None:
    """Both eyes side by side: the newest photo of each, and the way to every earlier one."""
    for column, eye in zip(st.columns(2), EYES, strict=True):
        own = [one for one in known if one.eye == eye]
        with column, st.container(border=True, gap="xsmall", key=f"eye_{eye}"):
            parts.titled(NAMES[eye], icon=menu.RETINA.icon)
            if not own:
                st.markdown(f"No photo of the {eye} eye is saved yet.")
                continue
            _newest(actor, own[-1], zone)
            st.markdown(changed(own))
            _earlier(own, zone)


def _newest(actor: Actor, one: Seen, zone: tzinfo) -> None:
    when = moments.day(one.record.taken_at, zone)
    with trouble.told():
        st.image(history.thumbnail_address(actor, one.record), width="stretch", alt=f"{NAMES[one.eye]}, {when}")
    st.markdown(f"{told(one)}  \n:small[:gray[{when}]]")
    words = history.words_of_record(one.record)
    parts.urgency(one.record.facts["step"], says=words.when)


def _earlier(own: Sequence[Seen], zone: tzinfo) -> None:
    with st.expander(f"All {len(own)} photos of this eye" if len(own) > 1 else "Open the photo"):
        for one in reversed(own):
            with parts.row(wrap=False):
                st.markdown(f"{moments.day(one.record.taken_at, zone)}  \n:small[{told(one)}]", width="stretch")
                if st.button("Open", key=f"open_{one.record.id}", help=f"{NAMES[one.eye]}, {moments.day(one.record.taken_at, zone)}"):
                    st.switch_page(menu.HISTORY.path, query_params={"record": str(one.record.id)})


def told(one: Seen) -> str:
    """A grade in words and dots: `●●○○ Grade 2: moderate`."""
    if one.grade is None:
        return "No clear answer"
    return f"{parts.dots(one.grade, LEVELS)} Grade {one.grade}: {grades()[str(one.grade)].name.lower()}"


def changed(own: Sequence[Seen]) -> str:
    """What has changed since the last graded photo of this eye; one step alone is told with its doubt."""
    graded = [one.grade for one in own if one.grade is not None]
    if len(graded) < 2:
        return "This is the first grade of this eye." if graded else "This eye has no grade yet."
    step = graded[-1] - graded[-2]
    if step == 0:
        return "The same grade as last time."
    word = "higher" if step > 0 else "lower"
    if abs(step) == 1:
        return f"One grade {word} than last time. A step of one can also come from the photo."
    return f"{abs(step)} grades {word} than last time."


def trend(known: Sequence[Seen], zone: tzinfo) -> None:
    """The grades of both eyes over time, as a chart and as a table."""
    graded = [one for one in known if one.grade is not None]
    if not graded:
        return
    st.subheader("How it went", anchor=False)
    days = [moments.local(one.record.taken_at, zone).date() for one in graded]
    air = max(timedelta(days=14), (days[-1] - days[0]) / 20)
    lines = []
    for eye in EYES:
        own = [one for one in graded if one.eye == eye]
        values = [float(one.grade or 0) for one in own]
        if own:
            lines.append(charts.Line(NAMES[eye], [moments.local(one.record.taken_at, zone).date() for one in own], values))
    fig = charts.extent(lines, [text.name for text in grades().values()], [], (days[0] - air, days[-1] + air), "grade %{y}")
    said = [f"{line.name}: grade {line.values[0]:g} to {line.values[-1]:g}" for line in lines]
    parts.chart(fig, 280, f"Grades over time. {'; '.join(said)}.", top=40, legend=True)
    with st.expander("The same as a table"):
        st.table(table(known, zone), border="horizontal")
    parts.note("Every photo keeps the grade it got on its day. No later photo changes it.")


def table(known: Sequence[Seen], zone: tzinfo) -> dict[str, list[str]]:
    """Every photo, the newest first."""
    rows = [
        (moments.day(one.record.taken_at, zone), NAMES[one.eye], told(one), _could_be(one), history.step_words(one.record))
        for one in reversed(known)
    ]
    names = ("When", "Eye", "Grade", "Could be", "Next step")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _could_be(one: Seen) -> str:
    """The grades that could not be excluded: `1 to 2`."""
    shown = sorted(history.finding_of(one.record).cannot_exclude)
    return " to ".join(dict.fromkeys((shown[0], shown[-1]))) if shown else ""
