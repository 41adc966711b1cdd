"""A doctor's ratings: by nobody else, by the instruments' own rules, and they stay with the person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor
from core.records.erase import erase_account_by_id
from core.records.findings import delete_record, save_finding
from core.records.ratings import list_ratings, save_rating
from tests.core.house import a_finding, a_photo, ask, dump, own, somebody

EASI: dict[str, float] = {"redness": 2, "thickness": 1.5, "scratching": 0, "lichenification": 3}
SCORAD: dict[str, float] = {"redness": 2, "swelling": 1, "oozing": 0, "scratching": 3, "thickening": 1, "dryness": 2}


def let_in(doctor: Actor, patient: Actor) -> Actor:
    return replace(doctor, sees=frozenset({(own(patient), "all")}))


def test_a_doctor_who_was_let_in_rates_and_the_patient_reads(house: Path) -> None:
    ana, lena = somebody(), somebody("Lena", "doctor", persons=0)
    doctor = let_in(lena, ana)
    record = save_finding(ana, own(ana), a_photo(), a_finding(examination="eczema"), region="arms", side="left", whole_region=True)
    first = save_rating(doctor, record.id, EASI, area=3)
    second = save_rating(doctor, record.id, dict(reversed(SCORAD.items())))
    assert (first.signs, first.area, first.record_id) == (EASI, 3, record.id)
    assert (list(second.signs.items()), second.area) == (list(SCORAD.items()), None)
    assert list_ratings(ana, record.id) == list_ratings(doctor, record.id) == [first, second]
    erase_account_by_id(lena.account_id)  # the doctor leaves, what they said of the photo stays, without them
    assert list_ratings(ana, record.id) == [first, second]
    assert not [word for word in (lena.account_id.hex, str(lena.account_id)) if word in dump()]
    delete_record(ana, record.id)
    assert ask("SELECT count(*) FROM sign_rating") == [(0,)]


def test_nobody_else_rates_and_nobody_else_reads(house: Path) -> None:
    ana, eve = somebody(), somebody("Eve")
    record = save_finding(ana, own(ana), a_photo(), a_finding())
    everybody = frozenset({own(ana)})
    refused = [ana, eve, Actor(uuid4(), "doctor", everybody, "Lena", "l@example.org")]
    refused += [
        Actor(uuid4(), role, everybody, "X", "x@example.org", sees=frozenset((one, "all") for one in everybody))
        for role in ("patient", "staff", "admin")
    ]  # type: ignore[arg-type]
    for who in refused:
        with pytest.raises(NotFound):
            save_rating(who, record.id, EASI)
    for who in refused[1:3]:
        with pytest.raises(NotFound):
            list_ratings(who, record.id)
    assert list_ratings(ana, record.id) == []


BAD: list[tuple[dict[str, Any], Any]] = [
    ({}, None),
    ({"redness": 2}, None),
    ({**EASI, "dryness": 1}, None),
    ({**EASI, "redness": 3.5}, None),
    ({**EASI, "redness": 1.25}, None),
    ({**EASI, "redness": None}, None),
    ({**EASI, "redness": float("nan")}, None),
    ({**SCORAD, "redness": 1.5}, None),
    (EASI, 7),
    (EASI, -1),
    (EASI, 0.3),
    (SCORAD, 3),
]


@pytest.mark.parametrize(("signs", "area"), BAD)
@pytest.mark.parametrize("place", ["embedded"], indirect=True)
def test_a_rating_that_the_instrument_does_not_know_is_refused(house: Path, signs: dict[str, Any], area: Any) -> None:
    ana = somebody()
    doctor = let_in(somebody("Lena", "doctor", persons=0), ana)
    record = save_finding(ana, own(ana), a_photo(), a_finding(), region="trunk")
    with pytest.raises(InvalidInput):
        save_rating(doctor, record.id, signs, area=area)
    assert ask("SELECT count(*) FROM sign_rating") == [(0,)]


def test_an_area_needs_a_region(house: Path) -> None:
    ana = somebody()
    doctor = let_in(somebody("Lena", "doctor", persons=0), ana)
    record = save_finding(ana, own(ana), a_photo(), a_finding())
    with pytest.raises(InvalidInput, match="region"):
        save_rating(doctor, record.id, EASI, area=2)
    assert save_rating(doctor, record.id, EASI).area is None
