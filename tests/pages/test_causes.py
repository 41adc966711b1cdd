"""Weather and triggers under AppTest: what is found is told with its doubt, and without days, weather or network a sentence says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.demo.diary import made_up, seed_diary
from core.insight.diary_series import Series, series
from core.instruments import poem
from core.records.diary import Met, Written, import_days, list_days, save_day
from core.records.diary_tables import DiaryDayCreate
from core.records.scores import save_score
from core.records.weather_loaded import load_weather, loaded_span, remove_loaded
from core.records.weather_places import place_of, remove_place, set_place
from core.settings import settings
from core.ui import causes_weather
from core.ui.causes import nights
from core.weather.daily import FACTORS, Table
from core.weather.towns import Place
from core.weather.weather_csv import Row
from tests.core.house import own
from tests.pages.conftest import text
from tests.weather_service import WeatherService

pytestmark = pytest.mark.usefixtures("nothing_kept")

PAGE = "pages/Weather_and_triggers.py"
TODAY = datetime.now(UTC).date()
LEIDEN = Place("Leiden", "South Holland", "Netherlands", 52.2, 4.5, "Europe/Amsterdam")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeatherService]:
    with WeatherService() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        running.towns = [
            {"id": 1, "name": "Leiden", "latitude": 52.158, "longitude": 4.493, "timezone": "Europe/Amsterdam", "country": "Netherlands",
             "admin1": "South Holland"},
        ]  # fmt: skip
        yield running


def choose(app: AppTest, label: str, option: str) -> AppTest:
    return next(one for one in app.button_group if one.label == label).set_value(option).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def tables(app: AppTest) -> str:
    return "\n".join(one.value.to_csv() for one in app.table)


def test_without_a_diary_it_says_what_to_do_first(open_page, ana) -> None:
    app = open_page(PAGE, ana)
    for view in ("Weather", "Triggers", "The coming week"):
        choose(app, "Look at", view)
        assert not app.exception
    assert "No day yet" in text(app)


def test_the_two_causes_of_the_made_up_half_year_and_not_the_third(open_page, ana) -> None:
    seed_diary(ana)
    app = open_page(PAGE, ana)
    found = tables(app)
    assert "Water in the air" in found and "Worse with it" in found and not app.exception
    missing = next(one.value for one in app.markdown if "Missing, so not looked at" in one.value)
    assert "UV index" in missing and "birch pollen" in missing and "pressure" not in missing, "what there is none of is told"
    assert "Open-Meteo.com" not in text(app), "the weather is from a file, and is nobody else's"
    next(one for one in app.selectbox if one.label == "Factor").set_value("absolute_humidity").run()
    said = text(app)
    assert "3 g less water in a cubic metre of air goes with more severity, 2 days later" in said and "95 % interval" in said
    next(one for one in app.selectbox if one.label == "Factor").set_value("pressure").run()
    assert "No link with air pressure" in text(app)
    choose(app, "Look at", "Triggers")
    found = tables(app)
    assert "Flares follow Wool" in text(app) and "Chocolate" in found and "Flares follow Chocolate" not in text(app)
    choose(app, "Look at", "The coming week")
    assert "likely" in text(app) and "How good it has been" in text(app) and not app.exception


@pytest.mark.parametrize("severity", [None, 3], ids=["nothing but a note", "all equal"])
def test_days_of_which_nothing_can_be_said(open_page, ana, severity) -> None:
    for back in range(40):
        save_day(ana, own(ana), DiaryDayCreate(day=TODAY - timedelta(days=back), severity=severity, note="a day"))
    load_weather(ana, own(ana), made_up(TODAY).weather)
    app = open_page(PAGE, ana)
    for view in ("Weather", "Triggers", "The coming week"):
        choose(app, "Look at", view)
        assert not app.exception, view
    choose(app, "Look at", "Weather")
    assert "No day yet" in text(app) if severity is None else "Too few days to say" in tables(app)


def test_a_town_is_searched_for_kept_and_its_weather_asked_for_once(open_page, ana, service) -> None:
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY - timedelta(days=40), severity=3))
    app = open_page(PAGE, ana)
    assert "To find your town, its name is sent" in text(app)
    next(one for one in app.text_input if one.label == "Town").set_value("Leid")
    press(app, "Search")
    press(app, "Leiden, South Holland, Netherlands")
    assert place_of(ana, own(ana)).name == "Leiden" and "Leiden, South Holland, Netherlands" in text(app) and not app.exception
    asked = service.count()
    assert asked["/v1/archive"] == asked["/v1/forecast"] == asked["/v1/air-quality"] == 1 and "Open-Meteo.com" in text(app)
    for _ in range(3):
        app.run()
    assert service.count() == asked
    assert all(float(told["latitude"]) == 52.2 and float(told["longitude"]) == 4.5 for path, told in service.asked if path != "/v1/search")
    press(app, "Forget the town")
    assert place_of(ana, own(ana)) is None and not app.exception


def test_a_town_that_nobody_knows_and_no_network(open_page, ana, service) -> None:
    app = open_page(PAGE, ana)
    next(one for one in app.text_input if one.label == "Town").set_value("Nowhere")
    press(app, "Search")
    assert "No town of this name was found" in text(app)
    service.fail("/v1/search", *["status 503"] * 9)
    next(one for one in app.text_input if one.label == "Town").set_value("Leiden")
    press(app, "Search")
    assert "weather service" in text(app) and not app.exception


def test_without_the_network_everything_else_works(open_page, ana, service) -> None:
    import_days(ana, own(ana), made_up(TODAY).diary)
    set_place(ana, own(ana), LEIDEN)
    for path in ("/v1/archive", "/v1/forecast", "/v1/air-quality"):
        service.fail(path, *["status 503"] * 9)
    app = open_page(PAGE, ana)
    assert "missing since" in " ".join(one.value for one in app.info) and "Everything else works" in " ".join(one.value for one in app.info)
    choose(app, "Look at", "Triggers")
    assert "Flares follow Wool" in text(app) and not app.exception


def test_weather_from_a_file_is_loaded_and_deleted(open_page, ana) -> None:
    import_days(ana, own(ana), made_up(TODAY).diary)
    known = [(row.day, row.values["temperature"], row.values["humidity"]) for row in made_up(TODAY).weather]
    lines = ["date;temperature;humidity;mood", *(f"{day};{temperature};{humidity};1" for day, temperature, humidity in known)]
    app = open_page(PAGE, ana)
    data = "\n".join(lines).replace(".", ",").encode()
    app.file_uploader[0].upload("weather.csv", data, "text/csv").run()
    assert "mood" in text(app)
    press(app, f"Load {len(lines) - 1} days")
    assert loaded_span(ana, own(ana)).days == len(lines) - 1 and "Temperature" in tables(app) and not app.exception
    press(app, "Delete what was loaded")
    assert loaded_span(ana, own(ana)) is None and "Which weather?" in text(app)
    app.file_uploader[0].upload("weather.csv", b"mood\ngood\n", "text/csv").run()
    assert not app.exception and any(word in text(app) for word in ("no column", "No column", "names of the columns"))


def test_home_asks_for_today_and_tells_the_forecast_and_one_finding(open_page, ana) -> None:
    seed_diary(ana)
    app = open_page("Home.py", ana)
    said = text(app)
    assert "How was today?" in said and not app.exception
    assert sum(title in said for title in ("Flares follow Wool", "goes with more severity")) == 1
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY, severity=4))
    assert "How was today?" not in text(open_page("Home.py", ana))


def test_factors_lie_on_the_days_of_the_diary() -> None:
    """The diary begins some days after the weather: a factor of day n stands beside severity of day n."""
    truth = made_up(date(2026, 11, 28))
    days = np.array([row.day.toordinal() for row in truth.weather])
    values = np.array([[row.values.get(id, np.nan) for id in FACTORS] for row in truth.weather])
    table = Table(days, FACTORS, values, ((),) * len(days))
    start, n = 20, 100
    severity = np.arange(n, dtype=float)
    short = Series(days[start : start + n], {"severity": severity}, np.zeros((n, 0)), (), (), {})
    _, factors, whole = causes_weather.found(short, table, "severity")
    assert whole.day[0] == days[0] and len(whole.day) == start + n
    np.testing.assert_array_equal(whole.values["severity"][start:], severity)
    for factor in factors:
        np.testing.assert_array_equal(factor.values, table.factor(factor.id)[: start + n])


def test_a_weekly_score_is_held_against_the_weather_too(open_page, ana) -> None:
    truth = made_up(TODAY, days=364)
    load_weather(ana, own(ana), truth.weather)
    mean = {row.day: row.values["absolute_humidity"] for row in truth.weather}
    for week in range(50):
        last = TODAY - timedelta(weeks=week)
        water = sum(mean[last - timedelta(days=back)] for back in range(7)) / 7
        total = int(np.clip(round(14 - 2 * (water - 7)), 0, 28))
        full, rest = divmod(total, 7)
        answers = {item: full + (at < rest) for at, item in enumerate(poem.ITEMS)}
        save_score(ana, own(ana), "poem", last, answers)
    app = open_page(PAGE, ana)
    choose(app, "Of what", "POEM")
    assert not app.exception and "of 28" in tables(app) and "weeks" in tables(app)
    next(one for one in app.selectbox if one.label == "Factor").set_value("absolute_humidity").run()
    assert "3 g less water in a cubic metre of air goes with a higher POEM, in the same week" in text(app)
    choose(app, "Look at", "Triggers")
    assert not app.exception and "No day yet" in text(app)


def test_what_was_found_and_the_days_can_be_taken_along(open_page, ana) -> None:
    seed_diary(ana)
    app = open_page(PAGE, ana)
    for which, name in (("What was found", "what-was-found"), ("The days", "days")):
        choose(app, "Which table?", which)
        press(app, "Make the table")
        assert not app.exception and any(f"Save {name}-{TODAY.isoformat()}.csv" in one.proto.label for one in app.get("link_button"))


def test_a_diary_that_ended_long_ago_is_not_foretold(open_page, ana) -> None:
    import_days(ana, own(ana), made_up(TODAY - timedelta(days=60)).diary)
    app = open_page(PAGE, ana)
    choose(app, "Look at", "The coming week")
    assert "The last entry is too long ago" in text(app) and ": likely" not in text(app)
    assert ": likely" not in text(open_page("Home.py", ana))


def test_a_town_chosen_again_is_asked_for_again(open_page, ana, service) -> None:
    save_day(ana, own(ana), DiaryDayCreate(day=TODAY - timedelta(days=40), severity=3))
    set_place(ana, own(ana), LEIDEN)
    app = open_page(PAGE, ana)
    first = service.count()["/v1/archive"]
    remove_place(ana, own(ana))
    set_place(ana, own(ana), LEIDEN)
    app.run()
    assert first == 1 and service.count()["/v1/archive"] == 2 and "Humidity" in tables(app) and not app.exception


def test_a_column_that_was_named_wrongly_is_not_kept_under_its_first_name(open_page, ana) -> None:
    truth = made_up(TODAY)
    import_days(ana, own(ana), truth.diary)
    app = open_page(PAGE, ana)
    for name, shown in (("pressure", "Air pressure"), ("humidity", "Humidity")):
        rows = [Row(row.day, {name: 60 + (1000 if name == "pressure" else 0) + row.values["humidity"] / 3}) for row in truth.weather]
        load_weather(ana, own(ana), rows)
        app.run()
        assert shown in tables(app) and not app.exception
        remove_loaded(ana, own(ana))


def test_too_little_is_not_told_as_nothing_found(open_page, ana) -> None:
    for back in range(20):
        day = Written(DiaryDayCreate(day=TODAY - timedelta(days=back), severity=2), (Met("food", "milk"),) if back % 3 else ())
        import_days(ana, own(ana), [day])
    app = open_page(PAGE, ana)
    choose(app, "Look at", "Triggers")
    assert "Too few days or flares yet" in text(app) and "No trigger stands out" not in text(app) and not app.exception


def test_a_night_is_looked_at_with_the_day_on_which_it_began(open_page, ana) -> None:
    import_days(ana, own(ana), made_up(TODAY).diary)
    known = series(list_days(ana, own(ana)))
    shifted = nights(known)
    np.testing.assert_array_equal(shifted.values["sleep"][:-1], known.values["sleep"][1:])
    np.testing.assert_array_equal(shifted.values["severity"], known.values["severity"])
    app = open_page(PAGE, ana)
    choose(app, "Of what", "Disturbed night")
    assert "the day on which it began" in text(app) and not app.exception
