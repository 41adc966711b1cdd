"""Colours that charts name and the browser fills in for light or dark.

Streamlit replaces these placeholders in Plotly figures (lines, shapes, annotations, heat maps).
The names are internal to Streamlit, so they are imported here only, and a test holds them.
"""

from __future__ import annotations

from streamlit.elements.lib import streamlit_plotly_theme as _theme

ACCENT: str = _theme.CATEGORY_0
"""The one line a chart is about."""
SECOND: str = _theme.CATEGORY_1
PLUM: str = _theme.CATEGORY_2
"""Severity and evidence."""
FAINT: str = _theme.CATEGORY_4
INK: str = _theme.GRAY_90
"""Text and axes: Plotly's own grey is too pale on white."""
PAPER: str = _theme.BG_COLOR
"""The page itself: text on the far end of the ramp."""
RAMP: tuple[str, ...] = (
    _theme.SEQUENTIAL_0,
    _theme.SEQUENTIAL_1,
    _theme.SEQUENTIAL_2,
    _theme.SEQUENTIAL_3,
    _theme.SEQUENTIAL_4,
    _theme.SEQUENTIAL_5,
    _theme.SEQUENTIAL_6,
    _theme.SEQUENTIAL_7,
    _theme.SEQUENTIAL_8,
    _theme.SEQUENTIAL_9,
)
"""From the page's own tone to plum: further from the page is more."""
