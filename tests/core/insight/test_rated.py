"""A doctor's ratings put together: no EASI without all four regions, one doctor, one week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.rated import TOGETHER, Rated, age_for_easi, easi_of, missing, newest, together
from core.instruments import easi, scorad

DAY = datetime(2026, 5, 4, 10, tzinfo=UTC)
DOCTOR = UUID(int=1)
EASI = dict(zip(easi.SIGNS, (2.0, 1.5, 0.0, 3.0), strict=True))
SCORAD = dict(zip(scorad.SIGNS, (2.0, 1.0, 0.0, 3.0, 1.0, 2.0), strict=True))


def rated(region: str | None, days_ago: float = 0, area: int | None = 3, **more: object) -> Rated:
    one = Rated(uuid4(), region, None, DAY - timedelta(days=days_ago), DAY, DOCTOR, "Dr Lena", EASI, area)
    return replace(one, **more)  # type: ignore[arg-type]


ALL = [rated(region, at) for at, region in enumerate(easi.REGIONS)]


def test_four_regions_make_an_easi_by_the_published_formula() -> None:
    found = easi_of(ALL, 30)
    assert found is not None and found.total == pytest.approx((0.1 + 0.2 + 0.3 + 0.4) * 3 * 6.5)
    few = [replace(ALL[0], area=6), *[replace(one, area=0) for one in ALL[1:]]]
    older, younger = easi_of(few, 8), easi_of(few, 7)
    assert older and younger and (older.total, younger.total) == (pytest.approx(0.1 * 6 * 6.5), pytest.approx(0.2 * 6 * 6.5))


@given(st.lists(st.tuples(st.sampled_from([*easi.REGIONS, None]), st.integers(0, 20), st.integers(0, 6) | st.none()), max_size=12))
def test_there_is_no_easi_of_less_than_four_regions_in_a_week(made: list[tuple[str | None, int, int | None]]) -> None:
    ratings = [rated(region, ago, area) for region, ago, area in made]
    full = {(region, ago) for region, ago, area in made if region and area is not None}
    newest_of = {region: min(ago for name, ago in full if name == region) for region, _ in full}
    within = len(newest_of) == 4 and max(newest_of.values()) - min(newest_of.values()) <= TOGETHER.days
    assert (easi_of(ratings, 30) is not None) == within == (not missing(ratings))
    assert set(together(ratings)) <= set(newest(ratings)) == set(newest_of)


def test_the_newest_photo_and_its_newest_rating_count() -> None:
    old, new = rated("arms", 3, 6), rated("arms", 1, 2)
    again = replace(new, rated_at=DAY + timedelta(hours=1), area=4)
    late = replace(old, rated_at=DAY + timedelta(hours=2))  # rated last, of an older photo
    assert newest([new, again, late, old])["arms"] == again


def test_one_region_has_its_own_score_and_signs_alone_have_none() -> None:
    assert rated("legs", area=4).regional == 4 * 6.5 and rated("legs", area=None).regional is None
    six = rated("legs", area=None, signs=SCORAD, extent=20.0)
    assert six.regional is None and six.scorad and six.scorad.total == 20 / 5 + 7 * 9 / 2
    assert replace(six, extent=None).scorad is None and ALL[0].scorad is None
    assert not newest([six]) and missing([six]) == easi.REGIONS


@pytest.mark.parametrize(
    ("born", "year", "age"),
    [
        (date(2018, 5, 5), None, 7.0),
        (date(2018, 5, 4), None, 8.0),
        (None, 1990, 35.0),
        (None, 2018, None),  # seven or eight
        (None, 2019, 6.0),
        (None, 2017, 8.0),
        (None, 2026, 0.0),
        (None, None, None),
    ],
)
def test_the_age_as_far_as_the_weights_need_it(born: date | None, year: int | None, age: float | None) -> None:
    assert age_for_easi(born, year, DAY.date()) == age
