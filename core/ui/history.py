"""What the History page shows: cards of saved findings, one opened, two beside each other, one spot over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from math import ceil
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, NotFound
from core.examinations.finding import Finding
from core.examinations.words import Words
from core.people.policy import Actor
from core.photo import read_photo
from core.records.findings import OpenRecord, accept_outline, delete_record, list_records, open_record, thumbnail
from core.records.record_tables import RecordPublic, SpotPublic
from core.ui import memory, moments, parts, pictures, session, trouble
from core.ui.checking import spot_title
from core.ui.finding_card import Shown, words_of
from core.ui.part import Part

PAGE = 12
"""Findings on one page of the history."""
CHOICE = 100
"""Photos offered for comparing; older ones are reached by choosing a spot first."""
ALL = "all"
"""What a filter holds when it filters nothing; None would leave its box empty."""
LONGEST = 500
"""Photos of one spot in a chart."""


def pages(count: int) -> int:
    """How many pages `count` findings fill; at least one."""
    return max(1, ceil(count / PAGE))


@st.cache_data(show_spinner=False, max_entries=600, ttl=1800)
def _thumbnail(account: str, record: str, _actor: Actor) -> str:
    return parts.data_url(thumbnail(_actor, UUID(record)), "image/jpeg")


def thumbnail_address(actor: Actor, record: RecordPublic) -> str:
    """The small photo of a record, kept for this account: a rerun reads no file again."""
    return _thumbnail(str(actor.account_id), str(record.id), actor)


@st.cache_data(show_spinner=False, max_entries=40, ttl=1800)
def _photo(account: str, record: str, _data: bytes, alt: str) -> pictures.Picture:
    # What is stored was let in once: a limit set lower since then must not hide it.
    return pictures.photo_picture(read_photo(_data, max_bytes=len(_data), max_pixels=10**9).pixels, alt)


def photo_of(actor: Actor, opened: OpenRecord, alt: str) -> pictures.Picture:
    """The photo of an opened record for the screen."""
    return _photo(str(actor.account_id), str(opened.record.id), opened.photo_bytes, alt)


def title(record: RecordPublic, spots: dict[UUID, SpotPublic]) -> str:
    """What a record is called: its part of the body, the name of its spot, or where it is."""
    if record.region is not None:
        return Part(record.region, record.side).title
    spot = spots.get(record.spot_id) if record.spot_id else None
    return spot_title(record.site, spot.name if spot else "")


def finding_of(record: RecordPublic) -> Finding:
    """The finding of a record without its pictures."""
    return Finding.from_facts(record.facts)


def words_of_record(record: RecordPublic) -> Words:
    """The words of a record's examination."""
    return words_of(finding_of(record))


def headline(record: RecordPublic) -> str:
    """What it looked like, the first sentence of its examination's words (Markdown)."""
    first, stop, _ = words_of_record(record).looks_like.partition(". ")
    return first + stop.strip()


def step_words(record: RecordPublic) -> str:
    """The next step in a few words, for a table."""
    return words_of_record(record).when or parts.URGENCY[record.facts["step"]].patient


def shown(actor: Actor, record_id: UUID, spots: dict[UUID, SpotPublic], where: tzinfo, person_id: UUID) -> tuple[RecordPublic, Shown]:
    """One record of the person as a finding card. Access is asked anew each time; NotFound when it is gone."""
    opened = open_record(actor, record_id)
    record = opened.record
    if record.person_id != person_id:  # a link from another day, or from another tab: never one person's finding under another's name
        raise NotFound("This finding belongs to someone else of your account.", "Choose them at the top of the page, then open it again.")
    name, when = title(record, spots), moments.day_and_time(record.taken_at, where)
    picture = photo_of(actor, opened, f"{name}, {when}")
    part = Part(record.region, record.side, record.whole_region)
    words, finding, accepted = words_of(opened.finding), opened.finding, record.outline_accepted
    return record, Shown(words, finding, picture, name, f"Examined {when}", accepted, part, corrected=record.corrected)


def asked_for() -> UUID | None:
    """The record the address names (`?record=`); NotFound when that is no id."""
    named = st.query_params.get("record")
    if not named:
        return None
    try:
        return UUID(named)
    except ValueError:
        raise NotFound("This finding does not exist any more.", "Go back to your history.") from None


def go_to(record_id: UUID | None) -> None:
    """Open a record by its address, so that a reload opens it again; None: back to all."""
    if record_id is None:
        st.query_params.pop("record", None)
    else:
        st.query_params["record"] = str(record_id)


def remove(actor: Actor, record_id: UUID) -> None:
    """Delete a record and everything of it that was kept for the screen."""
    delete_record(actor, record_id)
    memory.forget_saved(actor.account_id, {record_id})


def forget(actor: Actor, record_id: UUID) -> None:
    """Delete a record at the press of a button and go back to all; `tell` says how it went."""
    try:
        session.still(actor)
        remove(actor, record_id)
        go_to(None)
        st.session_state["history_told"] = "Deleted."
    except CareLensError as error:
        st.session_state["history_told"] = error


def say_outline(actor: Actor, record_id: UUID, accepted: bool | None) -> None:
    """Note what the person says of an outline; `tell` says when that did not work."""
    try:
        session.still(actor)
        accept_outline(actor, record_id, accepted)
    except CareLensError as error:
        st.session_state["history_told"] = error


def tell() -> None:
    """Say once what became of the last deleting, or of an outline that could not be noted."""
    told = st.session_state.pop("history_told", None)
    if isinstance(told, CareLensError):
        trouble.show(told)
    elif told:
        st.toast(told, icon=":material/check_circle:")


def option(record: RecordPublic, spots: dict[UUID, SpotPublic], where: tzinfo) -> str:
    """One photo in a list to choose from: when first, then what."""
    return f"{moments.day_and_time(record.taken_at, where)}: {title(record, spots)}"


def pair(records: Sequence[RecordPublic]) -> tuple[int, int]:
    """Which two of `records` (oldest first) to compare unasked: the newest photo of a spot or part of the body with others, and the
    oldest of that one."""
    places = [record.spot_id or (record.region and (record.region, record.side)) for record in records]
    for last in range(len(records) - 1, -1, -1):
        first = places.index(places[last])
        if places[last] and first != last:
            return first, last
    return 0, len(records) - 1


def between(earlier: datetime, later: datetime) -> str:
    """The time between two photos in words: `3 months`, `12 days`, `the same day`."""
    days = abs((later - earlier).days)
    if days == 0:
        return "less than a day"
    for length, word in ((365, "year"), (30, "month"), (7, "week"), (1, "day")):
        if days >= length * (2 if word in ("week", "month") else 1):
            number = days // length
            return f"{'about ' if word != 'day' else ''}{number} {word}{'' if number == 1 else 's'}"
    return "less than a day"


def spot_records(actor: Actor, person_id: UUID, spot_id: UUID) -> list[RecordPublic]:
    """The newest photos of one spot, oldest first."""
    return list_records(actor, person_id, spot_id=spot_id, limit=LONGEST)[::-1]


def chances(records: Sequence[RecordPublic], most: int = 3) -> dict[str, list[float]]:
    """The names with the highest chances over all records, and each one's chance in every record."""
    told = [dict(words_of(Finding.from_facts(record.facts)).possibilities) for record in records]
    names = {name for one in told for name in one}
    ranked = sorted(names, key=lambda name: (-max(one.get(name, 0.0) for one in told), name))
    return {name: [one.get(name, 0.0) for one in told] for name in ranked[:most]}


def time_table(records: Sequence[RecordPublic], where: tzinfo) -> dict[str, list[str]]:
    """The chart of a spot as a table: when, what it looked like, how much of the photo it filled."""
    sizes = [record.facts["numbers"].get("area_fraction") if record.outline_accepted is not False else None for record in records]
    return {
        "When": [moments.day(record.taken_at, where) for record in records],
        "It looked like": [f"{headline(record)}  \n:small[:gray[{step_words(record)}]]" for record in records],
        "Fills of the photo": [moments.percent(size) if isinstance(size, float) else "not known" for size in sizes],
    }
