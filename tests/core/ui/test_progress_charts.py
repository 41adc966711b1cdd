"""Charts of the weeks: every value where it belongs, the bands whole, the treatments on each of them."""

from __future__ import annotations

import json
import math
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.instruments import easi, poem
from core.ui import progress_charts as charts
from core.ui.progress_charts import Level, Line, Mark
from tests.core.ui.test_charts import placeholders

START = date(2026, 1, 5)
DAYS = [START + timedelta(weeks=at) for at in range(12)]
SPAN = (START, DAYS[-1])
LEVELS = [Level(band.name, band.low, band.high) for band in poem.BANDS]
MARKS = [Mark(START + timedelta(days=10), "Steroid cream"), Mark(START + timedelta(days=40), "Wet wraps")]
NAN = math.nan


def figures():
    values = [0.18, 0.2, 0.12]
    line = Line("Left arm", DAYS[:3], values, [0.15, NAN, 0.1], [0.2, NAN, 0.15])
    yield charts.score(Line("POEM", DAYS, list(range(12))), LEVELS, poem.HIGHEST, MARKS, SPAN)
    yield charts.shares([line], MARKS, SPAN)
    yield charts.redness([Line("Left arm", DAYS[:2], [9.0, 4.0], [8.0, 3.0], [10.0, 5.0])], MARKS, SPAN)
    yield charts.extent([Line("Left arm", DAYS[:2], [3, 1])], easi.AREA_WORDS, MARKS, SPAN)


def test_poem_stands_on_the_official_bands_without_a_gap():
    fig = charts.score(Line("POEM", DAYS, list(range(12))), LEVELS, poem.HIGHEST, [], SPAN)
    bands = [shape for shape in fig.layout.shapes if shape.type == "rect"]
    # 0-2, 3-7, 8-16, 17-24, 25-28 (Charman 2013): each drawn half a point further, so that no white line is between them
    assert [(band.y0, band.y1) for band in bands] == [(-0.5, 2.5), (2.5, 7.5), (7.5, 16.5), (16.5, 24.5), (24.5, 28.5)]
    assert [note.text for note in fig.layout.annotations] == [band.name for band in poem.BANDS]
    assert list(fig.data[0].y) == list(range(12)) and list(fig.data[0].x) == DAYS
    assert tuple(fig.layout.yaxis.range) == (-0.5, 28.5)


@pytest.mark.parametrize("at", range(4), ids=["poem", "share", "redness", "extent"])
def test_every_chart_has_every_treatment_as_a_dotted_line_with_its_name(at):
    fig = list(figures())[at]
    lines = [shape for shape in fig.layout.shapes if shape.type == "line"]
    assert [(line.x0, line.line.dash) for line in lines] == [("2026-01-15", "dot"), ("2026-02-14", "dot")]
    named = {note.x: note.text for note in fig.layout.annotations if note.yref == "paper"}
    assert named["2026-01-15"] == "Steroid cream" and named["2026-02-14"] == "Wet wraps"
    assert tuple(fig.layout.xaxis.range) == ("2026-01-05", "2026-03-23"), "the same weeks on all of them"


def test_the_doubt_reaches_from_the_lower_to_the_upper_end_and_is_left_out_where_not_given():
    bars = charts.shares([Line("Arm", DAYS[:3], [0.18, 0.2, 0.12], [0.15, NAN, 0.1], [0.2, NAN, 0.15])], [], SPAN).data[0].error_y
    assert list(bars.array) == pytest.approx([0.02, 0, 0.03]) and list(bars.arrayminus) == pytest.approx([0.03, 0, 0.02])


def test_extent_says_what_a_band_stands_for():
    axis = charts.extent([Line("Arm", DAYS[:2], [3, 1])], easi.AREA_WORDS, [], SPAN).layout.yaxis
    assert list(axis.ticktext)[:3] == ["0 · no eczema", "1 · 1-9 %", "2 · 10-29 %"] and len(axis.tickvals) == 7


def test_no_colour_is_written_into_a_figure():
    for fig in figures():
        bare = fig.to_dict()
        bare["layout"].pop("template", None)
        colours = set(re.findall(r"#[0-9a-fA-F]{6}|rgba?\([^)]*\)", json.dumps(bare, default=str)))
        assert colours and colours <= placeholders()


def test_an_empty_chart_and_one_of_nothing_known_can_be_drawn():
    for build in (charts.shares, charts.redness):
        assert not build([], [], SPAN).data
        assert build([Line("Arm", [START], [NAN], [NAN], [NAN])], [], (START, START)).data


def test_marks_outside_the_weeks_shown_are_left_out():
    marks = [Mark(START - timedelta(days=1), "Before"), Mark(DAYS[-1] + timedelta(days=1), "After"), Mark(START, "First day")]
    assert [mark.name for mark in charts.inside(marks, SPAN)] == ["First day"]
    assert charts.top(marks, SPAN) > charts.top([], SPAN)


@given(st.lists(st.tuples(st.integers(0, 77), st.integers(1, 14)), max_size=6))
def test_names_of_one_row_do_not_run_into_each_other(asked):
    marks = charts.inside([Mark(START + timedelta(days=day), "x" * letters) for day, letters in asked], SPAN)
    rows = charts.rows_of(marks, SPAN)
    assert all(0 <= row < charts.ROWS for row in rows)
    if len(marks) <= charts.ROWS:
        ends = dict.fromkeys(range(charts.ROWS), -1.0)
        for mark, row in zip(marks, rows, strict=True):
            start = min((mark.day - START).days / 77, 1 - charts.LETTER * len(mark.name))
            assert start >= ends[row]
            ends[row] = start + charts.LETTER * len(mark.name)
