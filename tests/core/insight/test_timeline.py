"""The stream holds everything once, in order, whatever the sources; an urgent finding without a visit near stays on top."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight.timeline import Event, by_month, counts, stream, unplanned

START = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = st.builds(
    lambda hours, kind, urgent: Event(START + timedelta(hours=hours), kind, uuid4(), None, urgent),
    st.integers(0, 40),
    st.sampled_from(("finding", "note", "score")),
    st.booleans(),
)
SOURCES = st.lists(st.lists(EVENTS, max_size=6), max_size=4)


@given(SOURCES, st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_everything_once_and_the_newest_first(sources: list[list[Event]], first: int, last: int) -> None:
    everything = [event for source in sources for event in source]
    found = stream(sources)
    assert sorted(map(id, found)) == sorted(map(id, everything))
    assert all(one.at >= other.at for one, other in zip(found, found[1:], strict=False))
    since, until = START + timedelta(hours=first), START + timedelta(hours=last)
    expected = {id(event) for event in everything if since <= event.at < until and event.kind == "note"}
    assert {id(event) for event in stream(sources, since=since, until=until, kinds={"note"})} == expected
    assert sum(counts(found).values()) == len(everything) == sum(len(own) for _, own in by_month(found, UTC))
    assert stream(iter(map(iter, sources))) == found, "a source may be read only once"


def test_a_month_is_that_of_the_clock_on_the_wall() -> None:
    late = Event(datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "note", uuid4(), None)
    assert by_month([late], UTC)[0][0] == (2026, 2) and by_month([late], timezone(timedelta(hours=1)))[0][0] == (2026, 3)


def test_a_visit_settles_what_was_found_before_it_and_only_one_that_is_near() -> None:
    now = START + timedelta(days=100)

    def finding(days: int, urgent: bool = True) -> Event:
        return Event(now + timedelta(days=days), "finding", uuid4(), None, urgent)

    old, new, harmless, signed = finding(-30), finding(-1), finding(-1, urgent=False), finding(-5)
    every = [new, old, harmless, signed]
    assert unplanned(every, {signed.id}, [], now) == [old, new], "the oldest first"
    assert unplanned(every, {signed.id}, [now - timedelta(days=10)], now) == [new], "a visit before the finding does not count for it"
    assert unplanned(every, {signed.id}, [now + timedelta(days=14)], now) == []
    assert unplanned(every, {signed.id}, [now + timedelta(days=15)], now) == [old, new], "too late"
    assert unplanned(every, set(), [], now) == [old, signed, new]
