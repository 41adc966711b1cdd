"""What of the weather is a person's own: their town, and what they loaded; filled, copied, and gone with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from core.errors import InvalidInput
from core.records import weather_cache
from core.records.erase import erase_account_by_id, erase_person
from core.records.weather import refresh, weather_of
from core.records.weather_loaded import load_weather, loaded_span, remove_loaded
from core.records.weather_places import place_of, remove_place, set_place
from core.settings import settings
from core.weather.daily import FACTORS
from core.weather.weather_csv import Row, read, write
from tests.core.house import ask, dump, embedded, own, somebody
from tests.core.records.test_export import archive, everything
from tests.core.records.test_weather import DAY, NOW, OULU, SUVA, TODAY, WEEKS, at_home
from tests.core.records.test_weather import service as service
from tests.weather_service import WeatherService


def test_a_town_is_kept_to_a_tenth_changed_and_removed(service: WeatherService) -> None:
    ana, ben = somebody(), at_home(name="Ben")
    assert place_of(ana, own(ana)) is None
    kept = set_place(ana, own(ana), OULU)
    assert (kept.name, kept.lat10, kept.lon10, kept.timezone) == ("Oulu", 650, 255, "Europe/Helsinki")
    assert "65.01" not in dump() and place_of(ana, own(ana)) == kept
    assert set_place(ana, own(ana), replace(OULU, name="Oulu\x00 Centre")).since == kept.since
    for who in (ana, ben):
        refresh(who, own(who), TODAY, TODAY, at=NOW)
    moved = set_place(ana, own(ana), SUVA)
    assert moved.since > kept.since and (moved.lat10, moved.lon10) == (-181, 1784)
    assert ask("SELECT count(*) FROM person_place") == [(2,)] and ask("SELECT DISTINCT lat10 FROM weather_day") == [(650,)]
    refresh(ana, own(ana), TODAY, TODAY, at=NOW)
    assert ask("SELECT DISTINCT lat10 FROM weather_day ORDER BY lat10") == [(-181,), (650,)]
    set_place(ana, own(ana), replace(SUVA, latitude=-17.5))
    assert ask("SELECT DISTINCT lat10 FROM weather_day") == [(650,)]
    refresh(ana, own(ana), TODAY, TODAY, at=NOW)
    remove_place(ana, own(ana))
    remove_place(ana, own(ana))
    assert place_of(ana, own(ana)) is None and ask("SELECT DISTINCT lat10 FROM weather_day") == [(650,)]
    assert "Suva" not in dump() and ask("SELECT count(*) FROM erasure") == [(0,)]
    with pytest.raises(InvalidInput):
        set_place(ana, own(ana), replace(OULU, name=" "))
    with pytest.raises(InvalidInput):
        set_place(ana, own(ana), replace(OULU, name="O" * 101))


@embedded
def test_what_is_loaded_fills_gaps_and_replaces_only_where_asked(service: WeatherService, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = at_home()
    me = own(ana)
    refresh(ana, me, TODAY - DAY, TODAY, at=NOW)
    theirs = weather_of(ana, me, TODAY - 2 * DAY, TODAY)
    rows = [Row(TODAY - n * DAY, {"temperature": 20.0 + n, "uv": 3.0}) for n in range(3)]
    assert loaded_span(ana, me) is None and load_weather(ana, me, []) == 0
    assert load_weather(ana, me, rows) == 3
    filled = weather_of(ana, me, TODAY - 2 * DAY, TODAY)
    assert filled.factor("temperature")[0] == 22.0 and np.array_equal(filled.values[1:], theirs.values[1:])
    assert filled.sources == (("loaded",), ("forecast", "air_quality"), ("forecast", "air_quality"))
    load_weather(ana, me, [Row(TODAY, {"temperature": -7.0})], replace=True)
    replaced = weather_of(ana, me, TODAY - 2 * DAY, TODAY)
    assert replaced.factor("temperature").tolist() == [22.0, theirs.factor("temperature")[1], -7.0]
    assert replaced.factor("uv")[2] == theirs.factor("uv")[2] and replaced.sources[2] == ("forecast", "air_quality", "loaded")
    load_weather(ana, me, [Row(TODAY, {"temperature": -8.0})])
    assert weather_of(ana, me, TODAY, TODAY).factor("temperature")[0] == theirs.factor("temperature")[2]
    span = loaded_span(ana, me)
    assert span and (span.days, span.first, span.last) == (3, TODAY - 2 * DAY, TODAY)
    load_weather(ana, me, [Row(TODAY - 2 * DAY, {"pollen_olive": 5.0})])
    assert weather_of(ana, me, TODAY - 2 * DAY, TODAY).values[0, [0, FACTORS.index("pollen_olive")]].tolist() == [22.0, 5.0]
    again = read(write(replaced).encode(), TODAY)
    assert not again.left_out and load_weather(ana, me, again.rows) == 3
    assert remove_loaded(ana, me) == 3 and loaded_span(ana, me) is None and ask("SELECT count(*) FROM erasure") == [(0,)]
    assert np.array_equal(weather_of(ana, me, TODAY - 2 * DAY, TODAY).values, theirs.values, equal_nan=True)
    for wrong in ({"mood": 3.0}, {"humidity": 101.0}, {"uv": float("nan")}):
        with pytest.raises(InvalidInput):
            load_weather(ana, me, [Row(TODAY, wrong)])


def test_with_a_person_their_town_goes_and_its_days_unless_somebody_else_has_it(service: WeatherService, house: Path) -> None:
    ana = somebody(persons=2)
    ben = at_home(name="Ben")
    (child,) = (one for one in ana.person_ids if not _is_self(one))
    (me,) = ana.person_ids - {child}
    set_place(ana, me, OULU)
    set_place(ana, child, SUVA)
    for who, person in ((ana, me), (ana, child), (ben, own(ben))):
        refresh(who, person, TODAY - DAY, TODAY, at=NOW)
        load_weather(who, person, [Row(TODAY - 100 * DAY, {"pollen_mugwort": 123.25 if person == child else 1.0})])
    assert ask("SELECT count(*) FROM weather_day WHERE lat10 = -181") == [(2,)]
    erase_person(ana, child)
    assert ask("SELECT DISTINCT lat10 FROM weather_day") == [(650,)] and ask("SELECT count(*) FROM loaded_day") == [(2,)]
    erase_account_by_id(ana.account_id)
    assert ask("SELECT count(*) FROM weather_day") == [(2,)] and ask("SELECT count(*) FROM person_place") == [(1,)]
    for word in ("Suva", "123.25", "Pacific/Fiji"):
        assert word not in dump() and not [path for path in house.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
    erase_account_by_id(ben.account_id)
    assert [ask(f"SELECT count(*) FROM {name}") for name in ("weather_day", "person_place", "loaded_day")] == [[(0,)]] * 3


def _is_self(person_id: UUID) -> bool:
    id = person_id.hex if settings().database_url.startswith("sqlite") else person_id
    return ask(f"SELECT relation FROM account_person WHERE person_id = '{id}'") == [("self",)]


@embedded
def test_a_place_that_is_given_up_meanwhile_gets_no_days(service: WeatherService) -> None:
    ana = at_home()
    remove_place(ana, own(ana))
    weather_cache.keep((650, 255), "archive", WEEKS, {"pressure": np.ones(1)}, [WEEKS], NOW)
    assert ask("SELECT count(*) FROM weather_day") == [(0,)]


@embedded
def test_a_copy_of_ones_data_has_the_town_and_what_was_loaded(service: WeatherService) -> None:
    ana, ben = at_home(), at_home(SUVA, "Ben")
    for who in (ana, ben):
        load_weather(who, own(who), [Row(TODAY, {"uv": 1.5 if who is ana else 4.75})], replace=True)
        refresh(who, own(who), TODAY, TODAY, at=NOW)
    told = everything(archive(ana))
    (town,), (day,) = told["person_place"], told["loaded_day"]
    assert (town["name"], town["lat10"], town["lon10"]) == ("Oulu", 650, 255) and town["person_id"] == str(own(ana))
    assert (day["day"], day["factors"], day["replaces"]) == (TODAY.isoformat(), {"uv": 1.5}, ["uv"])
    assert "Suva" not in json.dumps(told) and "weather_day" not in told
