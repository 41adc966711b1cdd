"""Figures hold the numbers they were given, in the theme's placeholders only."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from core.ui import charts, theme

COUNTS = [[8, 2, 0], [1, 30, 9], [0, 0, 0]]


def placeholders() -> set[str]:
    return {theme.ACCENT, theme.SECOND, theme.PLUM, theme.FAINT, theme.INK, theme.PAPER, *theme.RAMP}


def test_confusion_reads_from_the_top_like_the_table():
    fig = charts.confusion(COUNTS, ["Actinic keratosis or more", "Mole", "Other"], ["akiec", "nv", "other"])
    heat = fig.data[0]
    assert list(heat.y)[::-1] == ["Actinic<br>keratosis or more", "Mole", "Other"] or "<br>" in list(heat.y)[-1]
    assert list(heat.z[-1]) == pytest.approx([0.8, 0.2, 0.0]) and list(heat.z[0]) == [0, 0, 0]
    written = {(note.x, note.y): note.text for note in fig.layout.annotations}
    assert written[(2, 1)] == "9", "row 'Mole' (second from the top) called 'other'"
    colours = {note.text: note.font.color for note in fig.layout.annotations}
    assert colours["8"] == theme.PAPER and colours["2"] == theme.INK


def test_reliability_and_intervals_keep_their_numbers():
    bins = [{"confidence": 0.5, "accuracy": 0.4, "n": 100}, {"confidence": 0.95, "accuracy": 1.0, "n": 900}]
    curve = charts.reliability(bins).data[1]
    assert list(curve.x) == [0.5, 0.95] and list(curve.y) == [0.4, 1.0]
    assert list(curve.error_y.array) == pytest.approx([0.096, 0.0], abs=0.001)  # 1.96 sqrt(0.4 * 0.6 / 100)
    dots = charts.intervals([("B", 0.9, 0.8, 0.95), ("A", 0.3, 0.1, 0.5)]).data[0]
    assert list(dots.x) == [0.3, 0.9] and list(dots.error_x.array) == pytest.approx([0.2, 0.05])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.2, 0.1])


def test_lines_over_time_are_told_apart_without_colour():
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=at) for at in (0, 40)]
    fig = charts.over_time(days, {"Mole": [0.9, 0.8], "Melanoma": [0.1, 0.2], "Other": [0.0, 0.0]})
    assert len({(line.line.dash, line.marker.symbol) for line in fig.data}) == 3
    assert list(fig.data[1].y) == [0.1, 0.2]


def test_no_colour_is_written_into_a_figure():
    bins = [{"confidence": 0.5, "accuracy": 0.4, "n": 100}]
    figures = (
        charts.confusion(COUNTS, ["A", "B", "C"], ["a", "b", "c"]),
        charts.reliability(bins),
        charts.intervals([("A", 0.3, 0.1, 0.5)]),
        charts.over_time([datetime(2026, 1, 1, tzinfo=UTC)], {"A": [0.5]}),
    )
    for fig in figures:
        bare = fig.to_dict()
        bare["layout"].pop("template", None)
        colours = set(re.findall(r"#[0-9a-fA-F]{6}|rgba?\([^)]*\)", json.dumps(bare, default=str)))
        assert colours and colours <= placeholders()
