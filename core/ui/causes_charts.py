"""Charts of what makes it worse: severity beside the weather, what is left of both, lifts with their doubt, and the coming week as a fan.

Each function only builds a Plotly figure, as those of `core.ui.charts` do. Days are on the viewer's own calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from core.insight.flares import Flare
from core.insight.forecast import Forecast
from core.insight.weather import Values, earlier
from core.insight.weather_partial import Partial
from core.ui import theme

SMOOTH = 7
"""Days of the running mean that is drawn over the single days."""
FAN = ((0.8, "four in five"), (0.5, "one in two"))
"""Middle parts of the distribution that are drawn, the widest first."""


def _dates(day: NDArray[np.int64]) -> list[str]:
    return [date.fromordinal(int(one)).isoformat() for one in day]


def smoothed(values: Values) -> Values:
    """The mean of the days around each that have a value; NaN where fewer than half of them do."""
    known = np.isfinite(values)
    ones = np.ones(SMOOTH)
    total, count = np.convolve(np.where(known, values, 0), ones, "same"), np.convolve(known, ones, "same")
    return np.where(count >= SMOOTH / 2, total / np.maximum(count, 1), np.nan)


def _flares(fig: Any, flares: Sequence[Flare], **where: Any) -> None:
    for flare in flares:
        start, end = (datetime.combine(date.fromordinal(day), time()) for day in (flare.start, flare.end))
        half = timedelta(hours=12)  # a bar stands around its midnight
        look = {"fillcolor": theme.SECOND, "opacity": 0.18, "line_width": 0, "layer": "below"}
        fig.add_vrect(x0=(start - half).isoformat(), x1=(end + half).isoformat(), **look, **where)


def _bars(day: NDArray[np.int64], values: Values, most: int = 10) -> tuple[go.Bar, go.Scatter]:
    look = {"marker": {"color": theme.FAINT, "opacity": 0.4}, "hovertemplate": f"%{{y:.3~g}} of {most}<extra></extra>"}
    bars = go.Bar(x=_dates(day), y=values, **look)
    line = go.Scatter(x=_dates(day), y=smoothed(values), mode="lines", line={"color": theme.PLUM, "width": 3}, hoverinfo="skip")
    return bars, line


def course(day: NDArray[np.int64], values: Values, flares: Sequence[Flare]) -> Any:
    """Each day 0-10 with its running mean; flares are shaded."""
    fig = go.Figure([*_bars(day, values)])
    _flares(fig, flares)
    fig.update_yaxes(range=[0, 10.4], showgrid=False, nticks=4)
    fig.update_xaxes(type="date", tickformat="%-d %b<br>%Y", hoverformat="%-d %B %Y", nticks=6, showgrid=False)
    return fig


def beside(day: NDArray[np.int64], values: Values, weather: Values, lag: int, names: tuple[str, str], most: int = 10) -> Any:
    """Severity above, the weather `lag` days before below, on one axis: what lies one above the other belongs together.

    `most`: the highest score; with another than 10 a score stands for the week before it. With 100 it is a share, which is mostly
    small: the axis ends a little above the largest.
    """
    fig = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.16, subplot_titles=names)
    for trace in _bars(day, values, most):
        fig.add_trace(trace, row=1, col=1)
    if most != 10:
        fig.data[0].width = 4 * 24 * 3600 * 1000  # a bar a week, in milliseconds
    shifted = earlier(weather, lag)
    line = {"color": theme.ACCENT, "width": 2.5}
    fig.add_trace(go.Scatter(x=_dates(day), y=shifted, mode="lines", line=line, hovertemplate="%{y:.1f}<extra></extra>"), row=2, col=1)
    fig.update_yaxes(showgrid=False, nticks=4)
    top = 1.04 * most
    if most == 100:
        top = min(top, max(10.0, 1.15 * float(np.nanmax(values, initial=0.0))))
    fig.update_yaxes(range=[0, top], row=1, col=1)
    fig.update_xaxes(type="date", tickformat="%-d %b<br>%Y", hoverformat="%-d %B %Y", nticks=6, showgrid=False)
    fig.update_annotations(x=0, xanchor="left", font={"size": 14, "color": theme.INK})
    return fig


def effects(rows: Sequence[tuple[str, float, float, float, bool]], title: str, nothing: float) -> Any:
    """Dots with 95 % intervals, the first row on top: (name, value, low, high, it is evidence). A line stands at `nothing`.

    An end that is infinite is drawn to the edge.
    """
    ends = [value for _, *three, _ in rows for value in three if isfinite(value)]
    low_edge, high_edge = min([*ends, nothing]), max([*ends, nothing])
    pad = 0.06 * (high_edge - low_edge or 1)
    left, right = low_edge - pad, high_edge + pad
    fig = go.Figure()
    for name, _, low, high, sure in rows[::-1]:
        colour = theme.PLUM if sure else theme.INK
        x = [max(left, low), min(right, high)]
        fig.add_scatter(x=x, y=[name] * 2, mode="lines", line={"color": colour, "width": 3}, hoverinfo="skip")
    known = [row for row in rows[::-1] if isfinite(row[1])]
    fig.add_scatter(
        x=[value for _, value, *_ in known],
        y=[name for name, *_ in known],
        mode="markers",
        marker={"size": 12, "color": [theme.PLUM if sure else theme.INK for *_, sure in known]},
        hovertemplate="%{x:.2f}<extra></extra>",
    )
    fig.add_vline(x=nothing, line={"color": theme.INK, "width": 1})
    fig.update_xaxes(title=title, zeroline=False, range=[left, right])
    fig.update_yaxes(ticklabelstandoff=8, showgrid=False)
    return fig


def fan(day: NDArray[np.int64], values: Values, found: Forecast, shown: int, past: int = 28) -> Any:
    """The last days, and the coming ones as bands: what one in two and four in five such forecasts hold, and the middle.

    `shown`: days ahead that are foretold well enough.
    """
    keep = slice(max(0, len(day) - past), len(day))
    fig = go.Figure([*_bars(day[keep], values[keep])])
    coming = _dates(day[-1] + 1 + np.arange(shown))
    for (level, words), opacity in zip(FAN, (0.18, 0.32), strict=True):
        edges = found.band(level)[:shown]
        fig.add_scatter(
            x=[*coming, *coming[::-1]],
            y=[*edges[:, 1], *edges[::-1, 0]],
            fill="toself",
            fillcolor=theme.ACCENT,
            opacity=opacity,
            line={"width": 0},
            mode="lines",
            name=words,
            hoverinfo="skip",
        )
    middle = go.Scatter(
        x=coming,
        y=found.quantile(0.5)[:shown],
        mode="lines+markers",
        line={"color": theme.ACCENT, "width": 3},
        marker={"size": 8, "color": theme.ACCENT},
        hovertemplate="%{y:.1f} of 10<extra></extra>",
    )
    fig.add_trace(middle)
    fig.update_yaxes(range=[0, 10.4], showgrid=False, nticks=4)
    fig.update_xaxes(type="date", tickformat="%-d %b", hoverformat="%-d %B %Y", nticks=6, showgrid=False)
    return fig


def left_over(left: Partial, name: str) -> Any:
    """What is left of each day when all else is taken out: the factor across, severity up, with the line and its 95 % band."""
    fig = go.Figure()
    x = [*left.grid, *left.grid[::-1]]
    fig.add_scatter(x=x, y=[*left.high, *left.low[::-1]], fill="toself", fillcolor=theme.PLUM, opacity=0.2, line={"width": 0}, mode="lines",
                    hoverinfo="skip")  # fmt: skip
    fig.add_scatter(x=left.factor, y=left.severity, mode="markers", marker={"size": 6, "color": theme.FAINT}, hoverinfo="skip")
    fig.add_scatter(x=left.grid, y=left.line, mode="lines", line={"color": theme.PLUM, "width": 3}, hoverinfo="skip")
    fig.update_xaxes(title=f"{name}, more or less than expected", zeroline=False, showgrid=False)
    fig.update_yaxes(title="worse or better than expected", zeroline=False)
    return fig
