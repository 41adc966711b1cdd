"""One stream of everything of a patient in the order of time, from any number of sources; and what is urgent in it.

Pure: a source is anything that gives events. What an event holds (`what`) is the affair of whoever made it and of whoever draws it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

WITHIN = timedelta(days=14)
"""How soon somebody with an urgent finding is to be seen ("see a doctor within 2 weeks")."""


@dataclass(frozen=True)
class Event:
    """Something that happened at a moment (aware). `kind`: a word by which it is filtered and drawn; `id`: of its row.

    `urgent`: a finding that somebody should look at today or within two weeks. `what`: the row as it came.
    """

    at: datetime
    kind: str
    id: UUID
    what: object
    urgent: bool = False


Source = Iterable[Event]


def stream(
    sources: Iterable[Source], *, since: datetime | None = None, until: datetime | None = None, kinds: Collection[str] | None = None
) -> list[Event]:
    """All events of all sources from `since` to before `until` (None: open), of these `kinds` (None: all), the newest first.

    Of those of one moment the one that came last stands first, so that the order never depends on chance.
    """
    found = [event for source in sources for event in source if _inside(event, since, until) and (kinds is None or event.kind in kinds)]
    found.reverse()
    return sorted(found, key=lambda event: event.at, reverse=True)


def _inside(event: Event, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or event.at >= since) and (until is None or event.at < until)


def by_month(events: Sequence[Event], where: tzinfo) -> list[tuple[tuple[int, int], list[Event]]]:
    """Events, in the order given, under the year and month they fall into on the clock of `where`."""
    groups: list[tuple[tuple[int, int], list[Event]]] = []
    for event in events:
        then = event.at.astimezone(where)
        month = (then.year, then.month)
        if not groups or groups[-1][0] != month:
            groups.append((month, []))
        groups[-1][1].append(event)
    return groups


def counts(events: Iterable[Event]) -> Mapping[str, int]:
    """How many events of each kind, in the order in which the kinds come up."""
    found: dict[str, int] = {}
    for event in events:
        found[event.kind] = found.get(event.kind, 0) + 1
    return found


def unplanned(urgent: Iterable[Event], settled: Collection[UUID], appointments: Iterable[datetime], now: datetime) -> list[Event]:
    """Urgent findings that nobody settled (signed, or of which the outcome is known) and for which no visit is near.

    `appointments`: the moments of every visit. One that took place after the finding, or is to come within WITHIN, is near enough.
    The oldest first: it has waited longest.
    """
    visits = list(appointments)
    waiting = [event for event in urgent if event.urgent and event.id not in settled]
    open_ = [event for event in waiting if not any(event.at <= visit <= now + WITHIN for visit in visits)]
    return sorted(open_, key=lambda event: event.at)
