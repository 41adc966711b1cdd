"""A diary in a real browser: a town, days by tap and by table, what the weather and a trigger do and a decoy does not, and no network.

The weather is that of the tests' own service; severity is made from it: dry air two days before, and wool the day before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.records.diary_csv import head
from core.words import written
from tests.browser.helpers import Server, open_page, settle, sign_up
from tests.weather_service import WeatherService, value

DAYS, LAG = 150, 2
TOWN = {"id": 1, "name": "Leiden", "latitude": 52.158, "longitude": 4.493, "timezone": "Europe/Amsterdam", "country": "Netherlands",
        "admin1": "South Holland"}  # fmt: skip


@pytest.fixture
def service() -> Iterator[WeatherService]:
    with WeatherService() as running:
        running.towns = [TOWN]
        yield running


@pytest.fixture
def house(chromium: str, service: WeatherService, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "home", environment=service.environment)
    server.start(120)
    yield server
    server.stop()


def humidity(day: date) -> float:
    """What the service tells of a day in Leiden, on average; near enough on the clock of UTC."""
    hours = (datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in range(24))
    return float(np.mean([told for hour in hours if (told := value("relative_humidity_2m", 52.2, 4.5, hour)) is not None]))


def made_up(last: date) -> str:
    """A table of `DAYS` days up to `last`."""
    rng = np.random.default_rng(5)
    wool, chocolate = rng.random(DAYS) < 0.14, rng.random(DAYS) < 0.3
    lines = [",".join(head())]
    severity = 3.0
    for at in range(DAYS):
        day = last - timedelta(days=DAYS - 1 - at)
        dry = 60 - humidity(day - timedelta(days=LAG))
        severity = 3.2 + 0.3 * (severity - 3.2) + 0.09 * dry + (2.4 if at and wool[at - 1] else 0.0) + rng.normal(0, 0.6)
        told = int(np.clip(round(severity), 0, 10))
        lines.append(f"{day},{told},,{told},Moisturiser,{'Chocolate' if chocolate[at] else ''},,{'Wool' if wool[at] else ''},,,,")
    return "\n".join(lines)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def pick(page: Page, group: str, option: str) -> None:
    page.locator("[data-testid=stButtonGroup]", has_text=group).get_by_text(option, exact=True).click()
    settle(page)


def look_at(page: Page, view: str) -> None:
    page.get_by_test_id("stMain").get_by_role("radio", name=view).click()
    settle(page)


def test_a_diary_finds_what_was_planted_and_not_the_decoy(
    house: Server, service: WeatherService, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = new_page(width=390, height=844, has_touch=True, is_mobile=True, timezone_id="UTC")
    page.set_default_navigation_timeout(90_000)
    sign_up(page, house, name="Ana Diaz", email="ana@example.org", path="/Weather_and_triggers")
    page.get_by_label("Town").fill("Leid")
    press(page, "Search")
    press(page, "Leiden, South Holland, Netherlands")
    expect(page.get_by_text("Your town is Leiden, South Holland, Netherlands now.")).to_be_visible(timeout=60_000)

    # A day by taps.
    open_page(page, house, "/Diary")
    pick(page, "How bad was the eczema?", "4")
    press(page, "Add one")
    page.locator("[data-testid=stButtonGroup]", has_text="Many suspect").get_by_text("Chocolate", exact=True).click()
    settle(page)
    expect(page.get_by_text("Saved as you tap")).to_be_visible(timeout=60_000)
    page.reload()
    settle(page)
    chosen = page.locator("[data-testid=stButtonGroup]", has_text="What was there that day?").get_by_text("Chocolate", exact=True)
    expect(chosen).to_be_visible(timeout=60_000)

    # Five months by table; the day that was tapped stays.
    today = datetime.now(UTC).date()
    table = tmp_path / "diary.csv"
    table.write_text(made_up(today))
    page.get_by_text("Bring in a table (CSV)").click()
    page.locator("input[type=file]").set_input_files(str(table))
    settle(page)
    press(page, f"Bring in {DAYS} days")

    expect(page.get_by_text("149 new and 1 kept as they were")).to_be_visible(timeout=60_000)

    open_page(page, house, "/Weather_and_triggers")
    expect(page.get_by_text(re.compile("humidity goes with more severity, 2 days later")).first).to_be_visible(timeout=90_000)
    look_at(page, "Triggers")
    expect(page.get_by_text("Flares follow Wool")).to_be_visible(timeout=60_000)
    row = page.get_by_test_id("stTable").get_by_role("row", name=re.compile("Chocolate"))
    expect(row.get_by_text("No evidence")).to_be_visible()
    asked = service.count()
    assert asked["/v1/archive"] >= 1 and all(told["latitude"] == "52.2" for path, told in service.asked if path != "/v1/search")

    # The network is lost, and an older day comes in, whose weather nobody can tell now.
    for path in ("/v1/search", "/v1/archive", "/v1/forecast", "/v1/air-quality"):
        service.fail(path, *["broken"] * 99)
    open_page(page, house, "/Diary")
    pick(page, "Which day?", "Earlier")
    page.get_by_label("The day", exact=True).get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{today - timedelta(days=DAYS + 20):%d%m%Y}")
    page.get_by_role("heading", name="Diary").click()  # a date counts once its field is left
    before = today - timedelta(days=DAYS + 20)
    settle(page)
    pick(page, "How bad was the eczema?", "2")
    expect(page.get_by_text(f"Saved as you tap: {written(before)}.")).to_be_visible(timeout=60_000)
    open_page(page, house, "/Weather_and_triggers")
    expect(page.get_by_text("Everything else works.")).to_be_visible(timeout=90_000)
    expect(page.get_by_text(re.compile("humidity goes with more severity, 2 days later")).first).to_be_visible(timeout=60_000)
    look_at(page, "Triggers")
    expect(page.get_by_text("Flares follow Wool")).to_be_visible(timeout=60_000)
    look_at(page, "The coming week")
    expect(page.get_by_text("How good it has been")).to_be_visible(timeout=60_000)
