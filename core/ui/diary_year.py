"""A year of the diary as a calendar: a square for each day, the stronger its colour the worse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.records.diary_tables import DiaryDayPublic
from core.ui import parts, theme
from core.words import written

NAMES = {"severity": "Severity", "itch": "Itch", "sleep": "Sleep"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def first_of(today: date) -> date:
    """The first day that is shown: a Monday, 53 weeks with the one of `today`."""
    return today - timedelta(days=today.weekday(), weeks=52)


def calendar(days: Sequence[DiaryDayPublic], measure: str, today: date) -> Any:
    """The figure: columns are weeks, rows weekdays. Days to come are left out, days without an entry are empty."""
    first = first_of(today)
    told = {one.day: getattr(one, measure) for one in days}
    weeks = [first + timedelta(weeks=week) for week in range(53)]
    cells = [[monday + timedelta(days=row) for monday in weeks] for row in range(7)]
    fig = go.Figure(
        go.Heatmap(
            z=[[told.get(day) if day <= today else None for day in row] for row in cells],
            x=[monday.isoformat() for monday in weeks],
            y=list(WEEKDAYS),
            text=[[f"{written(day)}: {said}" if (said := told.get(day)) is not None else written(day) for day in row] for row in cells],
            hovertemplate="%{text}<extra></extra>",
            colorscale=[[at / (len(theme.RAMP) - 1), colour] for at, colour in enumerate(theme.RAMP)],
            zmin=0,
            zmax=10,
            xgap=1,
            ygap=1,
            showscale=False,
        )
    )
    fig.update_yaxes(autorange="reversed", showgrid=False, tickvals=["Mon", "Thu", "Sun"])
    fig.update_xaxes(type="date", tickformat="%b<br>%Y", dtick="M2", showgrid=False)
    return fig


def show(days: Sequence[DiaryDayPublic], today: date) -> None:
    """The calendar with its measure, and the same in words."""
    with parts.row():
        st.subheader("Your year", anchor=False, width="stretch")
        names = {name: id for id, name in NAMES.items()}
        chosen = st.segmented_control(
            "Show", list(names), default="Severity", required=True, key="diary_measure", label_visibility="collapsed"
        )
    measure = names[chosen or "Severity"]
    told = [(one.day, value) for one in days if first_of(today) <= one.day <= today and (value := getattr(one, measure)) is not None]
    if not told:
        st.markdown(f"No day with an answer for {NAMES[measure].lower()} yet.")
        return
    mean, worst = sum(value for _, value in told) / len(told), max(told, key=lambda one: one[1])
    many = "1 day" if len(told) == 1 else f"{len(told)} days"
    says = f"{many} with an answer, on average {mean:.1f} of 10. The worst was {written(worst[0])} with {worst[1]}."
    parts.chart(calendar(days, measure, today), 210, alt=f"{NAMES[measure]} day by day over a year. {says}")
    parts.note(f"{says} The stronger the colour, the worse; empty days have no entry.")
