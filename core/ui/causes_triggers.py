"""Triggers and flares: when it flared, and what preceded it more often than by chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.insight import flares, trigger_words
from core.insight.diary_series import Series
from core.insight.triggers import Trigger, triggers
from core.records.treatments import KINDS
from core.ui import causes, causes_charts, moments, parts
from core.ui.causes import Desk
from core.vision import loading
from core.words import written


@st.cache_data(show_spinner="Looking at your days", max_entries=64, ttl=1800)
def _found(name: str, _series: Series, measure: str) -> tuple[Trigger, ...]:
    with loading.aside():
        told = triggers(_series.day, _series.values[measure], _series.exposures, _series.treatments, _series.kinds)
    return tuple(sorted(told, key=lambda one: (causes.surest(one.verdict, one.p), _series.names[one.id].casefold())))


def found(series: Series, measure: str) -> tuple[Trigger, ...]:
    """Every trigger of the diary, the surest first; kept for a while for the same numbers."""
    exposures = [array for one in series.exposures for array in (one.day.astype(float), one.hour)]
    names = " ".join((*(one.id for one in series.exposures), *series.kinds, *series.names.values()))
    return _found(f"{causes.fingerprint(series.values[measure], series.treatments, *exposures)} {names}", series, measure)


def show(desk: Desk) -> None:
    """The whole view."""
    series = desk.series
    if series is None or not desk.told:
        parts.empty("label", "No day yet", "Write a few days in the diary: how bad it was, and what you met.")
        return
    known = flares.flares(series.day, desk.values)
    told = found(series, desk.measure)
    _headline(told, series)
    st.subheader("When it flared", anchor=False)
    many = "1 flare" if len(known) == 1 else f"{len(known)} flares"
    parts.chart(causes_charts.course(series.day, desk.values, known), 240, alt=f"{desk.name} day by day, 0 to 10, with {many} shaded.")
    undated = sum(not one.dated for one in known)
    left = f" {undated} of them are not counted below: the day before is not in the diary." if undated else ""
    parts.note(f"{many}, shaded. {says()}{left} The line is the mean of a week.")
    if known:
        with st.expander("The flares as a table"):
            worst = [f"{one.peak:g} of 10" for one in known]
            st.table({"Flare": [_days(one) for one in known], "At its worst": worst}, border="horizontal")
    if not told:
        parts.empty("label", "No trigger in these days", "Note in the diary what you met: a food, a jumper, a soap, stress.")
        return
    st.subheader("All we looked at", anchor=False)
    _table(told, series)
    _lifts(told, series)
    asked = sum(one.verdict != "not_enough" for one in told)
    if asked:
        parts.note(f"We asked {asked} {'question' if asked == 1 else 'questions'}, so each had to clear a higher bar. "
                   f"A trigger is looked for in {trigger_words.WINDOW} each evening.")  # fmt: skip


def says() -> str:
    """What a flare is, in a sentence."""
    return (
        f"A flare begins when it is {flares.RISE:g} points or more worse than is usual for you (the middle of your last "
        f"{flares.USUAL_DAYS} days), and at least {flares.LEAST:g} of 10."
    )


def _days(flare: flares.Flare) -> str:
    """`3 March 2026 to 9 March 2026`."""
    first, last = written(date.fromordinal(flare.start)), written(date.fromordinal(flare.end))
    return first if first == last else f"{first} to {last}"


def _headline(told: Sequence[Trigger], series: Series) -> None:
    """A card for each trigger with evidence; without any, what that means."""
    sure = [one for one in told if one.verdict == "evidence"]
    for one in sure:
        with st.container(border=True, gap="small", key=f"trigger_card_{one.id}"):
            name = moments.plain(series.names[one.id])
            parts.titled(trigger_words.headline(name, one), icon="label_important")
            st.markdown(trigger_words.sentence(one))
            for line in trigger_words.beside(one, series.names, KINDS):
                parts.note(f":material/info: {moments.plain(line)}")
            causes.evidence(True)
    if sure or not told:
        return
    asked, weak = [one for one in told if one.verdict != "not_enough"], [one for one in told if one.verdict == "weak"]
    with st.container(border=True, gap="small"):
        if weak:
            names = parts.listed([moments.plain(series.names[one.id]) for one in weak], "or")
            parts.titled(f"Perhaps {names}", icon="label")
            st.markdown("It came before flares more often than without it, but by so little that chance can look like this.")
        elif asked:
            parts.titled("No trigger stands out", icon="label")
            st.markdown("Nothing that could be looked at comes before flares more often than chance would have it, in these days.")
        else:
            parts.titled("Too few days or flares yet to look for triggers", icon="label")
            st.markdown(trigger_words.missing(told[0]))


def _table(told: Sequence[Trigger], series: Series) -> None:
    names = [moments.plain(series.names[one.id]) for one in told]
    rows = {
        "Trigger": [f"**{name}**" for name in names],
        "Verdict": [f":{causes.colour(one.verdict)}-badge[{trigger_words.VERDICTS[one.verdict]}]" for one in told],
        "How much likelier a flare is after it": [trigger_words.short(one) for one in told],
    }
    st.table(rows, border="horizontal")


def _lifts(told: Sequence[Trigger], series: Series) -> None:
    asked = [one for one in told if one.verdict != "not_enough"]
    rows = [(series.names[one.id], one.lift, one.low, one.high, one.verdict == "evidence") for one in asked]
    if rows:
        fig = causes_charts.effects(rows, "times as likely to flare after it, with 95 % interval", 1.0)
        fig.update_xaxes(range=[0, min(12.0, max(fig.layout.xaxis.range[1], 2.0))])
        parts.chart(fig, 90 + 36 * len(rows), alt="How many times as likely a flare is after each trigger; the table says the same.")
