"""Triggers: named once, whatever the words, merged, renamed, erased, and whose they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotAllowed, NotFound
from core.records.diary import list_days, save_day
from core.records.diary_tables import DiaryDayCreate, ExposureCreate
from core.records.triggers import add_trigger, delete_trigger, groups, key_of, list_triggers, merge_triggers, rename_trigger
from tests.core.house import ask, dump, own, somebody


def test_the_six_groups_and_their_words() -> None:
    assert list(groups()) == ["food", "allergy", "contact", "activity", "health", "product"]
    for group in groups().values():
        assert group.title and len(set(group.common)) == len(group.common) >= 5
        for word, name in group.same.items():
            assert name in group.common and key_of(word) == word
        # No word stands for two things.
        assert {key_of(name) for name in group.common} <= set(group.same)
        assert all(group.same[key_of(name)] == name for name in group.common)


def test_one_thing_has_one_name_whatever_the_words(house: Path) -> None:
    ana = somebody()
    milk = add_trigger(ana, own(ana), "food", " dairy ")
    assert milk.name == "Milk" and {add_trigger(ana, own(ana), "food", word).id for word in ("MILK", "Cow's milk", "dairy")} == {milk.id}
    scarf = add_trigger(ana, own(ana), "contact", "Red  scarf")
    assert add_trigger(ana, own(ana), "contact", "red-scarf").id == scarf.id and scarf.name == "Red scarf"
    assert add_trigger(ana, own(ana), "product", "red scarf").id != scarf.id  # another group is another thing
    eve = somebody("Eve")
    assert add_trigger(eve, own(eve), "food", "milk").id != milk.id
    assert [one.name for one in list_triggers(ana, own(ana))] == ["Milk", "Red scarf", "red scarf"]


@pytest.mark.parametrize("kind,name", [("food", " "), ("food", "x" * 61), ("food", "?!"), ("magic", "milk"), ("", "")])
def test_what_cannot_be_is_refused(house: Path, kind: str, name: str) -> None:
    ana = somebody()
    with pytest.raises(InvalidInput) as told:
        add_trigger(ana, own(ana), kind, name)
    assert told.value.reason.endswith(".") and told.value.hint.endswith(".")


def test_two_become_one_with_their_days(house: Path) -> None:
    ana = somebody()
    one, two, three = (add_trigger(ana, own(ana), "contact", word) for word in ("jumper", "pullover", "sweater"))
    for at, met in enumerate(([one], [two], [one, two]), 1):
        save_day(ana, own(ana), DiaryDayCreate(day=date(2026, 3, at), itch=1), [ExposureCreate(trigger_id=x.id, hour=at) for x in met])
    assert merge_triggers(ana, two.id, one.id).also == ("pullover",)
    assert [[met.name for met in day.met] for day in list_days(ana, own(ana))] == [["jumper"]] * 3
    assert add_trigger(ana, own(ana), "contact", "Pullover").id == one.id
    assert merge_triggers(ana, one.id, three.id).also == ("jumper", "pullover")  # and what was merged before goes along
    assert add_trigger(ana, own(ana), "contact", "pullover").id == three.id
    assert [(x.name, x.also) for x in list_triggers(ana, own(ana))] == [("sweater", ("jumper", "pullover"))]
    for wrong in ((three.id, three.id), (three.id, one.id)):
        with pytest.raises((InvalidInput, NotFound)):
            merge_triggers(ana, *wrong)
    delete_trigger(ana, three.id)
    assert list_triggers(ana, own(ana)) == [] and ask("SELECT count(*) FROM exposure") == [(0,)] and "pullover" not in dump()
    assert len(list_days(ana, own(ana))) == 3


def test_a_name_is_changed_and_one_that_is_taken_is_not(house: Path) -> None:
    ana = somebody()
    one, two = add_trigger(ana, own(ana), "food", "porridge"), add_trigger(ana, own(ana), "food", "muesli")
    assert rename_trigger(ana, one.id, "oats").name == "oats" and add_trigger(ana, own(ana), "food", "Oats").id == one.id
    with pytest.raises(InvalidInput, match="already"):
        rename_trigger(ana, two.id, "oats")
    assert rename_trigger(ana, one.id, "Oats").name == "Oats"


def test_they_are_nobody_elses(house: Path) -> None:
    ana, eve = somebody("Ana"), somebody("Eve")
    hers, theirs = add_trigger(ana, own(ana), "food", "egg"), add_trigger(eve, own(eve), "food", "egg")
    for refused in (lambda: add_trigger(eve, own(ana), "food", "fish"), lambda: list_triggers(eve, own(ana))):
        with pytest.raises(NotAllowed):
            refused()
    for hidden in (
        lambda: rename_trigger(eve, hers.id, "x"),
        lambda: delete_trigger(eve, hers.id),
        lambda: merge_triggers(eve, hers.id, theirs.id),
        lambda: merge_triggers(eve, theirs.id, hers.id),
    ):
        with pytest.raises(NotFound):
            hidden()
    assert [one.name for one in list_triggers(ana, own(ana))] == ["Egg"]


def test_a_word_that_was_merged_can_become_the_name(house: Path) -> None:
    ana = somebody()
    one, two = add_trigger(ana, own(ana), "contact", "jumper"), add_trigger(ana, own(ana), "contact", "pullover")
    merge_triggers(ana, two.id, one.id)
    renamed = rename_trigger(ana, one.id, "Pullover")
    assert (renamed.id, renamed.name, renamed.also) == (one.id, "Pullover", ("jumper",))
    assert {add_trigger(ana, own(ana), "contact", word).id for word in ("jumper", "pullover")} == {one.id}


def test_a_day_that_said_nothing_but_what_is_deleted_goes_with_it(house: Path) -> None:
    ana = somebody()
    milk, egg = add_trigger(ana, own(ana), "food", "milk"), add_trigger(ana, own(ana), "food", "egg")
    both = [ExposureCreate(trigger_id=milk.id), ExposureCreate(trigger_id=egg.id)]
    save_day(ana, own(ana), DiaryDayCreate(day=date(2026, 3, 1)), both[:1])
    save_day(ana, own(ana), DiaryDayCreate(day=date(2026, 3, 2)), both)
    save_day(ana, own(ana), DiaryDayCreate(day=date(2026, 3, 3), note="a note"), both[:1])
    delete_trigger(ana, milk.id)
    assert [one.day.day for one in list_days(ana, own(ana))] == [2, 3]
