"""What is said of a table before it is taken in: which columns and lines it goes without."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.ui import moments

MOST = 20
"""Of each are named; the rest is counted."""


def left_out(unknown: Sequence[str], bad: Sequence[tuple[int, str]]) -> None:
    """The columns that are passed over, and the lines that are left out with the reason of each."""
    if unknown:
        names = ", ".join(f"“{moments.plain(name[:40])}”" for name in unknown[:MOST])
        more = f" and {len(unknown) - MOST} more" if len(unknown) > MOST else ""
        st.markdown(f"Columns that are passed over: {names}{more}.")
    for line, why in bad[:MOST]:
        st.markdown(f"- Line {line} is left out: {moments.plain(why)}")
    if len(bad) > MOST:
        st.markdown(f"- … and {len(bad) - MOST} more lines.")
