"""The eczema check under AppTest: POEM by steps or on one page, drafts, weeks, and what is saved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.instruments import poem
from core.people import persons
from core.records import scores
from core.ui.poem import PAGE
from tests.pages.conftest import text

PATH = "pages/Eczema_check.py"
WORDS = poem.wording()


@pytest.fixture
def page(open_page, ana) -> AppTest:
    app = open_page(PATH, ana)
    assert not app.exception
    return app


def own(actor):
    (one,) = actor.person_ids
    return one


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def whole(app: AppTest) -> AppTest:
    return next(one for one in app.button_group if one.label == "How do you want to answer?").set_value(PAGE).run()


def fill(app: AppTest, *answers: int | None) -> AppTest:
    for radio, answer in zip(app.radio, answers, strict=True):
        if answer is not None:
            radio.set_value(answer)
    return app.run()


def day(app: AppTest, when: date) -> AppTest:
    return app.date_input[0].set_value(when).run()


def week_ago(weeks: int) -> date:
    return date.today() - timedelta(weeks=weeks)


def save(actor, when: date, *answers: int | None):
    return scores.save_score(actor, own(actor), "poem", when, dict(zip(poem.ITEMS, answers, strict=True)))


def test_one_question_at_a_time_in_order_and_none_answered_in_advance(page, ana):
    for at, question in enumerate(WORDS.questions):
        (radio,) = page.radio
        assert radio.label == f"{at + 1}. {question}" and radio.value is None and list(radio.options) == list(WORDS.answers)
        forwards = next(button for button in page.button if button.label in ("Next", "See all answers"))
        assert forwards.disabled, "nothing goes on unanswered, except by saying so"
        page = press(radio.set_value(at % 5).run(), forwards.label)
    assert page.table[0].value.iloc[:, -1].tolist() == [WORDS.answers[at % 5] for at in range(7)]
    press(page, "Save my POEM")
    (saved,) = scores.list_scores(ana, own(ana), "poem")
    assert saved.total == sum(at % 5 for at in range(7)) == 11 and saved.day == date.today()
    said = text(page)
    assert "Moderate eczema" in said and page.metric[0].value == "11 of 28" and "There is no earlier score yet." in said


def test_all_on_one_page_asks_the_same_and_names_whose_instrument_it_is(page):
    whole(page)
    assert [radio.label for radio in page.radio] == [f"{at}. {question}" for at, question in enumerate(WORDS.questions, 1)]
    assert [radio.value for radio in page.radio] == [None] * 7
    assert next(button for button in page.button if button.label == "Save my POEM").disabled
    assert "© The University of Nottingham" in text(page) and "free for non-commercial use" in text(page)


def test_one_missing_counts_nothing_and_is_shown(page, ana):
    press(fill(whole(page), 4, 4, 4, 4, 4, 4, None), "Save my POEM")
    (saved,) = scores.list_scores(ana, own(ana), "poem")
    assert (saved.total, saved.missing) == (24, 1)
    assert "Left out: Dry or rough." in text(page) and "One question was left out. It counts as 0" in text(page)


def test_two_missing_are_not_scored(page, ana):
    fill(whole(page), 4, 4, 4, 4, 4, None, None)
    assert "With two or more left out, POEM gives no score." in text(page)
    press(page, "Save my POEM")
    assert "Not scored" in text(page) and not page.metric
    assert [one.total for one in scores.list_scores(ana, own(ana), "poem")] == [None]


def test_half_filled_and_left_goes_on_where_it_was(page, open_page, ana):
    for answer in (3, 2):
        page.radio[0].set_value(answer).run()
        press(page, "Next")
    again = open_page(PATH, ana)
    assert again.radio[0].label.startswith("3. ") and "You began this form on" in text(again)
    assert not scores.list_scores(ana, own(ana), "poem"), "a draft is no score"
    assert [radio.value for radio in whole(again).radio] == [3, 2, None, None, None, None, None]
    press(again, "Start again")
    assert [radio.value for radio in again.radio] == [None] * 7 and scores.draft(ana, own(ana), "poem") is None


def test_a_score_that_was_deleted_elsewhere_is_not_shown_any_more(page, ana):
    press(fill(whole(page), *[1] * 7), "Save my POEM")
    assert "Mild eczema" in text(page)
    (saved,) = scores.list_scores(ana, own(ana), "poem")
    scores.delete_score(ana, saved.id)
    page.run()
    assert "Mild eczema" not in text(page) and not page.exception
    assert [radio.value for radio in page.radio] == [None] * len(page.radio) and page.radio


def test_a_day_to_come_is_refused_in_a_sentence(page, ana):
    day(fill(whole(page), *[1] * 7), date.today() + timedelta(days=2))
    press(page, "Save my POEM")
    assert not page.exception and not scores.list_scores(ana, own(ana), "poem")
    assert len(page.warning) == 1 and "Save my POEM" in labels(page)
    press(day(page, date.today()), "Save my POEM")
    assert len(scores.list_scores(ana, own(ana), "poem")) == 1


def test_twice_in_one_week_asks_whether_to_replace(page, ana):
    save(ana, date.today(), *[0] * 7)
    press(fill(whole(page), *[2] * 7), "Save my POEM")
    assert "You have one of this week already" in text(page)
    assert [one.total for one in scores.list_scores(ana, own(ana), "poem")] == [0]
    press(page, "Replace it")
    assert [one.total for one in scores.list_scores(ana, own(ana), "poem")] == [14]


def test_the_one_there_is_can_be_kept(page, ana):
    save(ana, date.today(), *[1] * 7)
    press(fill(whole(page), *[2] * 7), "Save my POEM")
    press(page, "Keep the one I have")
    assert [one.total for one in scores.list_scores(ana, own(ana), "poem")] == [7]
    assert scores.draft(ana, own(ana), "poem") is None


@pytest.mark.parametrize(
    ("last", "four", "said"),
    [
        ((2,) * 7, (3, 3, 3, 3, 3, 3, 2), ["2 points better", "within the noise", "8 points better", "very likely an important change"]),
        ((1, 1, 1, 1, 1, 2, 2), (4, 2, 2, 2, 2, 2, 1), ["3 points worse", "probably an important change", "3 points better"]),
    ],
)  # fmt: skip
def test_what_has_changed_since_last_time_and_in_four_weeks(page, ana, last, four, said):
    save(ana, week_ago(4), *four)
    save(ana, week_ago(1), *last)
    press(fill(whole(page), 4, 4, 4, 0, 0, 0, 0), "Save my POEM")
    for words in said:
        assert words in text(page)


@pytest.mark.parametrize(("years", "proxy"), [(5, True), (11, True), (13, False), (None, True)])
def test_a_parent_is_asked_about_a_young_child(open_page, ana, years, proxy):
    child = persons.add_person(ana, "Kim", birth_year=None if years is None else date.today().year - years)
    both = type(ana)(**{**ana.__dict__, "person_ids": ana.person_ids | {child.id}})
    app = open_page(PATH, both)
    next(one for one in app.button_group if one.label == "Who is this for?").set_value(child.id).run()
    assert ("your child's skin" in app.radio[0].label) is proxy


def test_two_people_of_an_account_have_forms_of_their_own(open_page, ana):
    child = persons.add_person(ana, "Kim", birth_year=date.today().year - 4)
    app = open_page(PATH, type(ana)(**{**ana.__dict__, "person_ids": ana.person_ids | {child.id}}))
    app.radio[0].set_value(4).run()
    next(one for one in app.button_group if one.label == "Who is this for?").set_value(child.id).run()
    assert app.radio[0].value is None
    next(one for one in app.button_group if one.label == "Who is this for?").set_value(own(ana)).run()
    assert app.radio[0].value == 4


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_only_patients_come_in(open_page, someone, role):
    app = open_page(PATH, someone(role))
    assert "This page is not for your account." in text(app) and not app.radio


def test_home_reminds_of_the_week_and_stops_once_it_is_done(open_page, ana):
    assert "Your weekly POEM is due" not in text(open_page("Home.py", ana)), "who never followed an eczema is not reminded"
    save(ana, week_ago(1), *[1] * 7)
    home = open_page("Home.py", ana)
    assert "Your weekly POEM is due" in text(home) and home.button(key="go_poem").label == "Fill it in"
    scores.save_draft(ana, own(ana), "poem", {"itch": 2})
    home = open_page("Home.py", ana)
    assert home.button(key="go_poem").label == "Go on"
    save(ana, date.today(), *[2] * 7)
    home = open_page("Home.py", ana)
    assert "Your POEM of this week is done" in text(home) and "is due" not in text(home)
