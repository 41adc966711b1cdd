"""Treatments: what, from when to when, and whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people.policy import Actor
from core.records.times import now
from core.records.treatments import KINDS, add_treatment, delete_treatment, end_treatment, list_treatments
from tests.core.house import ask, dump, own, somebody

FIRST = date(2026, 1, 5)
DAY = timedelta(days=1)


def test_a_treatment_begins_ends_and_goes_on(house: Path) -> None:
    actor = somebody()
    cream = add_treatment(actor, own(actor), "  Hydro\x00cortisone \n 1 % ", "steroid", FIRST)
    assert (cream.name, cream.kind, cream.started_on, cream.ended_on) == ("Hydrocortisone 1 %", "steroid", FIRST, None)
    early = add_treatment(actor, own(actor), "Salbe „fett“", "emollient", FIRST - DAY, FIRST - DAY)
    assert list_treatments(actor, own(actor)) == [early, cream]
    assert end_treatment(actor, cream.id, FIRST + 13 * DAY).ended_on == FIRST + 13 * DAY
    assert end_treatment(actor, cream.id, FIRST).ended_on == FIRST  # one day is one
    assert end_treatment(actor, cream.id, None).ended_on is None
    delete_treatment(actor, cream.id)
    assert list_treatments(actor, own(actor)) == [early]
    for word in (str(cream.id), cream.id.hex, "Hydrocortisone"):
        assert word not in dump()
        assert not [path.name for path in house.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
    for act in (delete_treatment, lambda who, id: end_treatment(who, id, None)):
        with pytest.raises(NotFound):
            act(actor, cream.id)


def test_what_cannot_be_is_refused(house: Path) -> None:
    actor, utc = somebody(), now().date()
    good: dict[str, Any] = {"name": "Cream", "kind": "emollient", "started_on": FIRST, "ended_on": None}
    for wrong in (
        {"name": " "}, {"name": "x" * 81}, {"kind": "magic"}, {"kind": ""}, {"ended_on": FIRST - DAY},
        {"started_on": utc + DAY}, {"ended_on": utc + DAY},
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as told:
            add_treatment(actor, own(actor), **{**good, **wrong})
        assert told.value.reason.endswith(".") and told.value.hint
    assert add_treatment(actor, own(actor), **{**good, "started_on": utc + DAY}, today=utc + DAY)  # it is tomorrow there already
    saved = add_treatment(actor, own(actor), **good)
    for day in (FIRST - DAY, utc + DAY):
        with pytest.raises(InvalidInput):
            end_treatment(actor, saved.id, day)
    assert ask("SELECT count(*) FROM treatment") == [(2,)]
    for kind in KINDS:
        assert add_treatment(actor, own(actor), "Cream", kind, FIRST).kind == kind


def test_nobody_elses(house: Path) -> None:
    ana, eve = somebody(), somebody("Eve")
    mine = own(ana)
    saved = add_treatment(ana, mine, "Cream", "emollient", FIRST)
    doctor = replace(somebody("Lena", "doctor", persons=0), sees=frozenset({(mine, "all")}))
    others = [Actor(uuid4(), role, frozenset({mine}), "X", "x@example.org") for role in ("doctor", "staff", "admin")]  # type: ignore[arg-type]
    for who in (eve, doctor, *others):
        with pytest.raises(NotAllowed):
            add_treatment(who, mine, "Cream", "emollient", FIRST)
        for act in (lambda who: end_treatment(who, saved.id, FIRST), lambda who: delete_treatment(who, saved.id)):
            with pytest.raises(NotFound):
                act(who)
        if who is not doctor:
            with pytest.raises(NotAllowed):
                list_treatments(who, mine)
    assert list_treatments(ana, mine) == list_treatments(doctor, mine) == [saved]
