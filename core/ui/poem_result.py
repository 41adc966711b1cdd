"""The result of a POEM in words: the score, its band, and what has changed since last time and in four weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from core.instruments import poem
from core.instruments.rules import Band
from core.records.eczema_tables import ScorePublic
from core.ui import moments, parts
from core.words import written as written

INSTRUMENT = "poem"
FOUR_WEEKS = timedelta(weeks=4)
LEVELS = {band.id: level for level, band in enumerate(poem.BANDS)}
"""Bands by the dots they fill, 0-4."""


@dataclass(frozen=True)
class Earlier:
    """Scores to compare with: the last one before, and the one of the week four weeks before; None where there is none."""

    last: ScorePublic | None
    four_weeks: ScorePublic | None


def given(score: ScorePublic) -> poem.Poem:
    """The saved answers, scored by the instrument."""
    answers = {item: None if answer is None else int(answer) for item, answer in score.answers.items()}
    return poem.score(poem.in_order(answers))


def earlier(scores: Sequence[ScorePublic], day: date) -> Earlier:
    """Among scores (oldest first, any days) those that a score of `day` is compared with. Forms that were not scored are none."""
    before = [one for one in scores if one.total is not None and week(one.day) < week(day)]
    wanted = week(day - FOUR_WEEKS)
    return Earlier(before[-1] if before else None, next((one for one in before if week(one.day) == wanted), None))


def week(day: date) -> tuple[int, int]:
    """The year and week of the ISO calendar: one POEM is kept for each."""
    year, number, _ = day.isocalendar()
    return year, number


def due(scores: Sequence[ScorePublic], now: date) -> bool:
    """The POEM of this week is not there yet. `scores`: oldest first."""
    return not scores or week(scores[-1].day) < week(now)


def band_line(band: Band) -> str:
    """Severity in dots and words, never in colour alone: `●●○○ Moderate eczema`."""
    return f"{parts.dots(LEVELS[band.id])}&ensp;**{band.name}**"


def result(score: ScorePublic, before: Earlier, form: poem.Wording) -> None:
    """Write the card of one POEM. Nothing in it is red: a bad week is no emergency."""
    found = given(score)
    with st.container(border=True, key="poem_result"):
        parts.ask("Your POEM" if form == poem.wording() else "The POEM", f"for the week to {written(score.day)}")
        if found.total is None or found.band is None:
            st.markdown("#### Not scored")
            st.markdown(found.note)
        else:
            with parts.row():
                st.metric("Score", f"{found.total} of {poem.HIGHEST}", width=150)
                st.markdown(f"{band_line(found.band)}  \n:small[:gray[{found.band.low:g} to {found.band.high:g} of {poem.HIGHEST}]]")
            if found.note:
                names = dict(zip(poem.ITEMS, form.names, strict=True))
                left = parts.listed([names[item] for item in found.left_out])
                parts.note(f":material/info: {found.note} Left out: {left}.")
            _change("Since last time", found.total, before.last)
            _change("In four weeks", found.total, before.four_weeks)
        parts.note("A score is not a diagnosis. If your eczema worries you or gets worse quickly, show it to a doctor.")


def _change(title: str, now: int, then: ScorePublic | None) -> None:
    if then is None or then.total is None:
        said = "There is no earlier score yet." if title == "Since last time" else "There is no score from four weeks before."
        parts.ask(title, said)
        return
    change = poem.change(now, int(then.total))
    parts.ask(title, f"{change.words}  \n:small[:gray[It was {then.total:g} in the week to {written(then.day)}.]]")


def today() -> date:
    """The date where the person is, as their browser says."""
    return moments.local(datetime.now(UTC), moments.zone()).date()
