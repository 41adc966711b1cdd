"""What the Progress page shows of scores and measurements: the week now, the charts, and the same as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

import streamlit as st

from core.examinations.region_area import band_of
from core.insight.progress import Measured, Place, numbers_of, places
from core.instruments import easi, poem, scorad
from core.people.policy import Actor
from core.records import findings, scores, treatments
from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.record_tables import RecordPublic
from core.ui import menu, moments, parts, poem_result, severity
from core.ui import progress_charts as charts
from core.ui.part import Part

EXAMINATION = "eczema"
MOST = 500
"""Photos on the page, the newest; more in one view would tell nobody anything."""
PERIODS: dict[str, timedelta | None] = {"3 months": timedelta(days=92), "1 year": timedelta(days=366), "All": None}
SCORES = {"poem": "POEM", "po_scorad": "PO-SCORAD"}
SHARE, REDNESS, EXTENT = "Affected skin", "Redness", "Extent"
LINES = 3
"""Parts of the body in one chart."""
SIGNS = ("●", "■", "◆")
"""The marks of the lines, as `core.ui.charts.MARKS` draws them."""


@dataclass(frozen=True)
class Weeks:
    """Everything the page is about, of the days of `span`: scores and photos oldest first.

    `before`: every finished score, also older ones, to compare the newest with.
    """

    span: tuple[date, date]
    scores: Sequence[ScorePublic]
    before: Sequence[ScorePublic]
    treatments: Sequence[TreatmentPublic]
    records: Sequence[RecordPublic]
    photos: Sequence[Measured]

    @property
    def marks(self) -> list[charts.Mark]:
        """The treatments as the charts show them: where one began, and where it ended."""
        return [mark for one in self.treatments for mark in marks_of(one)]

    @property
    def empty(self) -> bool:
        """There is nothing yet, in no period."""
        return not (self.before or self.records or self.treatments)


def marks_of(treatment: TreatmentPublic) -> list[charts.Mark]:
    """A treatment's first day and, where it ended, its last."""
    begin = charts.Mark(treatment.started_on, treatment.name)
    return [begin] if treatment.ended_on is None else [begin, charts.Mark(treatment.ended_on, f"{treatment.name} ends")]


def load(actor: Actor, person_id: UUID, period: str, zone: tzinfo, today: date) -> Weeks:
    """Read what belongs to a period (a key of PERIODS). NotAllowed, Unavailable."""
    known = scores.list_scores(actor, person_id)
    records = findings.list_records(actor, person_id, examination=EXAMINATION, limit=MOST)[::-1]
    given = treatments.list_treatments(actor, person_id)
    length = PERIODS[period]
    days = [one.day for one in known] + [moments.local(one.taken_at, zone).date() for one in records] + [one.started_on for one in given]
    start = today - length if length else min([*days, today - timedelta(weeks=4)])
    shown = [record for record in records if moments.local(record.taken_at, zone).date() >= start]
    return Weeks(
        (start - timedelta(days=2), today + timedelta(days=2)),  # air, so that no point lies on the frame
        [one for one in known if one.day >= start],
        known,
        given,
        shown,
        [measured(record, zone) for record in shown],
    )


def measured(record: RecordPublic, zone: tzinfo) -> Measured:
    """A record as its numbers tell it, on the viewer's clock."""
    return Measured(
        record.id,
        moments.local(record.taken_at, zone),
        Place(record.region, record.side),
        **numbers_of(record.facts["numbers"]),
        whole=record.whole_region,
        corrected=record.corrected,
    )


def name_of(place: Place) -> str:
    """What a part of the body is called."""
    return Part(place.region, place.side).title if place.region else "Part not said"


def now(weeks: Weeks, today: date) -> None:
    """The score of this week, or the last one, with what has changed; and the way to the next."""
    known = [one for one in weeks.before if one.instrument == poem_result.INSTRUMENT]
    due = poem_result.due(known, today)
    with st.container(border=True, key="poem_now"):
        if not known:
            parts.titled("No POEM yet", "Seven short questions about the last seven days, once a week.", "edit_note")
        else:
            _score(known[-1], poem_result.earlier(known, known[-1].day), due)
        if due and menu.exists(menu.ECZEMA) and st.button("Score this week", type="primary", icon=":material/edit_note:", key="go_score"):
            st.switch_page(menu.ECZEMA.path)


def _score(last: ScorePublic, earlier: poem_result.Earlier, due: bool) -> None:
    found = poem_result.given(last)
    label = f"Last POEM, {poem_result.written(last.day)}" if due else "POEM this week"
    with parts.row():
        if found.total is None or found.band is None:
            parts.titled(label, found.note)
            return
        st.metric(label, f"{found.total} of {poem.HIGHEST}", width=210)
        lines = [poem_result.band_line(found.band)]
        for words, then in (("Since last time", earlier.last), ("In four weeks", earlier.four_weeks)):
            if then is not None and then.total is not None:
                lines.append(f":small[{words}: {poem.change(found.total, int(then.total)).words}]")
        st.markdown("  \n".join(lines), width="stretch")
    if found.note:
        parts.note(f":material/info: {found.note}")


def levels(instrument: str) -> tuple[list[charts.Level], float]:
    """The bands of a questionnaire and its highest score."""
    bands, most = (poem.BANDS, float(poem.HIGHEST)) if instrument == "poem" else (scorad.BANDS, 103.0)
    return [charts.Level(band.name.removesuffix(" eczema"), band.low, band.high) for band in bands], most


def score_chart(weeks: Weeks, instrument: str) -> None:
    """One questionnaire over time, on its bands."""
    known = [one for one in weeks.scores if one.instrument == instrument and one.total is not None]
    if not known:
        st.markdown("No score in this time. Choose a longer one, or score this week.")
        return
    name, totals = SCORES[instrument], [float(one.total or 0) for one in known]
    line = charts.Line(name, [one.day for one in known], totals)
    bands, most = levels(instrument)
    fig = charts.score(line, bands, most, weeks.marks, weeks.span)
    said = f"{name} from {totals[0]:g} on {poem_result.written(known[0].day)} to {totals[-1]:g} on {poem_result.written(known[-1].day)}."
    _draw(fig, weeks, 330, said)
    left_out = sum(one.total is None for one in weeks.scores if one.instrument == instrument)
    if left_out:
        parts.note(
            f"{left_out} {'form was' if left_out == 1 else 'forms were'} not scored, and {'is' if left_out == 1 else 'are'} left out."
        )


def _draw(fig: Any, weeks: Weeks, height: int, alt: str) -> None:
    named = [f"{mark.name} on {poem_result.written(mark.day)}" for mark in charts.inside(weeks.marks, weeks.span)]
    alt += f" Marked: {parts.listed(named)}." if named else ""
    top = charts.top(weeks.marks, weeks.span)
    parts.chart(fig, height + top, alt, top=top)


def followed(photos: Sequence[Measured]) -> list[Place]:
    """The parts of the body in the charts, those with most photos."""
    return places(photos)[:LINES]


def photo_chart(weeks: Weeks, what: str, shown: Sequence[Place]) -> None:
    """What was measured on the photos of some parts of the body: SHARE, REDNESS or EXTENT."""
    field = {SHARE: "fraction", REDNESS: "redness"}.get(what)
    lines = [line for place in shown if (line := _line(place, weeks.photos, field)) is not None]
    if not lines:
        says = "Extent needs photos that show a whole part of the body. Choose “The whole part” when you take one."
        st.markdown(says if what == EXTENT else "Nothing could be measured on these photos.")
        return
    if len(lines) > 1:  # in words, for above the chart stand the treatments
        parts.note(" &emsp; ".join(f"{sign} {line.name}" for sign, line in zip(SIGNS, lines, strict=False)))
    if what == SHARE:
        fig = charts.shares(lines, weeks.marks, weeks.span)
    elif what == REDNESS:
        fig = charts.redness(lines, weeks.marks, weeks.span)
    else:
        fig = charts.extent(lines, easi.AREA_WORDS, weeks.marks, weeks.span)
    _draw(fig, weeks, 260, f"{what} of {parts.listed([line.name for line in lines])} over time.")
    parts.note(NOTES[what])


NOTES = {
    SHARE: "Of the skin in each picture. The bars show the range it may lie in. An outline drawn by hand has none.",
    REDNESS: "How much redder the affected skin is than the skin around it, in the same photo (CIE a*). 0 means the same colour.",
    EXTENT: "The EASI area band, 0 to 6, from photos that show a whole part of the body. It is one part of an EASI, and no EASI score.",
}


def _line(place: Place, photos: Sequence[Measured], field: str | None) -> charts.Line | None:
    """One part's line; `field` of Measured, None: the area band. None where nothing is given."""
    if field is None:
        own = [one for one in photos if one.place == place and one.given and one.whole and place.side not in ("left", "right")]
        bands = [float(band_of(min(one.fraction, 1.0))) for one in own]
        return charts.Line(name_of(place), [one.at for one in own], bands) if own else None
    own = [one for one in photos if one.place == place and not math.isnan(getattr(one, field))]
    values = [[float(getattr(one, field + end)) for one in own] for end in ("", "_low", "_high")]
    return charts.Line(name_of(place), [one.at for one in own], *values) if own else None


def table(weeks: Weeks) -> dict[str, list[str]]:
    """Everything in the charts as a table, the newest first."""
    rows: list[tuple[date, str, str]] = []
    for one in weeks.scores:
        rows.append((one.day, SCORES.get(one.instrument, one.instrument), score_words(one)))
    for photo in weeks.photos:
        rows.append((photo.at.date(), name_of(photo.place), photo_words(photo)))
    for treatment in weeks.treatments:
        rows += [(mark.day, "Treatment", moments.plain(mark.name)) for mark in marks_of(treatment)]
    rows = sorted((row for row in rows if weeks.span[0] <= row[0]), key=lambda row: row[0], reverse=True)
    return {
        "When": [poem_result.written(day) for day, _, _ in rows],
        "What": [what for _, what, _ in rows],
        "Result": [result for _, _, result in rows],
    }


def score_words(score: ScorePublic) -> str:
    """A score with its band: `9 of 28, Moderate eczema`."""
    if score.total is None:
        return "not scored"
    bands, most = levels(score.instrument)
    band = next((band.name for band in reversed(bands) if score.total >= band.low), "")
    return f"{score.total:g} of {most:g}" + (f", {band.lower()}" if band else "")


def photo_words(photo: Measured) -> str:
    """What was measured on one photo: `12 % of the skin, 4.1 redder`."""
    if not photo.given:
        return "too little skin to measure"
    red = "" if math.isnan(photo.redness) else f", redness {severity.signed(photo.redness)}"
    return f"{severity.share(photo.fraction)} of the skin{red}"


def when(moment: datetime) -> str:
    """The day of a photo, on the viewer's clock already: `12 March 2026`."""
    return poem_result.written(moment.date())


def terms(weeks: Weeks) -> None:
    """Whose questionnaires these are, and what a share is of."""
    lines = ["Affected skin is measured against the skin you can see, not against the picture."] if weeks.photos else []
    if any(one.instrument == "poem" for one in weeks.before):
        words = poem.wording()
        lines.insert(0, f"{words.title}: {words.attribution}. {words.terms}")
    if lines:
        parts.note(" ".join(lines))
