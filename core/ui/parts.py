"""Shared parts of the screens.

Nothing here knows whether the theme is light or dark: text uses markdown colours, charts the
theme's placeholders (`core.ui.theme`), elements the `--st-*` variables of the page.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import segno
import streamlit as st

from core.examinations.finding import Step
from core.ui import theme

ELEMENTS = Path(__file__).parent / "elements"
"""One folder per element: `part.html`, `part.css`, `part.js` (components v2, no build step)."""

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]


class Urgency(NamedTuple):
    """One next step: words for the patient, short words for the doctor, colour and icon (never colour alone)."""

    patient: str
    doctor: str
    colour: Colour
    icon: str


URGENCY: dict[Step, Urgency] = {
    "today": Urgency("See a doctor today", "Today", "red", ":material/emergency_home:"),
    "soon": Urgency("See a doctor within 2 weeks", "Within 2 weeks", "orange", ":material/event_upcoming:"),
    "routine": Urgency("Show it at your next visit", "Next visit", "blue", ":material/stethoscope:"),
    "watch": Urgency("Keep an eye on it", "Watch", "gray", ":material/visibility:"),
}


def urgency(step: Step, short: bool = False, says: str = "") -> None:
    """The badge of a next step; `short` uses the doctor's words, which fit a table. `says`: other words for it (`Words.when`)."""
    known = URGENCY[step]
    st.badge(says or (known.doctor if short else known.patient), icon=known.icon, color=known.colour)


def next_step(step: Step, text: str) -> None:
    """What to do next, in a box: red for today only, always with an icon."""
    box: dict[Step, Callable[..., Any]] = {"today": st.error, "soon": st.warning, "routine": st.info, "watch": st.info}
    box[step](text, icon=URGENCY[step].icon)


def note(text: str) -> None:
    """Small print on any ground (st.caption is too pale on tinted ones). `text` is Markdown."""
    st.markdown(f":small[:gray[{text}]]")


def lead(text: str) -> None:
    """The quiet sentence under a page's title."""
    st.markdown(f":gray[{text}]")


def dots(level: int, of: int = 4) -> str:
    """Severity as filled dots, readable without colour: `●●○○` as Markdown."""
    if not 0 <= level <= of:
        raise ValueError(f"level {level} is not between 0 and {of}")
    return f":violet[{'●' * level}]:gray[{'○' * (of - level)}]"


def ask(question: str, answer: str = "") -> None:
    """One line of a finding card: a quiet question, a plain answer."""
    st.markdown(f":small[:gray[**{question}**]]" + (f"  \n{answer}" if answer else ""))


def titled(title: str, below: str = "", icon: str = "") -> None:
    """A bold line with an icon and a small grey line below; fills the width it has."""
    head = f":primary[:material/{icon}:]&ensp;" if icon else ""
    st.markdown(f"**{head}{title}**" + (f"  \n:small[:gray[{below}]]" if below else ""), width="stretch")


def row(**kwargs: Any) -> Any:
    """Things side by side; wraps on a narrow screen unless `wrap=False`."""
    return st.container(**{"horizontal": True, "vertical_alignment": "center", "gap": "small", **kwargs})


def strip(count: int, width: int, name: str = "", **kwargs: Any) -> Any:
    """Cards side by side, as many as fit, the rest by swiping; write into `.cell()` of it.

    `width`: least width of a card in px. `name` keeps two strips of a page apart.
    """
    return st.grid(max(count, 1), wrap=False, min_column_width=width, key=f"strip_{name or width}", **kwargs)


def chart(fig: Any, height: int = 300, alt: str = "", top: int = 8, legend: bool = False, **kwargs: Any) -> None:
    """A Plotly figure in the house style: fixed ranges, no mode bar, readable greys, `alt` for screen readers.

    The key holds the theme's name, so that after a switch of light and dark the next run draws the chart anew.
    """
    fig.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": top, "b": 8},
        font={"color": theme.INK, "size": 13},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        dragmode=False,
    )
    axis = {
        "fixedrange": True,
        "tickfont": {"color": theme.INK, "size": 13},
        "title_font": {"color": theme.INK, "size": 13},
    }
    fig.update_xaxes(**axis)
    fig.update_yaxes(**axis)
    kwargs.setdefault("key", f"{alt or 'chart'} ({st.context.theme.type})")
    st.plotly_chart(fig, config={"displayModeBar": False, "scrollZoom": False}, alt=alt or None, **kwargs)


def empty(icon: str, title: str, text: str) -> Any:
    """An empty state: what is missing and what to do first. Returns the box, for a button."""
    box = st.container(border=True)
    with box:
        titled(title, "", icon)
        st.markdown(text)
    return box


def data_url(data: bytes, media_type: str) -> str:
    """A picture as a data address, for elements."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def qr_code(text: str) -> str:
    """A QR code as SVG, for `st.image`: dark on white in both themes, with the rim that cameras need."""
    made: str = segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return made


def day(when: datetime, today: datetime | None = None) -> str:
    """A date as people write it: `14 March`, with the year when it is not this one."""
    now = today or datetime.now(when.tzinfo)
    return f"{when.day} {when:%B}" + ("" if when.year == now.year else f" {when.year}")


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    return ", ".join(words[:-1]) + (f" {last} " if len(words) > 1 else "") + words[-1] if words else ""


@cache
def _registered(name: str) -> Any:
    html, css, js = ((ELEMENTS / name / f"part.{ending}").read_text(encoding="utf-8") for ending in ("html", "css", "js"))
    return st.components.v2.component(f"carelens_{name}", html=html, css=css, js=js)


def element(name: str, **kwargs: Any) -> Any:
    """Show the element of the folder `core/ui/elements/<name>`; pass `data=`, `key=`, `on_<x>_change=`."""
    return _registered(name)(**kwargs)
