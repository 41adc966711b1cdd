"""The weather services, over real HTTP: what comes is theirs by the place's own days, and each fault has its sentence."""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from core.errors import InvalidInput, Unavailable
from core.settings import Settings, settings
from core.weather import asking
from core.weather.client import MOST_DAYS, SERVICES, fetch, last_to_come, search
from core.weather.daily import AIR, WEATHER, absolute_humidity
from core.weather.towns import Place
from tests.servers import free_port
from tests.weather_service import WeatherService, value

OULU = Place("Oulu", "North Ostrobothnia", "Finland", 65.0, 25.5, "Europe/Helsinki")
FIJI = Place("Labasa", "Northern", "Fiji", -16.4, -180.0, "Pacific/Fiji")
NOW = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ARCHIVE = "/v1/archive"


def by_hand(variable: str, place: Place, day: date) -> list[float]:
    """What the service knows of every hour of a day on the place's clock."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    hours = [begin + timedelta(hours=n) for n in range(72)]
    mine = [hour for hour in hours if hour.astimezone(place.zone).date() == day]
    return [told for hour in mine if (told := value(variable, place.latitude, place.longitude, hour)) is not None]


@pytest.mark.parametrize("place", [OULU, FIJI], ids=["Oulu", "Fiji"])
@pytest.mark.parametrize("first", [date(2026, 3, 27), date(2026, 10, 23), date(2025, 12, 30)], ids=["spring", "autumn", "new year"])
def test_a_day_is_the_day_of_the_place_also_when_its_clocks_change(service: WeatherService, place: Place, first: date) -> None:
    service.now = NOW
    last = first + 4 * DAY
    told, air = fetch("archive", place, first, last, NOW), fetch("air_quality", place, first, last, NOW)
    assert set(told) == set(WEATHER) and set(air) == set(AIR)
    for at in range(5):
        t, rh = (np.array(by_hand(name, place, first + at * DAY)) for name in ("temperature_2m", "relative_humidity_2m"))
        assert told["temperature"][at] == pytest.approx(t.mean(), abs=6e-4)
        assert told["temperature_range"][at] == pytest.approx(np.ptp(t), abs=6e-4)
        assert told["humidity"][at] == pytest.approx(rh.mean(), abs=6e-4)
        assert told["absolute_humidity"][at] == pytest.approx(absolute_humidity(t, rh).mean(), abs=6e-4)
        assert told["pressure"][at] == pytest.approx(np.mean(by_hand("pressure_msl", place, first + at * DAY)), abs=6e-4)
        assert air["uv"][at] == max(by_hand("uv_index", place, first + at * DAY))
        assert air["pm25"][at] == pytest.approx(np.mean(by_hand("pm2_5", place, first + at * DAY)), abs=6e-4)
        grass = by_hand("grass_pollen", place, first + at * DAY)
        assert air["pollen_grass"][at] == pytest.approx(np.mean(grass), abs=6e-4) if grass else np.isnan(air["pollen_grass"][at])
    assert service.count() == {ARCHIVE: 1, "/v1/air-quality": 1}
    for _, wanted in service.asked:
        assert (wanted["latitude"], wanted["longitude"]) == (f"{place.latitude:.1f}", f"{place.longitude:.1f}")


def test_what_a_service_does_not_have_is_missing_and_not_asked_beyond(service: WeatherService) -> None:
    service.now = NOW
    today = NOW.date()
    late = fetch("archive", OULU, today - 10 * DAY, today, NOW)["temperature"]
    assert np.isfinite(late[:5]).all() and np.isnan(late[-5:]).all()
    assert np.isfinite(fetch("forecast", OULU, today - 10 * DAY, last_to_come(today), NOW)["humidity"]).all()
    air = fetch("air_quality", OULU, today - 3 * DAY, last_to_come(today), NOW)["pm10"]
    assert np.isfinite(air[:7]).all() and np.isnan(air[-1])
    assert np.isnan(fetch("forecast", OULU, today - 100 * DAY, today - 95 * DAY, NOW)["temperature"]).all()
    before_uv = fetch("air_quality", OULU, date(2022, 7, 30), date(2022, 8, 3), NOW)
    assert np.isnan(before_uv["uv"][:2]).all() and np.isfinite(before_uv["uv"][3:]).all() and np.isfinite(before_uv["pm25"]).all()
    asked = len(service.asked)
    assert np.isnan(fetch("air_quality", OULU, date(2001, 1, 1), date(2001, 1, 9), NOW)["uv"]).all() and len(service.asked) == asked
    for first, last in ((today, today - DAY), (today - MOST_DAYS * DAY, today)):
        with pytest.raises(InvalidInput):
            fetch("archive", OULU, first, last)


@pytest.mark.parametrize("fault", ["busy", "busy 0", "broken", "status 503", "truncated", "cut", "words"])
def test_what_passes_is_tried_again(service: WeatherService, fault: str) -> None:
    service.fail(ARCHIVE, fault, fault)
    assert np.isfinite(fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 9))["temperature"]).all()
    assert len(service.asked) == 3


FAULTS = [
    ("busy", asking.BUSY, 3),
    ("busy 9999", asking.BUSY, 1),
    ("busy 12", asking.BUSY, 1),  # longer than anybody waits for a page
    ("broken", asking.BROKEN, 3),
    ("truncated", asking.UNCLEAR, 3),
    ("cut", asking.UNCLEAR, 3),
    ("words", asking.UNCLEAR, 3),
    ("status 400", asking.UNCLEAR, 1),
    ("status 404", asking.UNCLEAR, 1),
    ("lengths", asking.UNCLEAR, 1),
    ("order", asking.UNCLEAR, 1),
    ("large", asking.UNCLEAR, 1),
    ("redirect http://127.0.0.1:1/v1/archive", asking.UNCLEAR, 1),
    ("slow 0.6", asking.AWAY, 3),
]


@pytest.mark.parametrize(("fault", "reason", "tries"), FAULTS, ids=[fault for fault, *_ in FAULTS])
def test_what_does_not_pass_is_told_in_a_sentence_and_says_nothing_of_the_place(
    service: WeatherService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str, reason: str, tries: int
) -> None:
    monkeypatch.setattr(asking, "READ", 0.15)
    service.fail(ARCHIVE, *[fault] * 3)
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as told:
        fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 2))
    assert told.value.reason == reason and reason.endswith(".") and told.value.hint.endswith(".")
    assert len(service.asked) == tries
    written = caplog.text + logging.Formatter().formatException((type(told.value), told.value, told.value.__traceback__))
    assert "weather service" in caplog.text
    for word in ("65.0", "25.5", "Oulu", "2026-01-01", "latitude="):
        assert word not in written


def test_nulls_are_missing_values(service: WeatherService) -> None:
    service.fail(ARCHIVE, "nulls")
    assert all(np.isnan(values).all() for values in fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 2)).values())


def test_nobody_there(service: WeatherService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_ARCHIVE_URL", f"http://127.0.0.1:{free_port()}")
    settings.cache_clear()
    with pytest.raises(Unavailable) as told:
        fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 2))
    assert told.value.reason == asking.AWAY


@pytest.mark.parametrize(("name", "value"), [("CARELENS_WEATHER", "0"), ("CARELENS_ARCHIVE_URL", "")])
def test_a_house_that_asks_nobody(service: WeatherService, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(Unavailable, match="not asked"):
        fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 2))
    if name == "CARELENS_WEATHER":
        with pytest.raises(Unavailable, match="not asked"):
            search("Oulu")
    assert not service.asked


def test_a_service_that_asks_for_a_pause_gets_it(service: WeatherService) -> None:
    service.fail(ARCHIVE, "busy 1")
    begun = time.monotonic()
    fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 2))
    assert time.monotonic() - begun >= 1.0


@pytest.mark.parametrize(("fault", "rest"), [("broken", 0.3), ("busy 9999", 0.3), ("busy 60", 0.3), ("words", 0.0), ("status 400", 0.0)])
def test_a_service_that_is_away_is_left_alone_for_a_while(
    service: WeatherService, monkeypatch: pytest.MonkeyPatch, fault: str, rest: float
) -> None:
    monkeypatch.setattr(asking, "REST", 0.3)
    monkeypatch.setattr(asking, "LONGEST_REST", 0.3)
    service.fail(ARCHIVE, *[fault] * 3)

    def one() -> object:
        return fetch("archive", OULU, date(2026, 1, 1), date(2026, 1, 2))

    with pytest.raises(Unavailable) as first:
        one()
    asked = len(service.asked)
    service.fail(ARCHIVE)
    if rest:
        with pytest.raises(Unavailable) as again:
            one()
        assert (again.value.reason, again.value.hint) == (first.value.reason, first.value.hint) and len(service.asked) == asked
        time.sleep(rest)
    assert one() and len(service.asked) == asked + 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), (" 0 ", 0.0), ("soon", None), ("-3", None), ("²", None), (None, None), ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0), ("", None)],
)
def test_retry_after(said: str | None, seconds: float | None) -> None:
    assert asking._wait(said) == seconds
    soon = asking._wait(format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    assert soon is not None and 25 < soon <= 30


def town(name: str, latitude: float, longitude: float, **more: str) -> dict[str, object]:
    """As the service tells it: what is 0 or empty is left out."""
    given = {"name": name, "latitude": latitude, "longitude": longitude, "timezone": "Europe/Helsinki", "country": "Finland"} | more
    return {key: what for key, what in given.items() if what}


def test_towns_by_their_name(service: WeatherService) -> None:
    service.towns = [
        town("Oulu", 65.01236, 25.46816, admin1="North Ostrobothnia"),
        town("Oulu", 65.0499, 25.4501, admin1="North Ostrobothnia"),  # a suburb: the same to a tenth
        town("Oulu County", 65.0, 27.0, timezone=""),
        town("Oulunsalo\u202e", 0, 25.416, country=""),
        town("Oulu Nowhere", 165.0, 25.0),
    ]
    found = search("  oulu ")
    assert found == (
        OULU,
        Place("Oulunsalo", "", "", 0.0, 25.4, "Europe/Helsinki"),
    )
    assert service.asked[0][1] == {"name": "oulu", "count": "10", "language": "en", "format": "json"}
    assert search("Atlantis") == ()
    service.fail("/v1/search", "cut", "cut", "cut")
    with pytest.raises(Unavailable):
        search("Oulu")
    asked = len(service.asked)
    for name, language in (("", "en"), ("O", "en"), ("O" * 101, "en"), ("Oulu", "english"), ("Oulu", "1a")):
        with pytest.raises(InvalidInput):
            search(name, language)
    assert len(service.asked) == asked


@pytest.mark.parametrize("address", ["ftp://a", "open-meteo.com", "http://", "https://u:p@a", "http://a?x=1", "http://a#x", "http://a:0", "http://[a"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    for name in ("geocoding_url", *(f"{service}_url" for service in SERVICES)):
        with pytest.raises(ValueError, match="address of a weather service|IPv6"):
            Settings(**{name: address})
    assert Settings(archive_url="https://weather.example.org/copy/").archive_url == "https://weather.example.org/copy"
