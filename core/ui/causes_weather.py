"""The weather and how bad it was: one factor in a card and two charts, and all that was looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.insight import photo_scale, weather_words
from core.insight.diary_series import Series
from core.insight.weather import Effect, Factor, Values, effects
from core.insight.weather_factors import FACTORS
from core.insight.weather_partial import Partial, partial
from core.records import weather_places
from core.records.weather import weather_of
from core.ui import causes, causes_charts, causes_photo, causes_place, causes_words, moments, parts
from core.ui.causes import Desk
from core.vision import loading
from core.weather import words
from core.weather.daily import Table


@st.cache_data(show_spinner="Comparing your days with the weather", max_entries=64, ttl=1800)
def _effects(name: str, _series: Series, _factors: tuple[Factor, ...], measure: str, weekly: bool) -> tuple[Effect, ...]:
    with loading.aside():
        return effects(_series.day, _compared(_series, measure), _factors, _series.treatments, weekly=weekly)


def _compared(series: Series, measure: str) -> Values:
    """The measure on the scale that it is compared on."""
    values = series.values[measure]
    return photo_scale.odds(values) if measure == causes.PHOTO else values


def factors_of(series: Series, table: Table) -> tuple[Factor, ...]:
    """The factors that are known on some of the days of the diary, from the first day of the weather to the last of the diary."""
    first = int(series.day[0] - table.days[0])
    found = (Factor(id, table.factor(id)[: first + len(series.day)], factor.step) for id, factor in FACTORS.items())
    return tuple(one for one in found if np.isfinite(one.values[first:]).any())


def found(series: Series, table: Table, measure: str, weekly: bool = False) -> tuple[tuple[Effect, ...], tuple[Factor, ...], Series]:
    """Every effect in points of the measure, the surest first, the factors, and the series they are of: from the first day of the weather
    on, for its lags."""
    whole = extended(series, int(table.days[0]))
    factors = factors_of(series, table)
    numbers = causes.fingerprint(whole.values[measure], whole.treatments, *(one.values for one in factors))
    key = f"{numbers} {int(whole.day[0])} {' '.join(one.id for one in factors)}"
    told = _effects(key, whole, factors, measure, weekly)
    if measure == causes.PHOTO:
        usual = photo_scale.usual_of(whole.values[measure])
        told = tuple(photo_scale.in_points(one, usual) for one in told)
    return tuple(sorted(told, key=lambda one: causes.surest(one.verdict, one.p))), factors, whole


def extended(series: Series, first: int) -> Series:
    """The same diary with the days from `first` on before it, on which nothing was written."""
    before = int(series.day[0]) - first
    if before <= 0:
        return series
    day = np.arange(first, int(series.day[-1]) + 1)
    values = {name: np.concatenate((np.full(before, np.nan), one)) for name, one in series.values.items()}
    treatments = np.concatenate((np.zeros((before, series.treatments.shape[1])), series.treatments))
    return Series(day, values, treatments, series.kinds, series.exposures, series.names)


def show(desk: Desk) -> None:
    """The whole view."""
    place = weather_places.place_of(desk.actor, desk.person_id)
    first, last = causes_place.span(desk)
    if place is not None:
        parts.note(f":material/location_on: {causes_place.named(place)}")
        causes_place.trouble_of(causes_place.ask(desk, place))
    table = weather_of(desk.actor, desk.person_id, first, last)
    known = bool(np.isfinite(table.values).any())
    if place is None and not known:
        parts.empty("partly_cloudy_day", "Which weather?", "Choose your town, or load a file with the weather of your days.")
    elif desk.series is None or not desk.told:
        title, do = causes.FIRST.get(desk.measure, ("No day yet", "Write a few days in the diary: how bad it was, from 0 to 10."))
        parts.empty("calendar_month", title, do)
    elif known:
        _shown(desk, desk.series, table)
    else:
        st.markdown("There is no weather of these days yet.")
    causes_place.choose(desk, place, open_=place is None and not known)
    causes_place.files(desk)
    if any(set(of) - {"loaded"} for of in table.sources):
        parts.note(f"{words.ATTRIBUTION} {words.MISSING}")


def _shown(desk: Desk, series: Series, table: Table) -> None:
    told, factors, whole = found(series, table, desk.measure, desk.weekly)
    if not told:
        st.markdown("There is no weather of these days yet.")
        return
    names = {one.factor: FACTORS[one.factor].name for one in told}
    id = st.selectbox("Factor", list(names), format_func=names.__getitem__, key="causes_factor", width=280) or told[0].factor
    effect = next(one for one in told if one.factor == id)
    factor = next(one for one in factors if one.id == id)
    with st.container(border=True, gap="small", key="weather_card"):
        parts.titled(causes_words.headline(effect, desk.in_words), icon="partly_cloudy_day")
        st.markdown(f"{weather_words.sentence(effect, desk.unit)}.")
        parts.note(weather_words.VERDICTS[effect.verdict])
        if desk.measure == causes.PHOTO:
            parts.note(causes_photo.beside(effect, photo_scale.usual_of(desk.values)))
        causes.evidence(effect.verdict == "evidence")
    unit = FACTORS[id].unit
    lag = effect.lag or 0
    days = "" if not lag else f", {lag} {'day' if lag == 1 else 'days'} before"
    titles = (desk.scale, f"{names[id]}{f', {unit}' if unit else ''}{days}")
    says = f"{titles[0]} above, {titles[1]} below, so that what belongs together lies one above the other."
    parts.chart(causes_charts.beside(whole.day, whole.values[desk.measure], factor.values, lag, titles, desk.most), 400, top=28, alt=says)
    if effect.lag is not None:
        _partial(desk, whole, factor, effect)
    st.subheader("All we looked at", anchor=False)
    _table(told, desk)
    missing = [one.name for id, one in FACTORS.items() if id not in names]
    if missing:
        within = [name if name[:2].isupper() else moments.lower(name) for name in missing]
        parts.note(f"Missing, so not looked at: {parts.listed(within)}.")


def left_over(series: Series, factor: Factor, effect: Effect, measure: str) -> Partial:
    """What is left of each day or week beside a factor of which `found` told the `effect`, in points of the measure."""
    values = _compared(series, measure)
    with loading.aside():
        if measure != causes.PHOTO:
            return partial(series.day, values, factor, series.treatments, effect)
        # An effect in points is no slope on log-odds; that of the one factor alone has the same lag, size and interval as among all.
        (own,) = effects(series.day, values, (factor,), series.treatments, weekly=effect.weekly)
        left = partial(series.day, values, factor, series.treatments, own)
        return photo_scale.partial_in_points(left, photo_scale.usual_of(series.values[measure]))


def _partial(desk: Desk, series: Series, factor: Factor, effect: Effect) -> None:
    left = left_over(series, factor, effect, desk.measure)
    one, before = ("week", "the week before") if effect.weekly else ("day", "yesterday")
    with st.expander("What is left when everything else is taken out"):
        alt = f"Each dot is a {one}: how much more of the factor than expected, and how much worse than expected; with a line and its band."
        parts.chart(causes_charts.left_over(left, FACTORS[effect.factor].name), 280, alt=alt)
        parts.note(
            f"Each dot is a {one}, with {before}, season, trend and treatments taken out. The line is the effect, with its 95 % band."
        )


def _table(told: Sequence[Effect], desk: Desk) -> None:
    known = [one for one in told if one.lag is not None]
    rows = {
        "Factor": [f"**{FACTORS[one.factor].name}**  \n:small[:gray[{one.days} {'weeks' if one.weekly else 'days'}]]" for one in told],
        "Verdict": [f":{causes.colour(one.verdict)}-badge[{causes_words.badge(one)}]" for one in told],
        "What was found": [weather_words.sentence(one, desk.unit) for one in told],
    }
    st.table(rows, border="horizontal")
    if known:
        lines = [(FACTORS[one.factor].name, one.effect, one.low, one.high, one.verdict == "evidence") for one in known]
        fig = causes_charts.effects(lines, "points, with 95 % interval", 0.0)
        parts.chart(fig, 90 + 36 * len(lines), alt=f"Change in {desk.in_words} with its interval for each factor; the table says the same.")
        parts.note(f"We asked {len(known)} {'question' if len(known) == 1 else 'questions'}, so each had to clear a higher bar.")
