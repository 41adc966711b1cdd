"""Photos held against the weather under AppTest: one part of the body at a time, in per cent of its skin, and what to do with too few."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from scipy.special import expit
from streamlit.testing.v1 import AppTest

from core.demo.diary import made_up
from core.insight.photo_scale import odds, points, usual_of
from core.people.policy import Actor
from core.records.corrections import save_correction
from core.records.weather_loaded import load_weather
from core.ui import causes, causes_along, causes_photo, causes_place, causes_weather
from tests.core.house import own
from tests.pages.conftest import links, text
from tests.pages.test_causes import PAGE, TODAY, choose, press, tables
from tests.pages.test_progress import patch

pytestmark = pytest.mark.usefixtures("nothing_kept")

WEEKS = 26


def weather(actor: Actor) -> dict[int, float]:
    """A year of weather, loaded; the mean water in the air of the seven days up to so many days ago."""
    rows = made_up(TODAY, days=364).weather
    load_weather(actor, own(actor), rows)
    water = {(TODAY - row.day).days: row.values["absolute_humidity"] for row in rows}
    return {ago: sum(water[ago + back] for back in range(7)) / 7 for ago in range(WEEKS * 7)}


def half_a_year(actor: Actor) -> None:
    """A photo of the left arm each week: the drier its week was, the more of the skin is affected."""
    water, rng = weather(actor), np.random.default_rng(5)
    for week in range(WEEKS):
        odds = -1.5 - 0.5 * (water[7 * week] - 7) + rng.normal(0, 0.2)
        patch(actor, 7 * week, float(expit(odds)))


def factor(app: AppTest, id: str) -> AppTest:
    return next(one for one in app.selectbox if one.label == "Factor").set_value(id).run()


def parts_of(app: AppTest) -> list[str]:
    return [option for one in app.selectbox if one.label == "Part of the body" for option in one.options]


def test_half_a_year_of_one_part_is_held_against_the_weather(open_page, ana) -> None:
    half_a_year(ana)
    app = choose(open_page(PAGE, ana), "Of what", "Affected skin")
    assert not app.exception and parts_of(app) == [], "with one part there is nothing to choose"
    found = tables(app)
    assert "points of affected skin in 100, 95 % interval" in found and "25 weeks" in found and "Worse with it" in found
    said = text(factor(app, "absolute_humidity"))
    assert "3 g less water in a cubic metre of air goes with more affected skin, in the same week" in said
    assert "of the seven days up to it" in said and "Sizes are from your usual photo, with " in said and "Each dot is a week" in said
    assert "That does not show that one causes the other" in said and not app.exception
    choose(app, "Look at", "Triggers")
    assert not app.exception and "Affected skin" not in next(one for one in app.button_group if one.label == "Of what").options


def test_a_second_part_is_chosen_apart_and_told_to_be_photographed_more(open_page, ana) -> None:
    half_a_year(ana)
    for week in range(3):
        patch(ana, 7 * week + 1, 0.9, "trunk", None)
    app = choose(open_page(PAGE, ana), "Of what", "Affected skin")
    assert parts_of(app) == [f"Left arm ({WEEKS} weeks)", "Trunk (3 weeks)"]
    assert "25 weeks" in tables(app), "the part with most weeks comes first, and the other's photos are not among its"
    box = next(one for one in app.selectbox if one.label == "Part of the body")
    box.select_index(1).run()
    assert not app.exception and "25 weeks" not in tables(app) and "Too few weeks to say" in text(app)
    assert "20 weeks with 8 changes are needed" in text(app) and causes_photo.WEEKLY in text(app) and "points" not in tables(app)


@pytest.mark.parametrize("shares", [[0.2], [0.3] * WEEKS, [0.0] * WEEKS], ids=["one photo", "all equal", "all clear"])
def test_photos_of_which_nothing_can_be_said(open_page, ana, shares) -> None:
    weather(ana)
    for week, share in enumerate(shares):
        patch(ana, 7 * week, share)
    app = choose(open_page(PAGE, ana), "Of what", "Affected skin")
    assert not app.exception and "Too few weeks to say" in text(app) and causes_photo.WEEKLY in text(app)
    assert "are needed" in tables(app) and "goes with" not in text(app)
    press(app, "Make the table")
    assert not app.exception


def test_without_a_photo_it_says_what_to_do_and_leads_there(open_page, ana, someone) -> None:
    weather(ana)
    half_a_year(someone("patient"))
    patch(ana, 3, 0.2, None, None)
    app = choose(open_page(PAGE, ana), "Of what", "Affected skin")
    assert "No photo yet" in text(app) and causes_photo.WEEKLY in text(app) and not app.exception, "neither others' photos nor of any part"
    assert "Go to the eczema check" in links(app)


def test_a_part_that_is_not_in_the_period_is_not_looked_for(open_page, ana) -> None:
    weather(ana)
    patch(ana, 3, 0.2)
    for week in (20, 21):
        patch(ana, 7 * week, 0.4, "legs", "right")
    app = choose(open_page(PAGE, ana), "Of what", "Affected skin")
    assert parts_of(app) == ["Right leg (2 weeks)", "Left arm (1 week)"]
    choose(app, "Period", "3 months")
    assert parts_of(app) == [] and not app.exception
    choose(app, "Period", "1 year")
    assert parts_of(app) == ["Right leg (2 weeks)", "Left arm (1 week)"] and not app.exception


def test_a_drawn_outline_counts_in_place_of_the_networks(open_page, ana) -> None:
    record = patch(ana, 3, 0.3)
    for share in (0.5, 0.2):
        save_correction(ana, record.id, "lesion", np.full((120, 160), 255, np.uint8), {"affected_fraction": share}, for_training=False)
    (found,) = causes_photo.photos(ana, own(ana), causes.start_of("1 year", TODAY))
    assert [share for _, share in found.days] == [pytest.approx(20)]


def test_the_tables_name_what_they_are_of(open_page, ana, monkeypatch) -> None:
    half_a_year(ana)
    kept: list[str] = []
    offer = causes_along.downloads.offer_bytes
    keep = lambda whose, data, name: kept.append(data.decode()) or offer(whose, data, name)  # noqa: E731
    monkeypatch.setattr(causes_along.downloads, "offer_bytes", keep)
    app = choose(open_page(PAGE, ana), "Of what", "Affected skin")
    for which in (causes_along.FOUND, causes_along.DAYS):
        choose(app, "Which table?", which)
        press(app, "Make the table")
    found, days = (list(csv.DictReader(io.StringIO(one.removeprefix("\N{BYTE ORDER MARK}")))) for one in kept)
    water = next(line for line in found if line["Looked at"] == "Water in the air")
    assert water["What the size is"].startswith("points of affected skin in 100 (photos, left arm) for 3 g less water")
    assert (water["Days later"], water["Days used"]) == ("0", f"{WEEKS - 1} weeks")
    assert float(water["Lowest"]) < float(water["Size"]) < float(water["Highest"]) < 100
    shares = [float(line["Affected skin in photos (%)"]) for line in days if line["Affected skin in photos (%)"]]
    assert len(shares) == WEEKS and 1 < max(shares) <= 100


def test_the_chart_of_what_is_left_is_of_the_effect_that_was_told(open_page, ana) -> None:
    half_a_year(ana)
    photos = causes_photo.photos(ana, own(ana), causes.start_of("1 year", TODAY))[0]
    desk = causes.load(ana, own(ana), TODAY, "1 year", causes.PHOTO, photos)
    table = causes_weather.weather_of(ana, own(ana), *causes_place.span(desk))
    told, factors, whole = causes_weather.found(desk.series, table, desk.measure, desk.weekly)
    effect = next(one for one in told if one.factor == "absolute_humidity")
    (water,) = (one for one in factors if one.id == effect.factor)
    left = causes_weather.left_over(whole, water, effect, desk.measure)
    assert len(left.day) == effect.days and effect.effect > 0 and effect.low > 0
    usual = usual_of(desk.values)
    a_step = odds(np.array(usual + effect.effect)) - odds(np.array(usual))
    assert left.line == pytest.approx(points(left.grid / water.step * a_step, usual))
