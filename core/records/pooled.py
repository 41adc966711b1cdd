"""What the diaries of patients who agreed teach about the next one: learnt anew in the background, and kept as one row.

Severity alone: it is what people are asked for, what the default prior and the benchmarks were made for, and what Home foretells. Itch
and sleep would take a question, a row and as much time each.

Whoever agreed is in the mix with all their days, so the scores they are told of their past days, each "foretold from the days before it",
are a little too good: by about 1 % where ten agreed (simulated diaries), and less with more.

Two servers that learn at once do no harm: each writes the whole row in one transaction, and only what was learnt from the agreements that
stand then.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from core.errors import CareLensError
from core.people.secrets import keyed_hash
from core.records.database import reading, transaction
from core.records.diary_tables import DiaryDay
from core.records.pool_tables import PoolConsent, PoolPrior
from core.records.times import now
from core.vision import loading

if TYPE_CHECKING:
    from core.insight.forecast_prior import Prior

log = logging.getLogger("carelens.forecast")

LEAST = 10
"""Fewer persons, and nothing is learnt: what a few taught would tell of each of them. Of ten, the default still weighs a third."""
LEAST_DAYS = 30
"""Recorded days of severity from which a diary teaches; a shorter one says little of how severity moves."""
LONG = 1095
"""Days of a diary that are looked at, its newest three years."""
MOST = 200
"""Persons who are learnt from, drawn by chance where more agreed: more would change hardly anything. A diary of three years takes 0.07
seconds of a processor, so these take 14 at most, and 40 MB of memory."""
AGAIN = timedelta(days=1)
"""How old what was learnt gets: diaries go on, and days are changed and deleted."""


def prior() -> Prior:
    """What is known of patients who have written no day yet: learnt from those who agreed, or DEFAULT. Unavailable without a database.

    It is nobody's: it says nothing of whom it was learnt from but how many they are.
    """
    with reading() as session:
        row = session.exec(select(PoolPrior)).first()
    with loading.aside():
        from core.insight.forecast_prior import DEFAULT
    return (None if row is None else _prior_of(row)) or DEFAULT


def refresh(at: datetime | None = None) -> bool:
    """Learn anew where it is due; whether anything was changed. `at`: aware, for now. Unavailable without a database.

    Due is what is older than AGAIN, and what was learnt from other agreements than stand now: somebody agreed, took it back, or was
    erased. With fewer than LEAST persons of LEAST_DAYS each the row goes, and DEFAULT holds.
    """
    at = at or now()
    with reading() as session:
        agreements, persons = _agreements(session)
        row = session.exec(select(PoolPrior)).first()
        if row is None and persons < LEAST:
            return False
        if row is not None and row.agreements == agreements and timedelta(0) <= at - row.made_at < AGAIN and _prior_of(row):
            return False
        diaries = _diaries(session) if persons >= LEAST else []
    learnt = _learnt(diaries, agreements, at) if len(diaries) >= LEAST else None
    if learnt is None and row is None:
        return False
    with transaction() as session:
        if _agreements(session)[0] != agreements:
            return False  # somebody took it back meanwhile, or agreed: at the next turn
        session.execute(delete(PoolPrior))
        if learnt is not None:
            session.add(learnt)
    return True


def refresh_quietly() -> None:
    """As `refresh`, for a thread that goes on whatever happens: what failed is tried at the next turn."""
    try:
        refresh()
    except CareLensError as error:
        log.warning("nothing was learnt for the forecast now: %s", type(error).__name__)


def _agreements(session: Session) -> tuple[str, int]:
    """A keyed hash of the agreements that stand, and how many they are. Whoever takes it back and agrees again has made another one."""
    ids = sorted(id.hex for id in session.exec(select(PoolConsent.id)))
    return keyed_hash("pool", " ".join(ids)), len(ids)


def _diaries(session: Session) -> list[NDArray[np.float64]]:
    """Severity by days (days,), NaN where none was recorded, of up to MOST who agreed and have enough days, drawn in an order by chance."""
    told = (col(DiaryDay.severity).is_not(None), col(DiaryDay.person_id).in_(select(PoolConsent.person_id)))
    last = select(col(DiaryDay.person_id), func.max(col(DiaryDay.day))).where(*told).group_by(col(DiaryDay.person_id))
    known = list(session.exec(last.having(func.count() >= LEAST_DAYS)))
    secrets.SystemRandom().shuffle(known)
    found: list[NDArray[np.float64]] = []
    for person_id, end in known:
        if len(found) == MOST:
            break
        start = end - timedelta(days=LONG - 1)
        mine = (DiaryDay.person_id == person_id, col(DiaryDay.severity).is_not(None), DiaryDay.day >= start)
        severity = np.full(LONG, np.nan)
        for day, value in session.exec(select(col(DiaryDay.day), col(DiaryDay.severity)).where(*mine)):
            severity[(day - start).days] = value
        if np.isfinite(severity).sum() >= LEAST_DAYS:
            found.append(severity)
    return found


def _learnt(diaries: list[NDArray[np.float64]], agreements: str, at: datetime) -> PoolPrior:
    with loading.aside():
        from core.insight.forecast_pool import pool
        from core.insight.forecast_prior import as_json

        made = pool(diaries)
    return PoolPrior(prior=as_json(made), patients=made.patients, agreements=agreements, made_at=at)


def _prior_of(row: PoolPrior) -> Prior | None:
    """The prior of the row; None for one of another version, with other grids."""
    with loading.aside():
        from core.insight.forecast_prior import of_json
    return of_json(row.prior, row.patients)
