"""Photos as a measure by days: one part of the body at a time, only what was measured, and of a day the mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.insight.diary_series import series
from core.insight.photo_weeks import followed
from core.insight.progress import Place
from core.insight.weather_rows import series as by_week
from core.records.record_tables import RecordPublic

SUNDAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEFT = ("arms", "left")


def photo(days: float, share: float | None, region: str | None = "arms", side: str | None = "left", **more) -> RecordPublic:
    numbers = {"skin_fraction": 0.5} if share is None else {"skin_fraction": 0.5, "affected_fraction": share}
    told = {"examination": "eczema", "status": "ok", "label": "affected", "step": "own", "width": 10, "height": 10, **more}
    at = SUNDAY + timedelta(days=days)
    return RecordPublic(
        id=uuid4(), person_id=uuid4(), created_at=at, taken_at=at, region=region, side=side, facts={"numbers": numbers}, **told
    )


def test_each_part_and_side_is_followed_apart_the_one_with_most_weeks_first() -> None:
    many_of_one_week = [photo(day, 0.5, "trunk", None) for day in range(1, 7)]
    told = [*many_of_one_week, photo(0, 0.2), photo(7, 0.1), photo(15, 0.3), photo(0, 0.9, "arms", "right"), photo(8, 0.8, "arms", "right")]
    found = followed(told[::-1], UTC)
    assert [(one.place, one.weeks) for one in found] == [(Place(*LEFT), 3), (Place("arms", "right"), 2), (Place("trunk", None), 1)]
    assert found[0].days == ((date(2026, 3, 1), 20.0), (date(2026, 3, 8), 10.0), (date(2026, 3, 16), 30.0)), "in per cent, oldest first"


@pytest.mark.parametrize(
    "other",
    [photo(1, None), photo(1, 0.4, status="abstained"), photo(1, 0.4, outline_accepted=False), photo(1, 0.4, None, None)],
    ids=["no share", "abstained", "outline called wrong", "part not said"],
)
def test_what_says_nothing_of_a_part_does_not_count(other) -> None:
    (found,) = followed([photo(0, 0.2, outline_accepted=True), other], UTC)
    assert found.days == ((date(2026, 3, 1), 20.0),)
    assert followed([other], UTC) == ()


def test_clear_skin_is_a_share_of_0_and_no_missing_one() -> None:
    (found,) = followed([photo(0, 0.0)], UTC)
    assert found.days == ((date(2026, 3, 1), 0.0),)


def test_photos_of_one_day_count_as_their_mean_on_the_calendar_of_who_looks() -> None:
    late = photo(10.5 / 24, 0.3)  # 22:30 in Greenwich is the next morning in Tokyo
    told = [photo(0, 0.1), late]
    assert followed(told, UTC)[0].days == ((date(2026, 3, 1), pytest.approx(20.0)),)
    assert [day for day, _ in followed(told, ZoneInfo("Asia/Tokyo"))[0].days] == [date(2026, 3, 1), date(2026, 3, 2)]


def test_of_a_week_the_last_day_counts() -> None:
    shares = count(1)
    days = [0, 7, 14, 19, 21, 28, 30]  # two weeks with a second photo: two days before the usual weekday, and two after it
    (found,) = followed([photo(day, next(shares) / 100) for day in days], UTC)
    told = series([], (), None, {"photo": found.days})
    weeks = by_week(told.day, told.values["photo"], (), None, True)
    assert [int(one - told.day[0]) for one in weeks.day[np.isfinite(weeks.severity)]] == [0, 7, 14, 21, 30]
    assert weeks.severity[np.isfinite(weeks.severity)] == pytest.approx([1, 2, 3, 5, 7])
