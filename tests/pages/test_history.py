"""History under AppTest: order, filters, pages, one opened, two compared, one spot over time, deleting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core.examinations.finding import Answers, Context
from core.people import sessions
from core.photo import read_photo
from core.records.database import transaction
from core.records.findings import count_records, list_records, save_finding
from core.records.photos import store
from core.records.record_tables import Record
from core.records.spots import create_spot
from core.ui import history, moments
from tests.pages.toys import Toy, spot, toy

START = datetime(2026, 1, 12, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def examination() -> Iterator[Toy]:
    with toy() as one:
        yield one


def person(actor):
    (one,) = actor.person_ids
    return one


def save(
    actor, examination: Toy, at: int = 0, days: int = 0, radius: float = 0.25, spot_id=None, yes: bool = False, site: str | None = "back"
):
    photo = read_photo(spot(seed=at, size=(160, 120), radius=radius))
    finding = examination.run(photo, Context(answers=Answers(yes, False, False)))
    when = START + timedelta(days=days)
    return save_finding(actor, person(actor), photo, finding, site=site, spot_id=spot_id, taken_at=when)


def control(app: AppTest, label: str):
    return next(one for one in (*app.button_group, *app.selectbox) if one.label == label)


def press(app: AppTest, label: str, at: int = 0) -> AppTest:
    return [button for button, known in zip(app.button, buttons(app), strict=True) if known == label][at].click().run()


def texts(app: AppTest) -> str:
    shown = (*app.title, *app.markdown, *app.info, *app.warning, *app.error, *app.success)
    return "\n".join(str(element.value) for element in shown)


def buttons(app: AppTest) -> list[str]:
    """The labels; those that open a finding without their date."""
    return ["Open" if button.label.startswith("Open ") else button.label for button in app.button]


def dates(app: AppTest) -> list[str]:
    return [button.help.rpartition(", ")[2] for button in app.button if button.label.startswith("Open ")]


def test_nothing_saved_says_what_to_do_first(open_page, ana):
    app = open_page("pages/History.py", ana)
    assert not app.exception and "Nothing here yet" in texts(app) and "Check a spot first." in texts(app)


def test_newest_first_with_the_date_in_words(open_page, ana, examination):
    for at, days in enumerate((0, 40, 3)):
        save(ana, examination, at, days)
    app = open_page("pages/History.py", ana)
    assert not app.exception
    assert dates(app) == ["21 February 2026", "15 January 2026", "12 January 2026"]


def test_a_finding_of_any_registered_examination_appears(open_page, ana):
    with toy("toy", "Freckle count") as freckles:
        save(ana, freckles)
        app = open_page("pages/History.py", ana)
        assert "small disc" in texts(app) or "large disc" in texts(app)
        assert "Freckle count" in control(app, "Check").options
        control(app, "Check").set_value("skin").run()
        assert "Open" not in buttons(app)
        control(app, "Check").set_value("toy").run()
        assert buttons(app).count("Open") == 1
    gone = open_page("pages/History.py", ana)
    assert not gone.exception, "a finding outlives the examination that made it"
    assert "not part of CareLens any more" in texts(press(gone, "Open"))


def test_opened_it_is_the_whole_card_and_the_address_keeps_it(open_page, ana, examination):
    record = save(ana, examination, yes=True)
    app = press(open_page("pages/History.py", ana), "Open")
    assert not app.exception
    said = texts(app)
    order = ["What it looks like", "How sure", "What cannot be excluded", "What to do next", "How we know", "not a diagnosis"]
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)
    assert "Examined 12 January 2026, 10:30" in said.replace("\\", "")
    assert app.query_params["record"] in (str(record.id), [str(record.id)])
    assert "Open" in buttons(press(app, "All findings")) and "record" not in app.query_params


@pytest.mark.parametrize("asked", ["no-id-at-all", "6c2b8377-e295-4351-bd9f-5cb39f0946fe"])
def test_an_address_of_nothing_is_a_sentence(open_page, ana, asked):
    app = open_page("pages/History.py", ana)
    app.query_params["record"] = asked
    app.run()
    assert not app.exception and "does not exist any more" in texts(app)


def test_nobody_opens_the_record_of_another(open_page, someone, examination):
    record = save(someone("patient"), examination)
    app = open_page("pages/History.py", someone("patient"))
    app.query_params["record"] = str(record.id)
    app.run()
    assert "does not exist any more" in texts(app) and "What it looks like" not in texts(app)


def test_the_outline_can_still_be_called_wrong(open_page, ana, examination):
    save(ana, examination)
    app = press(open_page("pages/History.py", ana), "Open")
    control(app, "Does the outline fit the spot?").set_value("It is wrong").run()
    assert "it is left out, and so is the size" in texts(app)
    (record,) = list_records(ana, person(ana))
    assert record.outline_accepted is False


def test_filtered_by_spot(open_page, ana, examination):
    friend = create_spot(ana, person(ana), "arm", "Friend")
    save(ana, examination, 1, spot_id=friend.id)
    save(ana, examination, 2)
    app = open_page("pages/History.py", ana)
    assert buttons(app).count("Open") == 2
    control(app, "Spot").set_value(str(friend.id)).run()
    assert buttons(app).count("Open") == 1 and "**Friend**" in texts(app)


def test_two_photos_under_a_slider_the_older_on_the_left(open_page, ana, examination):
    ids = [save(ana, examination, at, days).id for at, days in enumerate((0, 20, 60))]
    app = open_page("pages/History.py", ana)
    control(app, "View").set_value("Compare two").run()
    assert not app.exception
    assert [control(app, name).value for name in ("First photo", "Second photo")] == [ids[0], ids[2]]
    assert "Time between the two photos: about 2 months." in texts(app)
    control(app, "First photo").set_value(ids[1]).run()
    assert "Time between the two photos: about 5 weeks." in texts(app)
    left, right = compared(app)
    assert (left, right) == ("1 February 2026", "13 March 2026")
    control(app, "First photo").set_value(ids[2])
    control(app, "Second photo").set_value(ids[0]).run()
    assert compared(app) == ("12 January 2026", "13 March 2026"), "chosen the other way round, the older one stays left"


def compared(app: AppTest) -> tuple[str, str]:
    said = texts(app)
    found = sorted(words for words in ("12 January 2026", "1 February 2026", "13 March 2026") if f"**{words}" in said)
    return tuple(sorted(found, key=lambda words: said.index(f"**{words}")))  # type: ignore[return-value]


def test_one_photo_cannot_be_compared(open_page, ana, examination):
    save(ana, examination)
    app = open_page("pages/History.py", ana)
    control(app, "View").set_value("Compare two").run()
    assert not app.exception and "Two photos are needed to compare." in texts(app)


def test_one_spot_over_time_as_chart_and_table(open_page, ana, examination):
    friend = create_spot(ana, person(ana), "arm", "Friend")
    radii = (0.12, 0.2, 0.28)
    for at, radius in enumerate(radii):
        save(ana, examination, at, at * 30, radius, friend.id)
    app = open_page("pages/History.py", ana)
    control(app, "View").set_value("One spot over time").run()
    assert "Choose one spot above" in texts(app)
    control(app, "Spot").set_value(str(friend.id)).run()
    assert not app.exception
    table = app.table[0].value
    assert list(table["When"]) == ["12 January 2026", "11 February 2026", "13 March 2026"]
    # What the disc fills of a 4:3 photo: pi r^2 of the shorter side, here 120 of 160 pixels.
    expected = [f"{3.14159 * (radius * 120) ** 2 / (160 * 120) * 100:.0f}" for radius in radii]
    assert [cell.removesuffix(f"{moments.SPACE}%") for cell in table["Fills of the photo"]] == expected
    assert len(app.get("plotly_chart")) == 1


def test_deleting_asks_first_and_takes_the_record_away(open_page, ana, examination):
    save(ana, examination, 1)
    save(ana, examination, 2, 5)
    app = press(press(open_page("pages/History.py", ana), "Open"), "Delete")
    assert count_records(ana, person(ana)) == 2, "asked first"
    press(app, "Delete for good")
    assert count_records(ana, person(ana)) == 1 and not app.exception
    assert dates(app) == ["12 January 2026"] and not app.error


def test_a_tab_left_open_can_change_nothing_once_its_session_has_ended(open_page, ana, examination):
    record = save(ana, examination)
    deleting = press(press(open_page("pages/History.py", ana), "Open"), "Delete")
    sessions.end_all(ana.account_id)
    press(deleting, "Delete for good")
    assert count_records(ana, person(ana)) == 1 and "Please sign in" in texts(deleting)
    outlining = press(open_page("pages/History.py", ana), "Open")
    sessions.end_all(ana.account_id)
    control(outlining, "Does the outline fit the spot?").set_value("It is wrong").run()
    assert list_records(ana, person(ana))[0].outline_accepted == record.outline_accepted is None


def test_a_picture_that_is_gone_hides_no_other_finding(open_page, ana, examination):
    for at in range(3):
        save(ana, examination, at, at)
    with transaction() as session:
        keys = [record.thumbnail_key for record in session.exec(select(Record).order_by(Record.taken_at))]
    store().delete(keys[1])
    app = open_page("pages/History.py", ana)
    assert not app.exception and buttons(app).count("Open") == 3
    assert texts(app).count("This picture is not in the store.") == 1


def test_keeping_it_keeps_it(open_page, ana, examination):
    save(ana, examination)
    press(press(press(open_page("pages/History.py", ana), "Open"), "Delete"), "Keep it")
    assert count_records(ana, person(ana)) == 1


@pytest.mark.alone
def test_ten_thousand_findings_are_paged_and_a_rerun_stays_quick(open_page, ana, examination):
    save(ana, examination)
    with transaction() as session:
        pattern = session.exec(select(Record)).one().model_dump(exclude={"id", "token", "taken_at"})
        rows = [{**pattern, "id": uuid4(), "token": None, "taken_at": START - timedelta(hours=at)} for at in range(1, 10_000)]
        session.connection().execute(Record.__table__.insert(), rows)  # type: ignore[attr-defined]
    app = open_page("pages/History.py", ana)
    assert not app.exception and buttons(app).count("Open") == history.PAGE
    assert "10000 findings" in texts(app).replace(",", "")
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        app.run()
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 0.6, "a rerun of a page must not depend on how much was saved"


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_only_patients_come_in(open_page, someone, role):
    app = open_page("pages/History.py", someone(role))
    assert "This page is not for your account." in texts(app)


def test_a_visitor_is_asked_to_sign_in(open_page):
    app = open_page("pages/History.py")
    assert "All findings" not in buttons(app) and any("Sign in" in button for button in buttons(app))
