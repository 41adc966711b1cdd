"""The doctor's half of the Appointments page: the times they offer every week, days off, and a time they give somebody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from core.consult.slots import DAY
from core.people import consent
from core.people.policy import Actor
from core.records import appointments, offers
from core.records.appointment_tables import OfferCreate
from core.ui import meeting, moments, parts, trouble

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LENGTHS = (10, 15, 20, 30, 45, 60)


def clock(minute: int) -> str:
    """A minute of a day as people write it; the last one is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minutes(at: time) -> int:
    """A time of day as minutes after midnight."""
    return at.hour * 60 + at.minute


def _zones() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))) + ["UTC"]


def show(actor: Actor) -> None:
    """Weekly times, days off, and a time given by the doctor."""
    st.subheader("Times you offer", anchor=False)
    with trouble.told():
        _weekly(actor)
    with st.expander("Days off"), trouble.told():
        _days_off(actor)
    with st.expander("Give a patient a time"), trouble.told():
        _give(actor)


def _weekly(actor: Actor) -> None:
    known = offers.offers(actor)
    if not known:
        parts.empty("event_repeat", "You offer no times yet", "Add when you have time every week. Patients who let you in can then book.")
    for one in known:
        with parts.row(wrap=False):
            how = "patients ask, you confirm" if one.confirm else "patients book"
            below = f"{one.length} minutes each, {meeting.WHERE[one.place].lower()}, {how}. {one.zone}"
            parts.titled(f"{WEEKDAYS[one.weekday]}, {clock(one.starts)} to {clock(one.ends)}", moments.plain(below), "event_repeat")
            if st.button("Take back", key=f"offer_end_{one.id}"):
                trouble.attempt(partial(offers.end_offer, actor, one.id), "This time is not offered any more. What was booked stays.")
    zones, mine = _zones(), known[0].zone if known else str(moments.zone())
    with st.expander("Add a weekly time", expanded=not known), st.form("offer_new", border=False):
        days = st.multiselect("Days", range(7), format_func=WEEKDAYS.__getitem__, placeholder="Choose the days", key="offer_days")
        left, right = st.columns(2)
        starts = left.time_input("From", time(9), step=900, key="offer_starts")
        ends = right.time_input("To", time(12), step=900, key="offer_ends")
        length = st.selectbox("Minutes for each", LENGTHS, 3, key="offer_length")
        place = st.selectbox("Where", list(meeting.WHERE), format_func=meeting.WHERE.__getitem__, key="offer_place")
        zone = st.selectbox("Your clock", zones, zones.index(mine) if mine in zones else zones.index("UTC"), key="offer_zone")
        confirm = st.checkbox("I confirm each one first", key="offer_confirm")
        if st.form_submit_button("Offer it", type="primary", icon=":material/add:"):
            today = datetime.now(ZoneInfo(zone)).date()
            create = partial(
                OfferCreate, starts=minutes(starts), ends=minutes(ends), length=length, zone=zone, place=place, confirm=confirm
            )

            def add() -> None:
                for day in days:
                    offers.add_offer(actor, create(weekday=day, from_day=today))

            if days:
                trouble.attempt(add, "Patients who let you in can take these times now.")
            else:
                parts.note("Choose at least one day.")


def _days_off(actor: Actor) -> None:
    for one in offers.exceptions(actor):
        with parts.row(wrap=False):
            whole = (one.starts, one.ends) == (0, DAY)
            named = parts.day(datetime(one.day.year, one.day.month, one.day.day, tzinfo=UTC))
            parts.titled(f"{named}, " + ("the whole day" if whole else f"{clock(one.starts)} to {clock(one.ends)}"), icon="event_busy")
            if st.button("Offer it again", key=f"away_end_{one.id}"):
                trouble.attempt(partial(offers.end_exception, actor, one.id), "This day is offered again.")
    with st.form("away_new", border=False):
        day = st.date_input("Day", key="away_day")
        left, right = st.columns(2)
        starts = left.time_input("From", time(0), step=900, key="away_starts")
        ends = right.time_input("To (00:00: to the end of the day)", time(0), step=900, key="away_ends")
        if st.form_submit_button("Do not offer it", icon=":material/event_busy:"):
            off = partial(offers.add_exception, actor, day, minutes(starts), minutes(ends) or DAY)
            trouble.attempt(off, "This day is not offered any more. What was booked stays: cancel it above where you must.")


def _give(actor: Actor) -> None:
    known = {one.id: one.display_name for one in consent.patients(actor)}
    if not known:
        parts.note("Nobody has let you in yet.")
        return
    zone = moments.zone()
    with st.form("give", border=False):
        who = st.selectbox("Patient", list(known), None, known.__getitem__, placeholder="Choose a patient", key="give_who")
        left, right = st.columns(2)
        day = left.date_input("Day", datetime.now(zone).date() + timedelta(days=1), key="give_day")
        at = right.time_input("Time", time(9), step=900, key="give_at")
        length = st.selectbox("Minutes", LENGTHS, 3, key="give_length")
        place = st.selectbox("Where", list(meeting.WHERE), format_func=meeting.WHERE.__getitem__, key="give_place")
        if st.form_submit_button("Give this time", type="primary") and who is not None:
            starts_at = datetime.combine(day, at, zone)
            named = str(zone) if isinstance(zone, ZoneInfo) else "UTC"
            give = partial(appointments.book, actor, who, actor.account_id, starts_at, minutes=length, zone=named, place=place)
            trouble.attempt(give, "Booked. The patient sees it.")
