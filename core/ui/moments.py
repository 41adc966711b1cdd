"""Dates, chances and other people's words, put so that a screen can show them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.words import MONTHS as MONTHS
from core.words import written

SPACE = "\N{NO-BREAK SPACE}"


def zone() -> tzinfo:
    """The time zone of the person looking, as their browser tells it; UTC when it does not."""
    name, offset = st.context.timezone, st.context.timezone_offset
    if name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            pass  # a machine without that zone's rules: the offset is right for today at least
    if offset is not None:
        return timezone(timedelta(minutes=-offset))  # browsers count minutes *behind* UTC
    return UTC


def local(moment: datetime, where: tzinfo) -> datetime:
    """The moment on the wall clock of `where`; a moment without a zone is UTC, as everything stored is."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(where)


def day(moment: datetime, where: tzinfo) -> str:
    """The date in words: `12 March 2026`."""
    return written(local(moment, where).date())


def day_and_time(moment: datetime, where: tzinfo, now: datetime | None = None) -> str:
    """The date and time in words: `today, 09:41`, `yesterday, 18:02` or `12 March 2026, 09:41`."""
    then, today = local(moment, where), local(now or datetime.now(UTC), where).date()
    name = {0: "today", 1: "yesterday"}.get((today - then.date()).days, day(moment, where))
    return f"{name}, {then:%H:%M}"


def percent(share: float) -> str:
    """A chance 0-1 in words that never claim certainty: `61 %`, `under 1 %`, `over 99 %`."""
    if share < 0.005:
        return f"under 1{SPACE}%"
    if share > 0.995:
        return f"over 99{SPACE}%"
    return f"{share * 100:.0f}{SPACE}%"


def exact_percent(share: float) -> str:
    """A share 0-1 as measured, for tables of figures: `100 %` may stand there."""
    return f"{share * 100:.0f}{SPACE}%"


def upper(text: str) -> str:
    """The text with a capital first letter; `str.capitalize` would make the months small."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """The text with a small first letter; `str.lower` would make Bowen, a person, small."""
    return text[:1].lower() + text[1:]


def plain(text: str) -> str:
    """A person's own words, safe inside Markdown: nothing in them becomes a link, a picture, an icon or a colour."""
    # Bare addresses become links after escapes are resolved, so they are broken by a space of no width.
    broken = re.sub(r"(?i)(https?:|www|@)(?=[/.\w])", "\\1\N{ZERO WIDTH SPACE}", " ".join(text.split()))
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&-])", r"\\\1", broken)
