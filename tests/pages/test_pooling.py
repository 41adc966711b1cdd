"""The switch that lets one's severity help others, under AppTest: nothing is chosen before, a tap is saved, and it shows what is."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.diaries import KINDS, diary
from core.demo.diary import made_up
from core.insight.diary_series import series
from core.insight.forecast import forecast
from core.people.policy import Actor
from core.records import database, pooling
from core.records.diary import import_days, list_days
from core.records.pooled import LEAST, prior, refresh
from core.ui import causes_forecast
from core.ui.causes_pooling import LABEL
from tests.core.house import locked, own, somebody
from tests.core.records.test_pooling import write
from tests.pages.conftest import text
from tests.pages.test_causes import PAGE, TODAY, choose

pytestmark = pytest.mark.usefixtures("nothing_kept")


def week(open_page, actor: Actor) -> AppTest:
    return choose(open_page(PAGE, actor), "Look at", "The coming week")


def switch(app: AppTest):
    (found,) = (one for one in app.toggle if one.label == LABEL)
    return found


def others_agree(count: int = LEAST) -> None:
    rng = np.random.default_rng(6)
    for at in range(count):
        one = somebody(f"P{at}")
        write(one, diary(rng, list(KINDS)[at % len(KINDS)], 90), first=date(2026, 1, 1))
        pooling.agree(one, own(one))


def test_nothing_is_chosen_before_and_a_tap_is_saved(open_page, ana) -> None:
    app = week(open_page, ana)
    assert switch(app).value is False and not app.exception, "also before there is a day"
    assert "at least 10 people" in text(app) and "take it back here at any time" in text(app)
    switch(app).set_value(True).run()
    assert pooling.agreed(ana, own(ana)) and switch(app).value is True
    assert switch(week(open_page, ana)).value is True
    pooling.take_back(ana, own(ana))  # in another tab
    assert switch(app.run()).value is False
    switch(app).set_value(True).run()
    switch(app).set_value(False).run()
    assert not pooling.agreed(ana, own(ana)) and switch(app).value is False and not app.exception


@pytest.mark.parametrize("before", [False, True])
def test_what_could_not_be_saved_is_said_and_the_switch_shows_what_is(open_page, ana, monkeypatch, before: bool) -> None:
    if before:
        pooling.agree(ana, own(ana))
    app = week(open_page, ana)
    monkeypatch.setattr(database, "LOCK_WAIT", 0.3)
    with locked():
        switch(app).set_value(not before).run()
        assert switch(app).value is before and not app.exception
        assert any("busy or out of reach, so nothing was changed" in one.value for one in app.warning)
    assert pooling.agreed(ana, own(ana)) is before
    app.run()
    assert switch(app).value is before and not app.warning
    switch(app).set_value(not before).run()
    assert pooling.agreed(ana, own(ana)) is not before and switch(app).value is not before


def test_the_forecast_starts_from_those_who_agreed_once_there_are_enough(open_page, ana) -> None:
    import_days(ana, own(ana), made_up(TODAY - timedelta(days=1)).diary)
    told = series(list_days(ana, own(ana)))
    assert told is not None
    app = week(open_page, ana)
    assert "The forecast starts from a choice of this house" in text(app)
    before = causes_forecast.made(told, "severity", TODAY)
    others_agree()
    assert refresh()
    app.run()
    assert f"The forecast starts from what {LEAST} patients who agreed have taught" in text(app) and not app.exception
    assert "from the days before it and what others have taught" in text(app)
    found = causes_forecast.made(told, "severity", TODAY)
    by_hand = forecast(*causes_forecast.days_until(told, "severity", TODAY), prior())
    assert np.array_equal(found.probabilities, by_hand.probabilities) and found.patients == LEAST
    assert not np.array_equal(found.probabilities, before.probabilities)
    assert causes_forecast.made(told, "itch", TODAY).patients == 0, "no patient was asked for itch"
    choose(app, "Of what", "Itch")
    assert "The forecast starts from a choice of this house" in text(app)


def test_what_was_learnt_is_told_beside_the_forecast_everywhere(open_page, ana) -> None:
    import_days(ana, own(ana), made_up(TODAY).diary)
    home = text(open_page("Home.py", ana))
    assert "from your own days." in home and "other patients" not in home
    others_agree()
    refresh()
    assert "from your own days, and what other patients have taught." in text(open_page("Home.py", ana))
    app = open_page(PAGE, ana)
    assert "From your own days alone." in text(app), "the weather is"
    assert "From your own days alone." not in text(choose(app, "Look at", "The coming week"))
