"""Figures for people: what a network mixes up, whether its chances hold, what it finds, and a spot over time.

Each function only builds a Plotly figure; `core.ui.parts.chart` draws it. Colours are the theme's
placeholders, so one figure serves light and dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import sqrt
from typing import Any

import plotly.graph_objects as go

from core.ui import theme

LINES = (theme.ACCENT, theme.SECOND, theme.PLUM)
MARKS = ("circle", "square", "diamond")
DASHES = ("solid", "dash", "dot")


def _broken(name: str) -> str:
    """A long name on two lines, broken at the space nearest to its middle."""
    spaces = [at for at, sign in enumerate(name) if sign == " "]
    if len(name) <= 16 or not spaces:
        return name
    at = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:at]}<br>{name[at + 1 :]}"


def confusion(counts: Sequence[Sequence[int]], names: Sequence[str], short: Sequence[str]) -> Any:
    """Confusion matrix: rows what it was, columns what the network said, in photos; colour is the share of the row.

    With more than ten kinds the counts are small and zeros are left out, so that a phone has room for them.
    """
    shares = [[value / max(sum(row), 1) for value in row] for row in counts]
    rows = [_broken(name) for name in names]
    fig = go.Figure(
        go.Heatmap(
            z=shares[::-1],
            x=[code.upper() for code in short],
            y=rows[::-1],
            customdata=[list(row) for row in counts][::-1],
            showscale=False,
            xgap=2,
            ygap=2,
            zmin=0,
            zmax=1,
            hovertemplate="%{y}<br>called %{x}<br>%{customdata} photos<extra></extra>",
        )
    )
    # Plotly chooses the colour of a cell's text by the placeholder's own value, so it is chosen here; all texts
    # at once, because every single `add_annotation` checks all those before it again.
    many = len(counts) > 10
    cells = [(at, to, value) for at, row in enumerate(counts) for to, value in enumerate(row) if value or not many]
    ink = {True: theme.PAPER, False: theme.INK}
    fig.update_layout(
        annotations=[
            {"x": to, "y": len(counts) - 1 - at, "text": f"{value}", "showarrow": False,
             "font": {"size": 10 if many else 13, "color": ink[shares[at][to] > 0.5]}}
            for at, to, value in cells
        ]
    )  # fmt: skip
    # Numbers over the columns are names all the same.
    fig.update_xaxes(title="the network said", showgrid=False, type="category")
    fig.update_yaxes(title="it was", showgrid=False)
    return fig


def reliability(bins: Sequence[Mapping[str, float]]) -> Any:
    """Reliability curve: how sure it said it was (0-1) against how often it was right; the bars are 95 % intervals (normal)."""
    said = [row["confidence"] for row in bins]
    right = [row["accuracy"] for row in bins]
    photos = [row["n"] for row in bins]
    doubt = [1.96 * sqrt(max(a * (1 - a), 0.0) / max(n, 1)) for a, n in zip(right, photos, strict=True)]
    most = max(photos, default=1)
    fig = go.Figure()
    fig.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": theme.INK, "dash": "dot", "width": 1.5}, name="perfect", hoverinfo="skip"
    )
    fig.add_scatter(
        x=said,
        y=right,
        customdata=photos,
        mode="lines+markers",
        name="this network",
        line={"color": theme.ACCENT, "width": 2.5},
        marker={"size": [7 + 11 * sqrt(n / most) for n in photos], "color": theme.ACCENT},
        error_y={"array": doubt, "width": 0, "thickness": 1.5, "color": theme.ACCENT},
        hovertemplate="said %{x:.0%}, right %{y:.0%}<br>%{customdata} photos<extra></extra>",
    )
    fig.update_xaxes(title="how sure it said it was", tickformat=".0%", range=[0, 1.04])
    fig.update_yaxes(title="how often it was right", tickformat=".0%", range=[0, 1.04])
    return fig


def intervals(rows: Sequence[tuple[str, float, float, float]]) -> Any:
    """Dots with 95 % intervals, from the lowest value up: (name, value, low, high), all 0-1."""
    rows = sorted(rows, key=lambda row: row[1])
    fig = go.Figure(
        go.Scatter(
            x=[value for _, value, _, _ in rows],
            y=[_broken(name) for name, *_ in rows],
            mode="markers",
            marker={"size": 12, "color": theme.ACCENT},
            error_x={
                "symmetric": False,
                "array": [high - value for _, value, _, high in rows],
                "arrayminus": [value - low for _, value, low, _ in rows],
                "width": 0,
                "thickness": 3,
                "color": theme.ACCENT,
            },
            hovertemplate="%{x:.0%}<extra></extra>",
        )
    )
    least = min((low for _, _, low, _ in rows), default=0.0)
    fig.update_xaxes(tickformat=".0%", range=[max(0.0, least - 0.05), 1.04])
    fig.update_yaxes(ticklabelstandoff=8)
    return fig


def over_time(dates: Sequence[datetime], series: Mapping[str, Sequence[float]]) -> Any:
    """Chances 0-1 at the dates of the photos (already on the viewer's clock): one line each, told apart by dash and mark too."""
    fig = go.Figure()
    for at, (name, values) in enumerate(series.items()):
        fig.add_scatter(
            x=list(dates),
            y=list(values),
            name=name,
            mode="lines+markers",
            line={"color": LINES[at % 3], "width": 2.5, "dash": DASHES[at % 3]},
            marker={"size": 10, "symbol": MARKS[at % 3]},
            hovertemplate="%{y:.0%}",
        )
    fig.update_yaxes(tickformat=".0%", range=[0, 1.04], title="chance")
    fig.update_xaxes(type="date", tickformat="%-d %b<br>%Y", hoverformat="%-d %B %Y", nticks=6)
    return fig
