"""The diary under AppTest: a tap is saved, yesterday comes again with one, tables come in, nothing is chosen in advance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from streamlit.testing.v1 import AppTest

from core.people.persons import add_person
from core.people.policy import Actor
from core.records.diary import list_days, save_day
from core.records.diary_tables import DiaryDayCreate, ExposureCreate
from core.records.triggers import add_trigger, list_triggers
from core.ui.diary_year import calendar, first_of
from tests.core.house import own
from tests.pages.conftest import text

PAGE = "pages/Diary.py"
TODAY = datetime.now(UTC).date()
ONE = timedelta(days=1)


def pills(app: AppTest, label: str):
    return next(one for one in app.button_group if one.label.startswith(label))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def day_of(actor: Actor, day: date = TODAY):
    return next((one for one in list_days(actor, own(actor)) if one.day == day), None)


def test_nothing_is_chosen_and_every_tap_is_saved(open_page, ana) -> None:
    app = open_page(PAGE, ana)
    assert [one.value for one in app.button_group if one.label.startswith("How ")] == [None] * 3 and day_of(ana) is None
    pills(app, "How bad").set_value(6).run()
    pills(app, "How much").set_value(0).run()
    pills(app, "What did you use").set_value(["steroid"]).run()
    app.text_area[0].set_value("a long night").run()
    saved = day_of(ana)
    assert (saved.severity, saved.itch, saved.sleep, saved.treatments, saved.note) == (6, 0, None, ["steroid"], "a long night")
    assert not app.exception and "Saved as you tap" in text(app)
    again = open_page(PAGE, ana)
    assert pills(again, "How bad").value == 6 and pills(again, "How badly").value is None
    # Taken back, tap by tap: an empty day is none.
    for label in ("How bad", "How much"):
        pills(again, label).set_value(None).run()
    pills(again, "What did you use").set_value([]).run()
    again.text_area[0].set_value("").run()
    assert day_of(ana) is None and not again.exception


def test_a_trigger_is_added_met_and_offered_the_next_day(open_page, ana) -> None:
    app = open_page(PAGE, ana)
    pills(app, "Many suspect").set_value("Milk").run()
    assert [met.name for met in day_of(ana).met] == ["Milk"]
    box = next(one for one in app.selectbox if one.label == "Group")
    box.set_value("contact").run()
    next(one for one in app.text_input if one.label.startswith("Or in your own")).set_value("my *scarf*").run()
    press(app, "Add it")
    assert [(met.kind, met.name, met.hour) for met in day_of(ana).met] == [("food", "Milk", None), ("contact", "my *scarf*", None)]
    pills(app, "Milk").set_value(8).run()
    assert day_of(ana).met[0].hour == 8
    pills(app, "Which day").set_value(TODAY - ONE).run()
    met = pills(app, "What was there")
    assert met.value == [] and len(met.options) == 2
    met.set_value([day_of(ana).met[1].trigger_id]).run()
    assert [one.name for one in day_of(ana, TODAY - ONE).met] == ["my *scarf*"] and len(day_of(ana).met) == 2
    assert not app.exception


def test_yesterday_once_more_with_one_tap(open_page, ana) -> None:
    wool = add_trigger(ana, own(ana), "contact", "wool")
    entry = DiaryDayCreate(day=TODAY - ONE, severity=3, itch=4, treatments=["emollient"], note="only of that day")
    save_day(ana, own(ana), entry, [ExposureCreate(trigger_id=wool.id, hour=8)])
    app = open_page(PAGE, ana)
    press(app, "Same as yesterday")
    saved = day_of(ana)
    assert (saved.severity, saved.itch, saved.treatments, saved.note) == (3, 4, ["emollient"], "")
    assert [(met.name, met.hour) for met in saved.met] == [("Wool", 8)]
    assert pills(app, "How bad").value == 3 and not [one for one in app.button if one.label.startswith("Same as")]


def test_a_day_before_is_filled_in_and_deleted(open_page, ana) -> None:
    app = open_page(PAGE, ana)
    pills(app, "Which day").set_value("earlier").run()
    then = TODAY - timedelta(days=200)
    app.date_input[0].set_value(then).run()
    pills(app, "How bad").set_value(9).run()
    assert day_of(ana, then).severity == 9 and "1 day with an answer" in text(app)
    press(app, "Delete for good")
    assert list_days(ana, own(ana)) == [] and not app.exception


def test_a_typed_date_and_the_tap_after_it_in_one_go_belong_together(open_page, ana) -> None:
    app = open_page(PAGE, ana)
    pills(app, "Which day").set_value("earlier").run()
    then = TODAY - timedelta(days=50)
    app.date_input[0].set_value(then)
    pills(app, "How bad").set_value(9)
    pills(app, "How much").set_value(4)
    app.run()
    assert [(one.day, one.severity, one.itch) for one in list_days(ana, own(ana))] == [(then, 9, 4)]
    assert pills(app, "How bad").value == 9 and not app.exception


def test_a_table_comes_in_twice_and_is_there_once(open_page, ana) -> None:
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY - ONE, severity=1))
    data = f"day;severity;food;mood\n{TODAY - ONE};7;milk;good\n{TODAY - 2 * ONE};3;;\n{TODAY - 3 * ONE};x;;\n".encode()
    app = open_page(PAGE, ana)
    app.file_uploader[0].upload("diary.csv", data, "text/csv").run()
    said = text(app)
    assert "mood" in said and "Line 4 is left out" in said and "Some days" in " ".join(one.label for one in app.button_group)
    press(app, "Bring in 2 days")
    assert not app.exception and "1 new" in " ".join(one.value for one in app.success)
    assert {one.day: one.severity for one in list_days(ana, own(ana))} == {TODAY - ONE: 1, TODAY - 2 * ONE: 3}
    app.file_uploader[0].upload("diary.csv", b"itch\n3\n", "text/csv").run()
    assert "There is no column with the day." in text(app)


def test_triggers_are_renamed_and_merged(open_page, ana) -> None:
    one, two = (add_trigger(ana, own(ana), "contact", name) for name in ("jumper", "pullover"))
    app = open_page(PAGE, ana)
    next(box for box in app.selectbox if box.key == f"trigger_into_{two.id}").set_value(one.id).run()
    press(app, "Make them one")
    assert [(x.name, x.also) for x in list_triggers(ana, own(ana))] == [("jumper", ("pullover",))]
    app.text_input(key=f"trigger_name_{one.id}").set_value("sweater").run()
    app.button(key=f"trigger_rename_{one.id}").click().run()
    assert [x.name for x in list_triggers(ana, own(ana))] == ["sweater"] and not app.exception


def test_the_calendar_has_every_day_of_a_year_once(open_page, ana) -> None:
    for day in (date(2026, 11, 29), date(2024, 2, 29), date(2026, 1, 1)):
        fig = calendar([], "itch", day)
        told = [text for row in fig.data[0].text for text in row]
        assert len(told) == len(set(told)) == 53 * 7 and first_of(day).weekday() == 0
        assert first_of(day) <= day < first_of(day) + timedelta(weeks=53)
    days = [save_day(ana, own(ana), DiaryDayCreate(day=TODAY - at * ONE, itch=at)) for at in range(5)]
    fig = calendar(days, "itch", TODAY)
    assert fig.data[0].z[TODAY.weekday()][52] == 0
    assert sorted(value for row in fig.data[0].z for value in row if value is not None) == [0, 1, 2, 3, 4]


def test_the_weeks_stand_in_the_timeline(open_page, ana) -> None:
    wool = add_trigger(ana, own(ana), "contact", "*wool* scarf")
    for at in range(3):
        save_day(ana, own(ana), DiaryDayCreate(day=date(2026, 3, 9) + at * ONE, itch=at + 1), [ExposureCreate(trigger_id=wool.id)])
    app = open_page("pages/Patient.py", ana)
    said = text(app)
    assert "Diary, week of 9 March 2026" in said and "Itch **2.0** :gray[(1 to 3)]" in said and r"\*wool\* scarf (3)" in said


def test_a_day_of_years_ago_shows_what_is_saved_and_keeps_it(open_page, ana) -> None:
    then = TODAY - timedelta(days=800)
    wool = add_trigger(ana, own(ana), "contact", "wool")
    entry = DiaryDayCreate(day=then, severity=7, treatments=["steroid"], note="long ago")
    save_day(ana, own(ana), entry, [ExposureCreate(trigger_id=wool.id, hour=8)])
    app = open_page(PAGE, ana)
    pills(app, "Which day").set_value("earlier").run()
    app.date_input[0].set_value(then).run()
    assert pills(app, "How bad").value == 7 and pills(app, "What did you use").value == ["steroid"]
    pills(app, "How much").set_value(2).run()
    saved = day_of(ana, then)
    assert (saved.severity, saved.itch, saved.treatments, saved.note) == (7, 2, ["steroid"], "long ago")
    assert [(met.name, met.hour) for met in saved.met] == [("Wool", 8)]


def test_a_note_stays_with_the_day_it_was_typed_under(open_page, ana) -> None:
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY - ONE, note="of yesterday"))
    app = open_page(PAGE, ana)
    app.text_area[0].set_value("of today")
    pills(app, "Which day").set_value(TODAY - ONE)
    app.run()
    assert (day_of(ana).note, day_of(ana, TODAY - ONE).note) == ("of today", "of yesterday")


def test_yesterday_once_more_does_not_undo_what_was_written_elsewhere(open_page, ana) -> None:
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY - ONE, severity=1))
    app = open_page(PAGE, ana)
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY, severity=8, note="from the phone"))
    press(app, "Same as yesterday")
    assert (day_of(ana).severity, day_of(ana).note) == (8, "from the phone") and not app.exception


def test_two_triggers_of_one_name_are_told_apart(open_page, ana) -> None:
    pollen, skin = (add_trigger(ana, own(ana), kind, "Grass") for kind in ("allergy", "contact"))
    app = open_page(PAGE, ana)
    box = pills(app, "What was there")
    assert len(set(map(str, box.options))) == 2
    box.set_value([pollen.id]).run()
    assert [met.trigger_id for met in day_of(ana).met] == [pollen.id]
    pills(app, "What was there").set_value([pollen.id, skin.id]).run()
    assert {met.trigger_id for met in day_of(ana).met} == {pollen.id, skin.id}


def test_a_file_of_one_person_is_not_offered_to_another(open_page, ana) -> None:
    kid = add_person(ana, "Kid", None)
    both = replace(ana, person_ids=frozenset({own(ana), kid.id}))
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY, severity=1))
    app = open_page(PAGE, both)
    pills(app, "Who is this for").set_value(own(ana)).run()
    press(app, "Make the table")
    assert list(app.get("link_button"))
    pills(app, "Who is this for").set_value(kid.id).run()
    assert not list(app.get("link_button")) and not app.exception
