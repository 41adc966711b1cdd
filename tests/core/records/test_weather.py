"""The weather of a person's days: asked for once, kept for all of the place, filled from files, and gone with the person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import InvalidInput, NotAllowed, Unavailable
from core.people.policy import Actor
from core.records import database, weather_cache
from core.records.weather import Missing, refresh, weather_of
from core.records.weather_loaded import load_weather, loaded_span, remove_loaded
from core.records.weather_places import place_of, remove_place, set_place
from core.records.weather_tables import WeatherDay
from core.settings import settings
from core.weather import asking
from core.weather.client import MOST_DAYS
from core.weather.daily import AIR, FACTORS, WEATHER, Table
from core.weather.towns import Place
from core.weather.weather_csv import Row
from tests.core.house import ask, embedded, locked, own, somebody
from tests.core.together import together
from tests.weather_service import WeatherService

OULU = Place("Oulu", "North Ostrobothnia", "Finland", 65.0124, 25.4682, "Europe/Helsinki")
SUVA = Place("Suva", "Central", "Fiji", -18.1416, 178.4415, "Pacific/Fiji")
NOW = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
WEEKS = TODAY - 29 * DAY
NOTHING = {"weather": Missing(), "air": Missing()}
ARCHIVE, FORECAST, AIR_QUALITY = "/v1/archive", "/v1/forecast", "/v1/air-quality"


@pytest.fixture
def service(house: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WeatherService]:
    """The services, asked without long pauses; it is NOW there."""
    monkeypatch.setattr(asking, "PAUSE", 0.01)
    monkeypatch.setattr(asking, "REST", 0.0)
    monkeypatch.setattr(asking, "LONGEST_REST", 0.0)
    with WeatherService() as one:
        one.now = NOW
        for name, value in one.environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield one


def at_home(place: Place = OULU, name: str = "Ana") -> Actor:
    """Somebody with a town."""
    actor = somebody(name)
    set_place(actor, own(actor), place)
    return actor


def known(table: Table, factor: str) -> list[bool]:
    return np.isfinite(table.factor(factor)).tolist()


def test_each_service_is_asked_once_for_all_days_and_never_again(service: WeatherService) -> None:
    ana, ben = at_home(), at_home(name="Ben")
    told = refresh(ana, own(ana), WEEKS, TODAY + 30 * DAY, at=NOW)
    assert set(told.answered) == {"archive", "forecast", "air_quality"} and told.missing == NOTHING and not told.reason
    assert service.count() == {ARCHIVE: 1, FORECAST: 1, AIR_QUALITY: 1}
    assert all((wanted["latitude"], wanted["longitude"]) == ("65.0", "25.5") for _, wanted in service.asked)
    table = weather_of(ana, own(ana), WEEKS, TODAY)
    assert table.days.tolist() == [(WEEKS + n * DAY).toordinal() for n in range(30)] and table.factors == FACTORS
    assert np.isfinite(table.values).all()
    assert table.sources == (*[("archive", "air_quality")] * 22, *[("forecast", "air_quality")] * 8)
    for who, first in ((ana, WEEKS), (ana, TODAY - 3 * DAY), (ben, WEEKS)):  # another one of the same place
        assert refresh(who, own(who), first, TODAY, at=NOW + timedelta(hours=2)).answered == ()
    assert np.array_equal(weather_of(ben, own(ben), WEEKS, TODAY).values, table.values)
    assert len(service.asked) == 3
    earlier = refresh(ana, own(ana), WEEKS - 10 * DAY, TODAY, at=NOW)  # only what is new
    assert set(earlier.answered) == {"archive", "air_quality"}
    assert {wanted["end_date"] for _, wanted in service.asked[3:]} == {(WEEKS - DAY).isoformat()}


@embedded
def test_a_day_that_was_not_over_is_asked_again_once_it_is(service: WeatherService) -> None:
    ana = at_home()
    me = own(ana)
    refresh(ana, me, TODAY, TODAY, at=NOW)
    before_midnight = datetime(2026, 11, 29, 21, 59, tzinfo=UTC)  # in Oulu
    assert refresh(ana, me, TODAY, TODAY, at=before_midnight).answered == ()
    assert set(refresh(ana, me, TODAY, TODAY, at=before_midnight + timedelta(minutes=1)).answered) == {"forecast", "air_quality"}
    assert refresh(ana, me, TODAY, TODAY, at=NOW + 3 * DAY).answered == ()
    refresh(ana, me, TODAY + 6 * DAY, TODAY + 6 * DAY, at=NOW)  # a forecast gets better, once a day
    assert refresh(ana, me, TODAY + 6 * DAY, TODAY + 6 * DAY, at=NOW + timedelta(hours=23)).answered == ()
    service.now = NOW + DAY
    assert refresh(ana, me, TODAY + 6 * DAY, TODAY + 6 * DAY, at=NOW + DAY).answered


@embedded
def test_a_day_of_which_nobody_knows_is_asked_again_for_a_while_and_then_left(service: WeatherService) -> None:
    ana = at_home()
    me, day = own(ana), TODAY - 8 * DAY
    service.fail(ARCHIVE, "nulls")
    first = refresh(ana, me, day, day, at=NOW)
    assert first.missing == {"weather": Missing((day,), day), "air": Missing()} and not first.reason
    assert known(weather_of(ana, me, day, day), "temperature") == [False]
    assert refresh(ana, me, day, day, at=NOW + timedelta(hours=23)).answered == ()
    assert refresh(ana, me, day, day, at=NOW + timedelta(hours=25)).answered == ("archive",)
    assert known(weather_of(ana, me, day, day), "temperature") == [True]
    old = TODAY - 400 * DAY
    service.fail(ARCHIVE, "nulls")
    assert refresh(ana, me, old, old, at=NOW).missing == NOTHING  # it is known that there is nothing
    assert refresh(ana, me, old, old, at=NOW + 30 * DAY).answered == () and service.count()[ARCHIVE] == 3


@pytest.mark.parametrize(("zone", "day", "hours"), [("Europe/Helsinki", date(2026, 10, 25), 25), ("Pacific/Fiji", date(2026, 5, 5), 24)])
@embedded
def test_when_a_day_is_due(house: Path, zone: str, day: date, hours: int) -> None:
    """Against the rule once more, minute by minute about the ends."""
    clock = ZoneInfo(zone)
    over = datetime(day.year, day.month, day.day, tzinfo=clock).astimezone(UTC) + timedelta(hours=hours)
    minute, again, patience = timedelta(minutes=1), weather_cache.AGAIN, weather_cache.PATIENCE
    assert weather_cache.due(None, False, day, clock, over)
    times = [over + base + step * minute for base in (-3 * DAY, -DAY, 0 * DAY, DAY, patience, patience + DAY) for step in (-1, 0, 1)]
    for asked, at, had in product(times, times, (False, True)):
        if at < asked:
            continue
        if asked < over:
            expected = at >= over or at - asked >= again
        else:
            expected = not had and asked - over < patience and at - asked >= again
        assert weather_cache.due(asked, had, day, clock, at) is expected, (asked, at, had)
        assert weather_cache.settled(asked, had, day, clock) is (had or asked - over >= patience)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("busy 9999", asking.BUSY), ("broken", asking.BROKEN), ("cut", asking.UNCLEAR), ("lengths", asking.UNCLEAR)],
)
@embedded
def test_what_does_not_come_is_told_and_the_rest_is_kept(service: WeatherService, fault: str, reason: str) -> None:
    ana = at_home()
    me = own(ana)
    service.fail(ARCHIVE, *[fault] * 3)
    told = refresh(ana, me, WEEKS, TODAY, at=NOW)
    assert (told.reason, bool(told.hint)) == (reason, True)
    assert told.missing["air"] == Missing() and told.missing["weather"] == Missing(tuple(WEEKS + n * DAY for n in range(22)), None)
    table = weather_of(ana, me, WEEKS, TODAY)
    assert known(table, "temperature") == [False] * 22 + [True] * 8 and all(known(table, "uv"))
    assert table.sources[0] == ("air_quality",)
    service.fail(ARCHIVE)
    after = refresh(ana, me, WEEKS, TODAY, at=NOW)
    assert after.answered == ("archive",) and after.missing == NOTHING and not after.reason


@embedded
def test_without_the_network_it_is_told_since_when(service: WeatherService, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = at_home()
    me = own(ana)
    refresh(ana, me, WEEKS, TODAY - 10 * DAY, at=NOW)
    monkeypatch.setenv("CARELENS_WEATHER", "0")
    settings.cache_clear()
    told = refresh(ana, me, WEEKS, TODAY, at=NOW)
    assert told.answered == () and told.reason == asking.OFF
    assert told.missing["weather"].since == told.missing["air"].since == TODAY - 9 * DAY and len(told.missing["air"].days) == 10
    assert known(weather_of(ana, me, WEEKS, TODAY), "pressure") == [True] * 20 + [False] * 10
    nowhere = somebody("Ben")
    told = refresh(nowhere, own(nowhere), WEEKS, TODAY, at=NOW)
    assert told.reason.startswith("No town") and told.missing == NOTHING
    assert np.isnan(weather_of(nowhere, own(nowhere), WEEKS, TODAY).values).all()


def test_two_pages_at_once_ask_once_and_keep_each_day_once(service: WeatherService) -> None:
    people = [at_home(name=f"P{n}") for n in range(4)]
    service.delay = 0.05
    told = together(4, lambda n: refresh(people[n], own(people[n]), WEEKS, TODAY, at=NOW))
    assert all(one.missing == NOTHING and not one.reason for one in told)
    assert service.count() == {ARCHIVE: 1, FORECAST: 1, AIR_QUALITY: 1}
    assert ask("SELECT count(*) FROM weather_day") == [(30,)]


def test_two_servers_at_once_keep_each_day_once(service: WeatherService) -> None:
    """Each with turns of its own, so both ask; the database has each day once all the same."""
    ana = at_home()
    days = [WEEKS + n * DAY for n in range(20)]

    def one(n: int) -> None:
        for group, name in ((WEATHER, "archive"), (AIR, "air_quality")):
            told = {factor: np.full(20, float(n)) for factor in group}
            weather_cache.keep((650, 255), name, WEEKS, told, days, NOW)  # type: ignore[arg-type]

    together(6, one)
    assert ask("SELECT count(*), count(DISTINCT day) FROM weather_day") == [(20, 20)]
    table = weather_of(ana, own(ana), WEEKS, days[-1])
    assert np.isfinite(table.values).all()
    assert all(len(np.unique(values)) == 1 for values in (table.values[:, : len(WEATHER)], table.values[:, len(WEATHER) :]))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(WeatherDay(lat10=650, lon10=255, day=WEEKS))


@embedded
def test_days_that_cannot_be_asked_for_and_a_house_without_a_database(service: WeatherService) -> None:
    ana = at_home()
    for first, last in ((TODAY, TODAY - DAY), (TODAY - MOST_DAYS * DAY, TODAY)):
        for act in (weather_of, refresh):
            with pytest.raises(InvalidInput):
                act(ana, own(ana), first, last)
    assert refresh(ana, own(ana), TODAY + 20 * DAY, TODAY + 30 * DAY, at=NOW).answered == ()
    with locked(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "LOCK_WAIT", 0.1)
        with pytest.raises(Unavailable, match="database"):
            refresh(ana, own(ana), TODAY, TODAY, at=NOW)


def test_nobody_elses(service: WeatherService) -> None:
    ana, eve = at_home(), somebody("Eve")
    mine = own(ana)
    load_weather(ana, mine, [Row(TODAY, {"uv": 1.0})])
    doctor = replace(somebody("Lena", "doctor", persons=0), sees=frozenset({(mine, "diary")}))
    others = [Actor(uuid4(), role, frozenset({mine}), "X", "x@example.org") for role in ("doctor", "staff", "admin")]  # type: ignore[arg-type]
    for who in (eve, doctor, *others):
        for change in (
            lambda who: set_place(who, mine, SUVA), lambda who: remove_place(who, mine), lambda who: remove_loaded(who, mine),
            lambda who: refresh(who, mine, TODAY, TODAY), lambda who: load_weather(who, mine, [Row(TODAY, {"uv": 2.0})]),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                change(who)
        for look in (lambda who: weather_of(who, mine, TODAY, TODAY), lambda who: place_of(who, mine), lambda who: loaded_span(who, mine)):
            if who is doctor:
                assert look(who) is not None
            else:
                with pytest.raises(NotAllowed):
                    look(who)
    assert not service.asked and weather_of(ana, mine, TODAY, TODAY).factor("uv") == [1.0]
    assert ask("SELECT what FROM opening") == [("diary",)]
