"""What makes it worse: the days that are looked at, and what each view of the page works on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

import numpy as np
import streamlit as st

from core.insight.diary_series import Series, series
from core.insight.photo_weeks import Followed
from core.insight.progress import Place
from core.insight.weather import Values, Verdict
from core.instruments import poem
from core.people.policy import Actor
from core.records import diary, scores, treatments
from core.ui import causes_photo, parts, progress

PERIODS: dict[str, timedelta | None] = {"3 months": timedelta(days=92), "1 year": timedelta(days=366), "All": None}
MEASURES = {"severity": "Severity", "itch": "Itch", "sleep": "Disturbed night"}
POEM, PHOTO = "poem", "photo"
WEEKLY = {POEM: "POEM", PHOTO: "Affected skin"}
"""What is known about once a week, for the weather alone."""
NAMES = {**MEASURES, **WEEKLY}
MOST = {**dict.fromkeys(MEASURES, 10), POEM: poem.HIGHEST, PHOTO: 100}
"""The highest score of each; of photos in per cent of the skin seen."""
FIRST = {
    POEM: ("No day yet", "Score your week with the POEM."),
    PHOTO: ("No photo yet", f"{causes_photo.WEEKLY} Say in the eczema check which part it is."),
}
"""What to do where there is nothing; for every other measure, to write in the diary."""
LONGEST = timedelta(days=5 * 365)
"""More days than these are not looked at: the weather is kept for as many."""
CAUSE = "Not proof of cause"


@dataclass(frozen=True)
class Desk:
    """What a view works on. `measure`: a key of NAMES; `series` None: there is no entry in the period."""

    actor: Actor
    person_id: UUID
    today: date
    measure: str
    series: Series | None
    written: Series | None
    """As it stands in the diary; in `series` a disturbed night is of the day on which it began: nothing later can have disturbed it."""
    place: Place | None = None
    """The part of the body, where the measure is of photos."""

    @property
    def name(self) -> str:
        """The measure in words."""
        return NAMES[self.measure]

    @property
    def in_words(self) -> str:
        """The measure within a sentence."""
        return self.name if self.measure == POEM else self.name.lower()

    @property
    def scale(self) -> str:
        """The measure and what its numbers are, as the title of a chart."""
        if self.place is not None:
            return f"{self.name}, {progress.name_of(self.place).lower()}, %"
        return f"{self.name}, 0 to {self.most}"

    @property
    def unit(self) -> str:
        """The words after the size of an effect."""
        return causes_photo.UNIT if self.measure == PHOTO else f"of {self.most}"

    @property
    def in_table(self) -> str:
        """The measure in a table to take along, after "points of"."""
        return f"affected skin in 100 (photos, {progress.name_of(self.place).lower()})" if self.place is not None else self.in_words

    @property
    def weekly(self) -> bool:
        """It is known about once a week, not every day."""
        return self.measure in WEEKLY

    @property
    def most(self) -> int:
        """The highest score."""
        return MOST[self.measure]

    @property
    def values(self) -> Values:
        """The measure by days; empty without entries."""
        return self.series.values[self.measure] if self.series else np.zeros(0)

    @property
    def told(self) -> int:
        """On how many days the measure was told."""
        return int(np.isfinite(self.values).sum())


def start_of(period: str, today: date) -> date:
    """The first day of a period (a key of PERIODS)."""
    return today - (PERIODS[period] or LONGEST)


def load(actor: Actor, person_id: UUID, today: date, period: str, measure: str, photos: Followed | None = None) -> Desk:
    """Read the diary and the treatments of the period; `photos`: of the part that was chosen. Raises as `list_days` does."""
    since = start_of(period, today)
    known = diary.list_days(actor, person_id, since)
    weeks: dict[str, list[tuple[date, float]]] = {}
    if measure == POEM:
        weeks[POEM] = [(one.day, one.total) for one in scores.list_scores(actor, person_id, POEM, since) if one.total is not None]
    if measure == PHOTO:
        weeks[PHOTO] = list(photos.days) if photos else []
    told = series(known, treatments.list_treatments(actor, person_id), None, weeks)
    return Desk(actor, person_id, today, measure, told and nights(told), told, photos.place if photos else None)


def nights(told: Series) -> Series:
    """The same with each night on the day before the one that tells of it."""
    return replace(told, values={**told.values, "sleep": np.append(told.values["sleep"][1:], np.nan)})


def choose(actor: Actor, person_id: UUID, today: date, weekly: bool = False) -> tuple[str, str, Followed | None]:
    """The period, the measure and where it is of photos those of one part, as chosen; with `weekly` also what is known by weeks."""
    photos = None
    with parts.row(vertical_alignment="bottom"):
        period = st.segmented_control("Period", list(PERIODS), default="1 year", required=True, key="causes_period")
        names = {name: id for id, name in (NAMES if weekly else MEASURES).items()}
        # A key of its own for each list: a choice that the other view does not have must not come along.
        key = f"causes_measure_{weekly}"
        measure = st.segmented_control("Of what", list(names), default="Severity", required=True, key=key, wrap=True)
        if measure == WEEKLY[PHOTO]:
            photos = causes_photo.choose(causes_photo.photos(actor, person_id, start_of(period or "1 year", today)))
    if measure == MEASURES["sleep"]:
        parts.note("Each night is looked at with the day on which it began.")
    if measure == WEEKLY[PHOTO]:
        parts.note(causes_photo.SAYS)
    return period or "1 year", names[measure or "Severity"], photos


def fingerprint(*arrays: Values | None) -> str:
    """A name for exactly these numbers, by which what was computed from them is kept for a while."""
    told = sha256()
    for one in arrays:
        told.update(b"-" if one is None else f"{one.shape} {one.dtype}".encode() + np.ascontiguousarray(one).tobytes())
    return told.hexdigest()


def evidence(sure: bool) -> None:
    """The two badges under a finding: how sure, and what it is not."""
    with parts.row(gap="xsmall"):
        if sure:
            st.badge("Evidence in your own days", icon=":material/verified:", color="violet")
        st.badge(CAUSE, icon=":material/info:", color="gray")


def surest(verdict: Verdict, p: float) -> tuple[int, float]:
    """By which findings stand in order: evidence first, and of one verdict the one that chance makes least likely."""
    return ("evidence", "weak", "none", "not_enough").index(verdict), 2.0 if math.isnan(p) else p


def colour(verdict: Verdict) -> str:
    """Of the badge of a verdict; the words beside it say the same."""
    return "violet" if verdict == "evidence" else "gray"
