"""The diary: one entry a day, what was met, tables in and out, and whose it is."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotAllowed, NotFound
from core.records import diary_csv
from core.records.diary import Imported, Met, Written, checked, delete_day, import_days, list_days, save_day
from core.records.diary_tables import DiaryDayCreate, DiaryDayPublic, ExposureCreate, ExposurePublic
from core.records.times import now
from core.records.treatments import KINDS
from core.records.triggers import add_trigger, groups, list_triggers
from tests.core.house import ask, dump, own, somebody
from tests.core.records.test_export import archive, everything, table

DAY = date(2026, 3, 14)
ONE = timedelta(days=1)


def entry(day: date = DAY, **more: Any) -> DiaryDayCreate:
    return DiaryDayCreate(day=day, **{"severity": 4, **more})


def test_a_day_is_saved_changed_and_erased(house: Path) -> None:
    ana = somebody()
    wool, milk = add_trigger(ana, own(ana), "contact", "wool"), add_trigger(ana, own(ana), "food", "milk")
    saved = save_day(
        ana,
        own(ana),
        entry(itch=7, sleep=0, treatments=["steroid", "emollient"], note="  a  long\nnight "),
        [ExposureCreate(trigger_id=wool.id), ExposureCreate(trigger_id=milk.id, hour=8)],
    )
    assert (saved.itch, saved.sleep, saved.severity, saved.note) == (7, 0, 4, "a long night")
    assert saved.treatments == ["emollient", "steroid"]  # in the order in which they are shown
    assert [(met.kind, met.name, met.hour) for met in saved.met] == [("food", "Milk", 8), ("contact", "Wool", None)]
    later = save_day(ana, own(ana), entry(DAY + ONE, severity=None, itch=1))
    again = save_day(ana, own(ana), entry(itch=2), [ExposureCreate(trigger_id=milk.id)])
    assert again.id == saved.id and again.created_at == saved.created_at and again.changed_at >= saved.changed_at
    assert list_days(ana, own(ana)) == [again, later] and [met.name for met in again.met] == ["Milk"]
    assert list_days(ana, own(ana), since=DAY + ONE) == [later] and list_days(ana, own(ana), until=DAY) == [again]
    delete_day(ana, again.id)
    assert list_days(ana, own(ana)) == [later] and ask("SELECT count(*) FROM exposure") == [(0,)] and str(again.id) not in dump()
    with pytest.raises(NotFound):
        delete_day(ana, again.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"itch": 11}, {"sleep": -1}, {"severity": 3.5}, {"itch": "much"}, {"day": "soon"}, {"day": now().date() + 2 * ONE},
        {"day": date(1989, 12, 31)}, {"treatments": ["magic"]}, {"note": "x" * 501},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as told:
        checked({"day": DAY, "severity": 3, **wrong})
    assert told.value.reason.endswith(".") and told.value.hint.endswith(".")


def test_an_empty_day_and_somebody_elses_are_refused(house: Path) -> None:
    ana, eve = somebody("Ana"), somebody("Eve")
    hers = add_trigger(eve, own(eve), "food", "egg")
    day = save_day(ana, own(ana), entry())
    for what in (DiaryDayCreate(day=DAY), DiaryDayCreate(day=DAY, note=" \n ")):
        with pytest.raises(InvalidInput, match="Nothing"):
            save_day(ana, own(ana), what)
    with pytest.raises(InvalidInput, match="trigger"):
        save_day(ana, own(ana), entry(severity=9), [ExposureCreate(trigger_id=hers.id)])
    assert list_days(ana, own(ana)) == [day]
    for refused in (
        lambda: save_day(eve, own(ana), entry()),
        lambda: list_days(eve, own(ana)),
        lambda: import_days(eve, own(ana), [Written(entry())]),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(NotFound):
        delete_day(eve, day.id)


def test_a_table_is_taken_whole_once_and_what_is_there_stays_unless_told(house: Path) -> None:
    ana = somebody()
    save_day(ana, own(ana), entry(severity=1))
    days = [Written(entry(DAY + at * ONE), (Met("food", "dairy", 8), Met("contact", "My scarf"))) for at in range(3)]
    assert import_days(ana, own(ana), days) == Imported(new=2, kept=1)
    assert import_days(ana, own(ana), days) == Imported(same=2, kept=1)
    assert [one.severity for one in list_days(ana, own(ana))] == [1, 4, 4]
    assert import_days(ana, own(ana), days, replace=True) == Imported(same=2, replaced=1)
    assert [(one.name, one.kind) for one in list_triggers(ana, own(ana))] == [("Milk", "food"), ("My scarf", "contact")]
    before = dump()
    with pytest.raises(InvalidInput):
        import_days(ana, own(ana), [Written(entry(DAY + 9 * ONE)), Written(DiaryDayCreate.model_construct(day=DAY, severity=11))])
    assert dump() == before


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(
    lambda name: not set("@;'\"") & set(name) and any(sign.isalnum() for sign in name) and unicodedata.is_normalized("NFC", name)
)
SCORE = st.none() | st.integers(0, 10)
DAYS = st.builds(
    lambda at, itch, sleep, severity, used, note, met: DiaryDayPublic.model_construct(
        day=DAY - at * ONE, itch=itch, sleep=sleep, severity=severity, treatments=[kind for kind in KINDS if kind in used], note=note,
        met=tuple(ExposurePublic.model_construct(kind=kind, name=name, hour=hour, trigger_id=None) for kind, name, hour in met),
    ),
    st.integers(0, 4000), SCORE, SCORE, st.integers(0, 10), st.sets(st.sampled_from(list(KINDS))), NAMES | st.just(""),
    st.lists(st.tuples(st.sampled_from(list(groups())), NAMES, st.none() | st.integers(0, 23)), max_size=3),
)  # fmt: skip


@given(st.lists(DAYS, max_size=4, unique_by=lambda one: one.day))
def test_what_is_written_is_read_back(days: list[DiaryDayPublic]) -> None:
    told = diary_csv.read(diary_csv.write(days).encode(), today=DAY)
    assert not told.unknown and not told.bad
    order = list(groups())
    wanted = sorted(days, key=lambda one: one.day)
    assert [one.entry.day for one in told.days] == [one.day for one in wanted]
    for one, day in zip(told.days, wanted, strict=True):
        same = ("itch", "sleep", "severity", "treatments", "note")
        assert [getattr(one.entry, name) for name in same] == [getattr(day, name) for name in same]
        met = sorted(day.met, key=lambda met: order.index(met.kind))
        assert [(met.kind, met.name, met.hour) for met in one.met] == [(met.kind, met.name, met.hour) for met in met]


def test_a_table_of_another_program_is_read_as_far_as_it_says_enough() -> None:
    text = (
        "DATE;Itching;eczema;Mood;Food and drink;treatment\n14.3.2026;3,0;;good;Milk @8; moisturiser\n"
        "15.3.2026;eleven;;;;\n;3;;;;\n16.3.2026;3;;;;magic\n17.3.2026;11;;;;\n18.3.2026;;;;;\n14.3.2026;4;;;Egg @25;\n1.1.2999;1;;;;\n"
    )
    told = diary_csv.read(text.encode("cp1252"), today=DAY + 10 * ONE)
    assert told.unknown == ("Mood",) and [line for line, _ in told.bad] == [3, 4, 5, 6, 7, 8, 9]
    assert all(why.endswith(".") for _, why in told.bad)
    (only,) = told.days
    assert (only.entry.itch, only.entry.severity, only.entry.treatments, only.met) == (3, None, ["emollient"], (Met("food", "Milk", 8),))
    twice = diary_csv.read(b"day,itch\n2026-03-14,3\n2026-03-14,5\n", today=DAY)
    assert [one.entry.itch for one in twice.days] == [5] and twice.bad == ((2, "This day comes again in line 3; that one counts."),)


@pytest.mark.parametrize("data", [b"itch,sleep\n3,4\n", b"day,mood\n2026-03-14,good\n", b"", b"PK\x03\x04", b"day,itch\n02/03/2026,3\n"])
def test_a_table_that_says_too_little_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as told:
        diary_csv.read(data)
    assert told.value.reason.endswith(".") and told.value.hint.endswith(".")


def test_the_archive_has_the_diary_and_can_be_read_again(house: Path) -> None:
    ana, eve = somebody("Ana"), somebody("Eve")
    wool = add_trigger(ana, own(ana), "contact", "=scarf")
    save_day(ana, own(ana), entry(note="=1+1"), [ExposureCreate(trigger_id=wool.id, hour=9)])
    save_day(eve, own(eve), entry(note="of Eve"))
    zipped = archive(ana)
    told = everything(zipped)
    assert [one["note"] for one in told["diary_day"]] == ["=1+1"] and [one["name"] for one in told["trigger"]] == ["=scarf"]
    assert [(one["trigger_id"], one["hour"]) for one in told["exposure"]] == [(str(wool.id), 9)]
    (line,) = table(zipped, "diary.csv")
    assert (line["Day"], line["Severity"], line["On the skin"], line["Note"]) == ("2026-03-14", "4", "'=scarf @9", "'=1+1")
    (again,) = diary_csv.read(zipped.read("diary.csv"), today=DAY).days
    assert again.entry.note == "=1+1" and again.met == (Met("contact", "=scarf", 9),)
    assert next(csv.reader(io.StringIO(zipped.read("diary.csv").decode("utf-8-sig"))))[0] == "Person"


def test_a_table_takes_the_place_only_of_what_it_has_columns_for(house: Path) -> None:
    ana = somebody()
    wool, milk = add_trigger(ana, own(ana), "contact", "wool"), add_trigger(ana, own(ana), "food", "milk")
    met = [ExposureCreate(trigger_id=wool.id, hour=9), ExposureCreate(trigger_id=milk.id)]
    save_day(ana, own(ana), entry(itch=1, sleep=3, treatments=["steroid"], note="keep me"), met)
    told = diary_csv.read(b"day,itch,food\n2026-03-14,7,egg\n", today=DAY)
    assert import_days(ana, own(ana), told.days) == Imported(kept=1)
    assert import_days(ana, own(ana), told.days, replace=True) == Imported(replaced=1)
    (now_,) = list_days(ana, own(ana))
    assert (now_.itch, now_.sleep, now_.severity, now_.treatments, now_.note) == (7, 3, 4, ["steroid"], "keep me")
    assert [(one.name, one.hour) for one in now_.met] == [("Egg", None), ("Wool", 9)]
    assert import_days(ana, own(ana), told.days, replace=True) == Imported(same=1)


@pytest.mark.parametrize("line", ["2026-03-14,3,0,4,0,5,0", "2026-03-14,3,4,5,slept well, woke at 3"])
def test_cells_that_slipped_to_the_right_are_not_read_as_something_else(line: str) -> None:
    told = diary_csv.read(f"day,itch,sleep,severity{',note' if 'slept' in line else ''}\n{line}\n".encode(), today=DAY)
    assert told.days == () and "decimal commas" in told.bad[0][1]
