"""Charts of the weeks: POEM on its bands, the affected share, redness and extent, each with the treatments as dotted lines.

Each function only builds a Plotly figure, as those of `core.ui.charts` do. Dates are on the viewer's clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from core.ui import theme
from core.ui.charts import DASHES, LINES, MARKS

When = date | datetime
ROWS = 3
"""Rows for the names of treatments above a chart; with more at once the names would hide each other."""
LETTER = 0.022
"""What a letter of a name takes of the width of a chart on a phone."""


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day and belongs into every chart."""

    day: date
    name: str


@dataclass(frozen=True)
class Line:
    """One line of a chart: values at days, with an interval where `low` and `high` are not NaN."""

    name: str
    days: Sequence[When]
    values: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Level:
    """A band of an instrument: from `low` to `high` (both in it), with its name."""

    name: str
    low: float
    high: float


def rows_of(marks: Sequence[Mark], span: tuple[date, date]) -> list[int]:
    """The row above the chart (0 is the lowest) of every mark's name, so that no two names of a row run into each other."""
    days = max((span[1] - span[0]).days, 1)
    ends = [-math.inf] * ROWS
    found = []
    for mark in marks:
        at = (mark.day - span[0]).days / days
        start = min(at, 1 - LETTER * len(mark.name))  # a name near the right edge is moved to the left
        row = next((row for row in range(ROWS) if ends[row] <= start), ends.index(min(ends)))
        ends[row] = start + LETTER * (len(mark.name) + 1)
        found.append(row)
    return found


def top(marks: Sequence[Mark], span: tuple[date, date]) -> int:
    """Pixels to leave free above a chart for the names of its marks."""
    shown = inside(marks, span)
    return 12 + 18 * (max(rows_of(shown, span)) + 1) if shown else 12


def inside(marks: Sequence[Mark], span: tuple[date, date]) -> list[Mark]:
    """The marks of the days shown, in order."""
    return sorted((mark for mark in marks if span[0] <= mark.day <= span[1]), key=lambda mark: mark.day)


def _figure(
    traces: Sequence[Mapping[str, Any]],
    y: Mapping[str, Any],
    marks: Sequence[Mark],
    span: tuple[date, date],
    shapes: Sequence[Mapping[str, Any]] = (),
    notes: Sequence[Mapping[str, Any]] = (),
) -> Any:
    """The figure, with the dates on its axis and the marks; all at once, as every single change of a figure takes its time.

    `y`: the other axis; `shapes`, `notes`: of the chart's own.
    """
    shown = inside(marks, span)
    end = (span[1] - span[0]).days or 1
    lines = [
        {"type": "line", "x0": mark.day.isoformat(), "x1": mark.day.isoformat(), "y0": 0, "y1": 1, "yref": "paper",
         "line": {"color": theme.INK, "width": 1, "dash": "dot"}}
        for mark in shown
    ]  # fmt: skip
    names = [
        {"x": mark.day.isoformat(), "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 18 * row, "text": mark.name, "showarrow": False,
         "xanchor": "right" if (mark.day - span[0]).days / end > 1 - LETTER * len(mark.name) else "left",
         "font": {"size": 12, "color": theme.INK}}
        for mark, row in zip(shown, rows_of(shown, span), strict=True)
    ]  # fmt: skip
    x = {"type": "date", "range": [span[0].isoformat(), span[1].isoformat()], "tickformat": "%-d %b<br>%Y", "hoverformat": "%-d %B %Y",
         "nticks": 6, "showgrid": False}  # fmt: skip
    layout = {
        "shapes": [*shapes, *lines],
        "annotations": [*names, *notes],
        "hovermode": "x unified",
        "xaxis": x,
        "yaxis": {**y, "zeroline": False},
    }
    return go.Figure([{"type": "scatter", **trace} for trace in traces], layout)


def score(line: Line, levels: Sequence[Level], most: float, marks: Sequence[Mark], span: tuple[date, date]) -> Any:
    """Totals of a questionnaire, 0 to `most`, on the instrument's bands."""
    trace = {
        "x": list(line.days),
        "y": list(line.values),
        "mode": "lines+markers",
        "name": line.name,
        "line": {"color": theme.ACCENT, "width": 3},
        "marker": {"size": 9, "color": theme.ACCENT},
        "hovertemplate": f"%{{y}} of {most:g}<extra></extra>",
    }
    shapes, notes = _banded(levels, theme.RAMP)
    y = {"range": [-0.5, most + 0.5], "tickvals": [0, *(level.low for level in levels[1:]), most], "showgrid": False}
    return _figure([trace], y, marks, span, shapes, notes)


def _banded(levels: Sequence[Level], colours: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The bands behind the lines, each up to the middle between two, and their names."""
    edges = [levels[0].low - 0.5, *((one.high + two.low) / 2 for one, two in pairwise(levels)), levels[-1].high + 0.5]
    shapes = [
        {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": low, "y1": high, "fillcolor": colour, "opacity": 0.55,
         "line": {"width": 0}, "layer": "below"}
        for low, high, colour in zip(edges, edges[1:], colours, strict=False)
    ]  # fmt: skip
    notes = [
        {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 4, "y": high, "yanchor": "top", "text": level.name,
         "showarrow": False, "font": {"size": 12, "color": theme.INK}}
        for level, high in zip(levels, edges[1:], strict=True)
    ]  # fmt: skip
    return shapes, notes


def shares(lines: Sequence[Line], marks: Sequence[Mark], span: tuple[date, date]) -> Any:
    """Affected share of the visible skin, 0-1, with its interval."""
    most = max((value for line in lines for value in (*line.values, *line.high) if not math.isnan(value)), default=0.0)
    y = {"tickformat": ".0%", "range": [0, min(1.02, max(0.1, most * 1.15))], "title": {"text": "of the skin seen"}}
    return _figure(_with_doubt(lines, "%{y:.0%}"), y, marks, span)


def redness(lines: Sequence[Line], marks: Sequence[Mark], span: tuple[date, date]) -> Any:
    """Redness of affected against unaffected skin in units of CIE a*, with its interval."""
    known = [value for line in lines for value in (*line.values, *line.low, *line.high) if not math.isnan(value)]
    y = {"range": [min(0.0, *known, 0.0) * 1.1, max(5.0, *known, 0.0) * 1.15], "title": {"text": "redder by (a*)"}}
    return _figure(_with_doubt(lines, "%{y:.1f}"), y, marks, span)


def extent(lines: Sequence[Line], words: Sequence[str], marks: Sequence[Mark], span: tuple[date, date], hover: str = "band %{y}") -> Any:
    """Steps of a scale over time, such as the area band of whole regions, 0-6; `words`: what each step stands for."""
    ticks = list(range(len(words)))
    y = {"range": [-0.3, ticks[-1] + 0.3], "tickvals": ticks, "ticktext": [f"{at} · {word}" for at, word in enumerate(words)]}
    return _figure(_with_doubt(lines, hover), y, marks, span)


def _with_doubt(lines: Sequence[Line], hover: str) -> list[dict[str, Any]]:
    return [
        {
            "x": list(line.days),
            "y": list(line.values),
            "name": line.name,
            "mode": "lines+markers",
            "line": {"color": LINES[at % 3], "width": 2.5, "dash": DASHES[at % 3]},
            "marker": {"size": 9, "symbol": MARKS[at % 3], "color": LINES[at % 3]},
            "error_y": _doubt(line, LINES[at % 3]),
            "hovertemplate": hover,
        }
        for at, line in enumerate(lines)
    ]


def _doubt(line: Line, colour: str) -> Mapping[str, Any] | None:
    if not line.low or not line.high:
        return None
    triples = list(zip(line.values, line.low, line.high, strict=True))
    return {
        "symmetric": False,
        "array": [0.0 if math.isnan(high) else max(high - value, 0.0) for value, _, high in triples],
        "arrayminus": [0.0 if math.isnan(low) else max(value - low, 0.0) for value, low, _ in triples],
        "width": 0,
        "thickness": 3,
        "color": colour,
    }
