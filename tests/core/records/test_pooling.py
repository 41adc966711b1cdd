"""Who lets their severity teach the forecast of others, and what is learnt from exactly these."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sqlmodel import select

from benchmarks.diaries import KINDS, diary
from core.errors import NotAllowed, NotFound, Unavailable
from core.insight.forecast_pool import pool
from core.insight.forecast_prior import DEFAULT
from core.people.policy import ROLES, Actor
from core.records import database, pooled
from core.records.diary_tables import DiaryDay
from core.records.erase import erase_account_by_id, erase_person
from core.records.pool_tables import PoolConsent, PoolPrior
from core.records.pooled import LEAST, prior, refresh, refresh_quietly
from core.records.pooling import agree, agreed, take_back
from core.records.times import now
from core.settings import settings
from core.web import app
from tests.core.house import ask, embedded, own, somebody
from tests.core.insight.test_forecast_pool import alike
from tests.core.records.test_export import archive, everything
from tests.core.together import together

pytestmark = pytest.mark.usefixtures("house")
FIRST = date(2026, 1, 1)
ROUNDING = 1e-9


def write(actor: Actor, severity: np.ndarray, person_id: UUID | None = None, first: date = FIRST) -> None:
    """A diary straight into the table, a day each from `first` on; where severity is NaN the day tells of itch alone."""
    person = person_id or own(actor)
    with database.transaction() as session:
        for at, value in enumerate(severity):
            told = None if np.isnan(value) else int(value)
            session.add(DiaryDay(person_id=person, day=first + timedelta(days=at), itch=3, severity=told))


def many(count: int = LEAST, days: int = 60) -> tuple[list[Actor], list[np.ndarray]]:
    """So many people who agreed, each with a diary of another kind."""
    rng = np.random.default_rng(2)
    diaries = [diary(rng, list(KINDS)[at % len(KINDS)], days) for at in range(count)]
    people = [somebody(f"P{at}") for at in range(count)]
    for one, severity in zip(people, diaries, strict=True):
        write(one, severity)
        agree(one, own(one))
    return people, diaries


def kept() -> list[PoolPrior]:
    with database.reading() as session:
        return list(session.exec(select(PoolPrior)).all())


def test_nobody_but_the_person_says_so_or_learns_of_it() -> None:
    ana = somebody()
    others = [somebody("Eve"), *(somebody(role, role, persons=0) for role in ROLES)]
    others += [replace(one, person_ids=ana.person_ids) for one in others if one.role != "patient"]
    others.append(replace(somebody("Lena", "doctor", persons=0), sees=frozenset({(own(ana), "all"), (own(ana), "diary")})))
    for before in (False, True):
        for other in others:
            for act in (agree, take_back, agreed):
                with pytest.raises(NotAllowed):
                    act(other, own(ana))
        assert agreed(ana, own(ana)) is before and ask("SELECT count(*) FROM pool_consent") == [(int(before),)]
        agree(ana, own(ana))


def test_each_person_agrees_once_and_takes_it_back() -> None:
    ana = somebody(persons=2)
    me, child = sorted(ana.person_ids)
    for _ in range(2):
        agree(ana, me)
        assert agreed(ana, me) and not agreed(ana, child) and ask("SELECT count(*) FROM pool_consent") == [(1,)]
    for _ in range(2):
        take_back(ana, me)
        assert not agreed(ana, me)
    assert ask("SELECT count(*) FROM pool_consent") == ask("SELECT count(*) FROM erasure") == [(0,)]
    erase_account_by_id(ana.account_id)
    with pytest.raises(NotFound):
        agree(ana, me)


def test_what_is_learnt_is_the_pool_of_those_who_agreed_and_have_enough_days() -> None:
    people, diaries = many(LEAST - 1)
    silent, short, little = somebody("Silent"), somebody("Short"), somebody("Little")
    rng = np.random.default_rng(3)
    write(silent, np.full(60, 9.0))  # and did not agree
    write(short, np.append(np.full(29, 9.0), [np.nan] * 30))
    agree(short, own(short))
    assert not refresh() and kept() == [] and prior() is DEFAULT, "nine are too few"
    enough = np.where(np.arange(59) % 2, np.nan, rng.integers(0, 11, 59))
    assert np.isfinite(enough).sum() == 30
    write(little, enough)
    assert not refresh() and prior() is DEFAULT
    agree(little, own(little))
    assert refresh() and alike(prior(), pool([*diaries, enough]), ROUNDING)
    assert prior().patients == LEAST and len(kept()) == 1


@pytest.mark.parametrize("way", ["take back", "erase", "erase a child", "again"])
def test_who_takes_it_back_or_is_erased_counts_no_longer_at_the_next_turn(way: str) -> None:
    people, diaries = many(LEAST)
    eve = somebody("Eve", persons=2)
    (child,) = (id for id in eve.person_ids if _relation(id) == "guardian")
    write(eve, np.full(40, 10.0), child)
    agree(eve, child)
    assert refresh() and alike(prior(), pool([*diaries, np.full(40, 10.0)]), ROUNDING)
    assert not refresh(), "nothing has changed"
    if way in ("take back", "again"):
        take_back(eve, child)
    elif way == "erase":
        erase_account_by_id(eve.account_id)
    else:
        erase_person(eve, child)
    if way == "again":
        agree(eve, child)
        assert refresh() and prior().patients == LEAST + 1
        return
    assert refresh() and alike(prior(), pool(diaries), ROUNDING)
    erase_account_by_id(people[0].account_id)
    assert refresh() and kept() == [] and prior() is DEFAULT and not refresh()
    agree(eve, child) if way == "take back" else None
    assert refresh() is (way == "take back")


def _relation(person_id: UUID) -> str:
    id = person_id.hex if settings().database_url.startswith("sqlite") else person_id
    return str(ask(f"SELECT relation FROM account_person WHERE person_id = '{id}'")[0][0])


def test_a_day_later_it_is_learnt_anew_from_the_days_as_they_are() -> None:
    people, diaries = many()
    moment = now()
    assert refresh(moment)
    write(people[0], np.full(30, 10.0), first=FIRST + timedelta(days=60))
    for turn in (timedelta(minutes=5), timedelta(hours=23)):
        assert not refresh(moment + turn) and alike(prior(), pool(diaries), ROUNDING)
    assert refresh(moment + timedelta(hours=25))
    assert alike(prior(), pool([np.append(diaries[0], np.full(30, 10.0)), *diaries[1:]]), ROUNDING)
    assert refresh(moment), "a clock that was set back does not keep it for ever"


@embedded
def test_the_newest_three_years_of_each() -> None:
    people, diaries = many(LEAST - 1)
    old, gone = somebody("Old"), somebody("Gone")
    long = np.full(1400, 8.0)
    long[:400] = 1.0
    write(old, long, first=FIRST - timedelta(days=1500))
    spread = np.full(3000, np.nan)
    spread[::100] = 5.0
    write(gone, spread, first=date(2010, 1, 1))  # 30 days of severity, of which eleven in the newest three years
    for one in (old, gone):
        agree(one, own(one))
    assert refresh() and alike(prior(), pool([*diaries, long[-1095:]]), ROUNDING)


@embedded
def test_of_more_than_can_be_learnt_from_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    _, diaries = many(LEAST + 2)
    monkeypatch.setattr(pooled, "MOST", LEAST)
    seen = set()
    for _ in range(12):
        ask("DELETE FROM pool_prior")
        assert refresh() and prior().patients == LEAST
        seen.add(round(prior().usual, 9))
    assert len(seen) > 1, "not always the same"


def test_what_is_kept_does_not_say_whose() -> None:
    people, _ = many()
    refresh()
    (row,) = kept()
    words = json.dumps([row.prior, row.agreements])
    with database.reading() as session:
        ids = {one.id for one in session.exec(select(PoolConsent))}
    for id in (*ids, *(own(one) for one in people), *(one.account_id for one in people)):
        assert id.hex not in words and str(id) not in words
    assert set(row.prior) == {"grids", "walk", "pull", "chain", "usual", "usual_spread"} and len(words) < 15_000


def test_who_takes_it_back_while_it_is_learnt_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    people, _ = many(LEAST + 1)
    learn = pooled._learnt

    def slowly(*given: object) -> PoolPrior:
        take_back(people[0], own(people[0]))
        return learn(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pooled, "_learnt", slowly)
    assert not refresh() and kept() == []
    monkeypatch.setattr(pooled, "_learnt", learn)
    assert refresh() and prior().patients == LEAST


def test_two_servers_at_once_do_no_harm() -> None:
    _, diaries = many()
    together(3, lambda _: refresh())
    assert len(kept()) == 1 and alike(prior(), pool(diaries), ROUNDING)


@embedded
def test_a_row_of_another_version_is_not_used_and_learnt_anew() -> None:
    _, diaries = many()
    refresh()
    ask("""UPDATE pool_prior SET prior = '{"grids": "others"}'""")
    assert prior() is DEFAULT
    assert refresh() and alike(prior(), pool(diaries), ROUNDING)


@embedded
def test_without_a_database_it_waits_for_the_next_turn(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("CARELENS_DATABASE_URL", "sqlite:////proc/nowhere/carelens.db")
        settings.cache_clear()
        for act in (refresh, prior):
            with pytest.raises(Unavailable):
                act()
        refresh_quietly()
    settings.cache_clear()
    assert "nothing was learnt" in caplog.text


@embedded
def test_the_server_learns_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    _, diaries = many()
    monkeypatch.setattr(app, "TIDY_EVERY", 0.05)
    over = threading.Event()
    turns = threading.Thread(target=app.tidy, args=(over,))
    turns.start()
    try:
        until = time.monotonic() + 60
        while prior() is DEFAULT and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        over.set()
        turns.join()
    assert alike(prior(), pool(diaries), ROUNDING)


@embedded
def test_a_copy_of_ones_data_has_the_agreement_and_not_what_was_learnt(house: Path) -> None:
    people, _ = many()
    refresh()
    told = everything(archive(people[0]))
    (row,) = told["pool_consent"]
    assert row["person_id"] == str(own(people[0])) and row["agreed_at"][:10] == now().date().isoformat() and "pool_prior" not in told
    take_back(people[0], own(people[0]))
    assert everything(archive(people[0]))["pool_consent"] == []
