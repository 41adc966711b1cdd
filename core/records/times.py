"""Moments in time: always aware and in UTC, whichever database keeps them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from core.errors import InvalidInput


def now() -> datetime:
    """This moment, aware, UTC."""
    return datetime.now(UTC)


def not_to_come(day: date, today: date | None = None) -> None:
    """InvalidInput for a day after `today`: the date on the person's own clock, at most a day ahead of UTC; None: of UTC."""
    utc = now().date()
    if day > min(today or utc, utc + timedelta(days=1)):
        raise InvalidInput("This day is still to come.", "Choose today or a day before.")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime that comes back aware and in UTC.

    SQLite keeps no zone, so the value is turned to UTC before it is stored and marked as UTC when
    it is read. A naive value is refused with ValueError: nobody could say which moment it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware value of any zone to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Stored value to an aware UTC datetime."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
