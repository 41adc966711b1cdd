"""Scores: one a week, never of a day to come, with a draft beside; and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people.policy import Actor
from core.records.scores import ScoreExists, delete_score, discard_draft, draft, list_scores, save_draft, save_score, week_of
from core.records.times import now
from tests.core.house import ask, dump, own, somebody
from tests.core.together import together

MONDAY = date(2026, 2, 9)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
ITEMS = ("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry")  # in the order of the form
FULL: dict[str, Any] = dict(zip(ITEMS, (4, 3, 2, 1, 0, 4, 3), strict=True))
PO: dict[str, Any] = {
    "extent": 20, "redness": 2, "swelling": 1, "oozing": 0, "scratching": 3, "thickening": 1, "dryness": 2, "itch": 6.5, "sleep": 3,
}  # fmt: skip


def test_a_score_is_counted_by_the_rules_and_comes_back(house: Path) -> None:
    actor = somebody()
    saved = save_score(actor, own(actor), "poem", MONDAY, FULL)
    assert (saved.total, saved.missing, saved.day, saved.draft) == (17, 0, MONDAY, False)
    assert list(saved.answers.items()) == list(FULL.items()) and all(type(answer) is int for answer in saved.answers.values())
    one = save_score(actor, own(actor), "poem", MONDAY + WEEK, {**FULL, "itch": None})
    assert (one.total, one.missing, one.answers["itch"]) == (13, 1, None)  # counts 0, out of 28 all the same
    two = save_score(actor, own(actor), "poem", MONDAY + 2 * WEEK, {item: FULL[item] for item in ITEMS[2:]})
    assert (two.total, two.missing) == (None, 2)  # not scored
    other = save_score(actor, own(actor), "po_scorad", MONDAY, PO)
    assert other.total == pytest.approx(20 / 5 + 7 * 9 / 2 + 9.5)
    assert list_scores(actor, own(actor), "poem") == [saved, one, two]
    assert list_scores(actor, own(actor), "poem", since=MONDAY + WEEK) == [one, two]
    assert {score.id for score in list_scores(actor, own(actor))} == {saved.id, one.id, two.id, other.id}


def test_the_second_one_of_a_week_asks_before_it_takes_the_place_of_the_first(house: Path) -> None:
    actor = somebody()
    first = save_score(actor, own(actor), "poem", MONDAY, FULL)
    save_score(actor, own(actor), "po_scorad", MONDAY, PO)  # another instrument has a week of its own
    before = dump()
    with pytest.raises(ScoreExists) as told:
        save_score(actor, own(actor), "poem", MONDAY + 6 * DAY, {**FULL, "itch": 0})
    assert told.value.existing == first and told.value.hint
    assert dump() == before
    second = save_score(actor, own(actor), "poem", MONDAY + 6 * DAY, {**FULL, "itch": 0}, replace=True)
    assert list_scores(actor, own(actor), "poem") == [second]
    assert (second.total, second.day, second.changed_at > first.changed_at) == (13, MONDAY + 6 * DAY, True)
    save_score(actor, own(actor), "poem", MONDAY + WEEK, FULL)  # Monday begins the next
    assert len(list_scores(actor, own(actor), "poem")) == 2


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_a_week_is_monday_to_sunday_whatever_the_year(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    assert {week_of(monday + n * DAY) for n in range(7)} == {week_of(day)}
    assert week_of(monday - DAY) != week_of(day) != week_of(monday + WEEK)
    assert week_of(day) == f"{day:%G-W%V}"


def test_two_tabs_at_once_save_one(house: Path) -> None:
    actor = somebody()

    def one(number: int) -> object:
        try:
            return save_score(actor, own(actor), "poem", MONDAY, {**FULL, "itch": number})
        except ScoreExists as there:
            return there.existing

    saved = together(4, one)
    (kept,) = list_scores(actor, own(actor), "poem")
    assert all(score == kept for score in saved)


def test_a_form_half_filled_is_kept_and_finished_later(house: Path) -> None:
    actor = somebody(persons=2)
    me, child = sorted(actor.person_ids)
    assert draft(actor, me, "poem") is None
    discard_draft(actor, me, "poem")
    begun = save_draft(actor, me, "poem", {"itch": 3})
    assert (begun.draft, begun.missing, begun.total, begun.day) == (True, 6, None, now().date())
    more = save_draft(actor, me, "poem", {**FULL, "dry": None}, MONDAY)
    assert draft(actor, me, "poem") == more and more.id == begun.id
    assert (more.missing, more.total, more.day) == (1, None, MONDAY)  # a draft has no score
    assert list_scores(actor, me, "poem") == [] and draft(actor, child, "poem") is None and draft(actor, me, "po_scorad") is None
    done = save_score(actor, me, "poem", MONDAY, FULL)
    assert draft(actor, me, "poem") is None and list_scores(actor, me) == [done] and not done.draft
    # Another one is begun, and takes the place of the one that there was.
    save_draft(actor, me, "poem", {"itch": 0})
    with pytest.raises(ScoreExists):
        save_score(actor, me, "poem", MONDAY, {**FULL, "itch": 0})
    assert draft(actor, me, "poem") is not None  # nothing was lost by asking
    save_score(actor, me, "poem", MONDAY, {**FULL, "itch": 0}, replace=True)
    assert ask("SELECT count(*) FROM score") == [(1,)]
    save_draft(actor, me, "po_scorad", {"extent": None, "redness": 2, "left_arm": 0.5})
    kept = draft(actor, me, "po_scorad")
    assert kept and (kept.answers["redness"], kept.answers["left_arm"], kept.answers["extent"], kept.missing) == (2, 0.5, 4.5, 7)
    discard_draft(actor, me, "po_scorad")
    assert draft(actor, me, "po_scorad") is None


def test_the_extent_comes_from_the_body_picture(house: Path) -> None:
    """By the rule of nines: half an arm of 9 % and a whole leg of 18 %."""
    actor = somebody()
    asked = {item: answer for item, answer in PO.items() if item != "extent"}
    saved = save_score(actor, own(actor), "po_scorad", MONDAY, {**asked, "left_arm": 0.5, "right_leg": 1})
    assert saved.answers["extent"] == pytest.approx(22.5) and saved.answers["right_leg"] == 1
    assert saved.total == pytest.approx(22.5 / 5 + 7 * 9 / 2 + 9.5)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("poem", {}),
    ("poem", dict.fromkeys(ITEMS)),
    ("poem", {**FULL, "itch": 5}),
    ("poem", {**FULL, "itch": -1}),
    ("poem", {**FULL, "itch": 1.5}),
    ("poem", {**FULL, "itch": float("nan")}),
    ("poem", {**FULL, "itch": True}),
    ("poem", {**FULL, "itch": "4"}),
    ("poem", {**FULL, "mood": 1}),
    ("po_scorad", {}),
    ("po_scorad", {**PO, "sleep": None}),
    ("po_scorad", {**PO, "extent": 101}),
    ("po_scorad", {**PO, "dryness": 4}),
    ("po_scorad", {**PO, "itch": float("inf")}),
    ("po_scorad", {**PO, "left_arm": 1.1}),
    ("po_scorad", {**PO, "tail": 1}),
    ("dlqi", {"itch": 1}),
]


@pytest.mark.parametrize(("instrument", "answers"), BAD)
@pytest.mark.parametrize("place", ["embedded"], indirect=True)
def test_what_an_instrument_does_not_know_is_refused(house: Path, instrument: str, answers: dict[str, Any]) -> None:
    actor = somebody()
    with pytest.raises(InvalidInput) as told:
        save_score(actor, own(actor), instrument, MONDAY, answers)
    assert told.value.reason.endswith(".") and told.value.hint
    if any(value is not None for value in answers.values()) and answers != {**PO, "sleep": None}:  # what a draft may lack is all it may
        with pytest.raises(InvalidInput):
            save_draft(actor, own(actor), instrument, answers)
    assert ask("SELECT count(*) FROM score") == [(0,)]


def test_a_day_to_come_is_refused_by_the_persons_own_clock(house: Path) -> None:
    actor, utc = somebody(), now().date()
    for day, today in ((utc + DAY, None), (utc + 400 * DAY, None), (utc, utc - DAY), (utc + 2 * DAY, utc + 2 * DAY)):
        for act in (
            lambda day=day, today=today: save_score(actor, own(actor), "poem", day, FULL, today=today),
            lambda day=day, today=today: save_draft(actor, own(actor), "poem", FULL, day, today=today),
        ):
            with pytest.raises(InvalidInput, match="still to come"):
                act()
    assert save_score(actor, own(actor), "poem", utc + DAY, FULL, today=utc + DAY).day == utc + DAY  # it is tomorrow there already
    assert len(list_scores(actor, own(actor))) == 1


def test_a_score_that_is_deleted_leaves_no_trace(house: Path) -> None:
    actor = somebody()
    kept, gone = (save_score(actor, own(actor), "poem", MONDAY + n * WEEK, FULL) for n in range(2))
    delete_score(actor, gone.id)
    assert list_scores(actor, own(actor)) == [kept]
    for word in (str(gone.id), gone.id.hex):
        assert word not in dump()
        assert not [path.name for path in house.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
    assert ask("SELECT count(*) FROM erasure") == [(0,)]
    for id in (gone.id, uuid4()):
        with pytest.raises(NotFound):
            delete_score(actor, id)


def test_nobody_elses(house: Path) -> None:
    ana, eve = somebody(), somebody("Eve")
    mine = own(ana)
    saved, begun = save_score(ana, mine, "poem", MONDAY, FULL), save_draft(ana, mine, "poem", {"itch": 1})
    others = [eve, *(Actor(uuid4(), role, frozenset({mine}), "X", "x@example.org") for role in ("doctor", "staff", "admin"))]  # type: ignore[arg-type]
    doctor = replace(somebody("Lena", "doctor", persons=0), sees=frozenset({(mine, "all")}))
    before = dump()
    changes: list[Callable[[Actor], object]] = [
        lambda who: save_score(who, mine, "poem", MONDAY, FULL, replace=True),
        lambda who: save_draft(who, mine, "poem", FULL),
        lambda who: discard_draft(who, mine, "poem"),
    ]
    for who in others:
        for act in (*changes, lambda who: list_scores(who, mine), lambda who: draft(who, mine, "poem")):
            with pytest.raises(NotAllowed):
                act(who)
        with pytest.raises(NotFound):
            delete_score(who, saved.id)
    assert dump() == before
    # A doctor who was let in reads, which is written down, and changes nothing.
    assert list_scores(doctor, mine) == [saved] and draft(doctor, mine, "poem") == begun
    before = dump()
    for act in changes:
        with pytest.raises(NotAllowed):
            act(doctor)
    with pytest.raises(NotFound):
        delete_score(doctor, saved.id)
    assert dump() == before
