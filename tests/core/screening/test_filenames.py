"""File names by patterns: what is clear, what is asked for, and that nothing hostile takes long."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.screening import filenames
from core.screening.filenames import COMMON, NO_DAY, NOT_READ, SIDES, TWO_WAYS, best_pattern, check_pattern, read_name, same_eye_and_day

TODAY = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("name", "pattern", "patient", "side", "day"),
    [
        ("P012_left.jpg", "{patient}_{side}", "P012", "left", None),
        ("camp/oost/P012_OD.JPG", "{patient}_{side}", "P012", "right", None),
        ("camp\\P012_os.dcm", "{patient}_{side}", "P012", "left", None),
        ("P_0_12_R.png", "{patient}_{side}", "P_0_12", "right", None),
        ("2026-03-01 Jan Bakker LE.jpg", "{date} {patient} {side}", "Jan Bakker", "left", date(2026, 3, 1)),
        ("IMG_12-R-20260301.jpeg", "IMG_{patient}-{side}-{date}", "12", "right", date(2026, 3, 1)),
        ("12_R_0004.jpg", "{patient}_{side}_{any}", "12", "right", None),
        ("żółw_L.jpg", "{patient}_{side}", "żółw", "left", None),
        ("P012.v2_L", "{patient}_{side}", "P012.v2", "left", None),
    ],
)
def test_what_is_clear(name: str, pattern: str, patient: str, side: str, day: date | None) -> None:
    told = read_name(name, pattern, TODAY)
    assert (told.patient, told.side, told.taken_on, told.unclear) == (patient, side, day, ())


@pytest.mark.parametrize(
    ("name", "pattern", "why"),
    [
        ("P012.jpg", "{patient}_{side}", NOT_READ),
        ("P012_both.jpg", "{patient}_{side}", NOT_READ),
        ("P012_OU.jpg", "{patient}_{side}", NOT_READ),
        ("P012_R_2.jpg", "{patient}_{side}", NOT_READ),
        ("12_L_R_3.jpg", "{patient}_{side}_{any}", TWO_WAYS),
        ("P12_L.jpg", "{patient}{any}_{side}", TWO_WAYS),
        ("P1_R_2026-02-30.jpg", "{patient}_{side}_{date}", NO_DAY),
        ("P1_R_2026-03-15.jpg", "{patient}_{side}_{date}", NO_DAY),
        ("x" * 200 + "_R.jpg", "{patient}_{side}", NOT_READ),
        (" _R.jpg", "{patient}_{side}", filenames.NO_PATIENT),
        ("P012.jpg", "{patient}", filenames.NO_SIDE),
    ],
)
def test_what_is_asked(name: str, pattern: str, why: str) -> None:
    told = read_name(name, pattern, TODAY)
    assert told.unclear == (why,)


@pytest.mark.parametrize(
    "pattern", ["{side}", "{patient}_{patient}", "{patient}{", "{patient}_{eye}", "{patient}}", "", "{patient}" + "x" * 100]
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str) -> None:
    with pytest.raises(InvalidInput) as told:
        check_pattern(pattern)
    assert told.value.reason.endswith(".") and told.value.hint


WORDS = [word for words in SIDES.values() for word in words]
CODES = st.text(st.characters(codec="utf-8", exclude_characters="/\\.", exclude_categories=("C", "Z")), min_size=1, max_size=40)


@given(CODES, st.sampled_from(WORDS), st.sampled_from(COMMON), st.dates(date(2000, 1, 1), TODAY))
def test_what_a_pattern_writes_it_reads_or_it_asks(code: str, word: str, pattern: str, day: date) -> None:
    """Never another patient, side or day than was written."""
    name = pattern.format(patient=code, side=word, date=day.isoformat()) + ".jpg"
    told = read_name(name, pattern, TODAY)
    side = next(side for side, words in SIDES.items() if word in words)
    assert told.unclear or (told.patient, told.side, told.taken_on) == (code, side, day if "{date}" in pattern else None)
    if "_" not in code and "-" not in code:
        assert not told.unclear


@settings(deadline=None, max_examples=60)
@given(
    st.text(st.sampled_from("a_-lrRLdoes1 "), max_size=140),
    st.sampled_from(["{patient}{any}{side}", "{any}{patient}{side}{date}", *COMMON]),
)
def test_no_name_takes_long(name: str, pattern: str) -> None:
    started = time.process_time()
    read_name(name, pattern, TODAY)
    assert time.process_time() - started < 0.5


def test_the_longest_and_nastiest_name_is_quick() -> None:
    started = time.process_time()
    for name in ("l" * 120, "_" * 120, "1-" * 60, "r_" * 59 + "!"):
        read_name(name, "{patient}{any}{side}{date}", TODAY)
    assert time.process_time() - started < 2


def test_the_pattern_that_fits_best_is_offered() -> None:
    assert best_pattern(["P1-R.jpg", "P1-L.jpg", "x.jpg"], TODAY) == "{patient}-{side}"
    assert best_pattern(["a.jpg"], TODAY) is None


def test_the_same_eye_on_the_same_day() -> None:
    day = date(2026, 3, 1)
    rows = [("a", "P1", "left", day), ("b", "p1", "left", day), ("c", "P1", "left", None), ("d", "P1", "right", day)]
    rows += [("e", None, "left", day), ("f", "P2", None, day), ("g", "P2", None, day)]  # type: ignore[list-item]
    assert same_eye_and_day(rows) == [["a", "b"]]
