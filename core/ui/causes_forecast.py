"""The coming week as far as it can be foretold, and how good such forecasts have been."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight import forecast_words
from core.insight.diary_series import Series
from core.insight.forecast import Forecast, forecast
from core.insight.forecast_prior import DEFAULT, Prior
from core.insight.weather import Values
from core.records import pooled
from core.ui import causes, causes_charts, causes_pooling, parts
from core.ui.causes import Desk
from core.vision import loading
from core.words import written

POOLED = "severity"
"""The measure of which patients who agreed have taught something; of others no patient was asked."""


@st.cache_data(show_spinner="Trying it on your past days", max_entries=64, ttl=1800)
def _made(name: str, _day: NDArray[np.int64], _values: Values, _prior: Prior) -> Forecast:
    with loading.aside():
        return forecast(_day[-pooled.LONG :], _values[-pooled.LONG :], _prior)


def until(series: Series, today: date) -> date:
    """The day from which is foretold: the last one of the diary, and not before yesterday, for nobody wants to know what was likely."""
    return max(series.last, today - timedelta(days=1))


def made(series: Series, measure: str, today: date) -> Forecast:
    """The forecast of the days after `until`; kept for a while for the same numbers and the same prior. Unavailable without a database."""
    day, values = days_until(series, measure, today)
    prior = pooled.prior() if measure == POOLED else DEFAULT
    learnt = causes.fingerprint(prior.walk, prior.pull, prior.chain, np.array([prior.usual, prior.usual_spread, prior.patients]))
    return _made(f"{causes.fingerprint(values)} {learnt} {int(day[-1])}", day, values, prior)


def days_until(series: Series, measure: str, today: date) -> tuple[NDArray[np.int64], Values]:
    """The days up to `until` and what was told of each, NaN where nothing was."""
    day = np.arange(int(series.day[0]), until(series, today).toordinal() + 1)
    values = np.full(len(day), np.nan)
    values[: len(series.day)] = series.values[measure]
    return day, values


def day_name(day: date, today: date) -> str:
    """`Today`, `Tomorrow`, or the day of the week with its date."""
    ahead = (day - today).days
    return {0: "Today", 1: "Tomorrow"}.get(ahead, f"{day:%A}, {written(day)}")


def show(desk: Desk) -> None:
    """The whole view."""
    found = None
    if desk.series is None or not desk.told:
        parts.empty("calendar_month", "No day yet", "Write a few days in the diary: how bad it was, from 0 to 10.")
    else:
        found = made(desk.series, desk.measure, desk.today)
        _week(desk, desk.series, found)
        _scores(found)
    causes_pooling.show(desk, found)


def _week(desk: Desk, series: Series, found: Forecast) -> None:
    last = until(series, desk.today)
    reach = found.scores.reach if found.good else 0
    with st.container(border=True, gap="small", key="forecast"):
        if reach:
            first = last + timedelta(days=1)
            parts.titled(f"{day_name(first, desk.today)}: likely {forecast_words.likely(found)} of 10", icon="online_prediction")
            parts.note(f"Likely: in four of five such forecasts. {forecast_words.state(found)}")
        else:
            parts.titled("No forecast", icon="online_prediction")
            st.markdown(forecast_words.state(found))
    if reach:
        days = [day_name(last + timedelta(days=ahead), desk.today) for ahead in range(1, reach + 1)]
        says = "; ".join(f"{day}: {forecast_words.likely(found, ahead)}" for ahead, day in enumerate(days, 1))
        fig = causes_charts.fan(*days_until(series, desk.measure, desk.today), found, reach)
        parts.chart(fig, 260, alt=f"{desk.name} of the last four weeks, and what is likely in the coming days. {says}")
        parts.note(f"The inner band holds what comes in one of two such forecasts, the outer one in four of five. {says}.")
        if reach < len(found.probabilities):
            parts.note("Beyond these days it was no better than what is usual for you, so they are left out.")


def _scores(found: Forecast) -> None:
    scores = found.scores
    if not np.isfinite(scores.forecast).any():
        return
    st.subheader("How good it has been", anchor=False)
    ahead = [at for at in (0, 2, 6) if np.isfinite(scores.forecast[at])]
    rows = {
        "Days ahead": [f"{at + 1}" for at in ahead],
        "This forecast": [forecast_words.off(float(scores.forecast[at])) for at in ahead],
        "Like today": [forecast_words.off(float(scores.like_today[at])) for at in ahead],
        "What is usual": [forecast_words.off(float(scores.own_history[at])) for at in ahead],
    }
    st.table(rows, border="horizontal")
    known = "and what others have taught" if found.patients else "alone"
    parts.note(
        "How far off it was on average (ranked probability score, in points; less is better), each day foretold from the days before it "
        f"{known}. It is shown only where it beats both others by more than luck."
    )
