"""One day of the diary as a form: a tap for each answer, and every tap is saved at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.people.policy import Actor
from core.records import diary, triggers
from core.records.diary_tables import DiaryDayCreate, DiaryDayPublic, ExposureCreate, TriggerPublic
from core.records.treatments import KINDS
from core.ui import moments, parts, session, trouble
from core.words import written

RECENT = 7
"""Days that can be chosen with one tap."""
EARLIER = "earlier"
OFTEN = 12
"""Triggers that are offered with one tap: those met last, then those met most."""
QUESTIONS = {
    "severity": ("How bad was the eczema?", "0 none, 10 the worst"),
    "itch": ("How much did it itch?", "0 not at all, 10 the worst"),
    "sleep": ("How badly did it disturb the night before?", "0 not at all, 10 no sleep"),
}
HOURS = {8: "Morning", 12: "Midday", 16: "Afternoon", 20: "Evening", 23: "Night"}
_ROUND, _TOLD, _DAY, _OTHER = "_diary_round", "_diary_told", "diary_day", "diary_other"


@dataclass(frozen=True)
class Desk:
    """What the form works on: whose diary, what is in it already, the triggers of the person, and the day it is for them."""

    actor: Actor
    person_id: UUID
    days: Sequence[DiaryDayPublic]
    known: Sequence[TriggerPublic]
    today: date
    round: int
    """Of the inputs, see `renew`."""

    def of(self, day: date) -> DiaryDayPublic | None:
        """What is there of a day."""
        return next((one for one in self.days if one.day == day), None)

    def key(self, day: date, what: str) -> str:
        """The key of an input. Another round, another input: what was saved otherwise than by it shows in the new one."""
        return f"diary_{self.person_id.hex[:8]}_{day:%Y%m%d}_{self.round}_{what}"


def load(actor: Actor, person_id: UUID, today: date, since: date) -> Desk:
    """The diary from `since` on, and the triggers. Raises as `list_days` does."""
    return Desk(actor, person_id, diary.list_days(actor, person_id, since), triggers.list_triggers(actor, person_id), today, rounds())


def reaching(desk: Desk, day: date, since: date) -> Desk:
    """The desk with a day that is older than what was loaded, and the one before it: else its form would be empty, and saved so."""
    if day > since:
        return desk
    older = diary.list_days(desk.actor, desk.person_id, day - timedelta(days=1), day)
    return replace(desk, days=[*older, *(one for one in desk.days if one.day > day)])


def names(known: Sequence[TriggerPublic]) -> dict[UUID, str]:
    """What each trigger is called; all different, for a choice tells its options apart by name."""
    return triggers.told_apart({one.id: (one.kind, one.name) for one in known})


def tell() -> None:
    """Say once what became of the last tap, where there is something to say."""
    told = st.session_state.pop(_TOLD, None)
    if isinstance(told, CareLensError):
        trouble.refused(told)
    elif told:
        st.toast(moments.plain(told), icon=":material/check_circle:")


def rounds() -> int:
    """How often the inputs were drawn anew."""
    return int(st.session_state.get(_ROUND, 0))


def renew() -> None:
    """Draw every input anew, with what is saved."""
    st.session_state[_ROUND] = rounds() + 1


def do(actor: Actor, what: Callable[[], str | None]) -> None:
    """Do it before the page runs; `tell` says how it went."""
    try:
        session.still(actor)
        st.session_state[_TOLD] = what()
    except CareLensError as error:
        st.session_state[_TOLD] = error
        renew()


def choose_day(desk: Desk) -> date:
    """Today, one of the last days, or any day before; a tick for those that are done."""
    recent = [desk.today - timedelta(days=back) for back in range(RECENT)]
    known = {one.day for one in desk.days}

    def named(day: date | str) -> str:
        if not isinstance(day, date):
            return "Earlier"
        back = (desk.today - day).days
        name = "Today" if back == 0 else "Yesterday" if back == 1 else f"{day:%a} {day.day}"
        return f":material/check: {name}" if day in known else name

    options: list[date | str] = [*recent, EARLIER]
    if st.pills("Which day?", options, format_func=named, default=desk.today, required=True, key=_DAY) == EARLIER:
        st.date_input("The day", desk.today - timedelta(days=RECENT), diary.EARLIEST, desk.today, key=_OTHER, format="DD/MM/YYYY")
    return _chosen(desk.today)


def _chosen(today: date) -> date:
    """The day that the inputs name now."""
    chosen = st.session_state.get(_DAY, today)
    if chosen == EARLIER:
        chosen = st.session_state.get(_OTHER)
        return chosen if isinstance(chosen, date) else today - timedelta(days=RECENT)
    return chosen if isinstance(chosen, date) else today


def form(desk: Desk, day: date) -> None:
    """The questions of one day."""
    there = desk.of(day)
    _repeat(desk, day, there)
    with st.container(border=True, gap="small", key="diary_form"):
        for name, (question, scale) in QUESTIONS.items():
            key, value = desk.key(day, name), getattr(there, name, None)
            st.pills(f"{question} :gray[{scale}]", range(11), default=value, key=key, on_change=_save, args=(desk, day, name))
        used = there.treatments if there else []
        key = desk.key(day, "treatments")
        st.pills("What did you use?", list(KINDS), selection_mode="multi", format_func=KINDS.__getitem__, default=used, key=key,
                 on_change=_save, args=(desk, day, "treatments"))  # fmt: skip
        _met(desk, day, there)
        with st.expander("A note", expanded=bool(there and there.note)):
            text = there.note if there else ""
            key = desk.key(day, "note")
            st.text_area("Anything else about this day", text, max_chars=500, key=key, on_change=_save, args=(desk, day, "note"))
        with parts.row():
            parts.note(f"Saved as you tap: {written(day)}." if there else "Each tap is saved at once. Leave out what you do not know.")
            if there:
                with st.popover("Delete this day", type="tertiary"):
                    st.markdown(f"What you wrote for {written(day)} is deleted for good.")
                    st.button("Delete for good", key=desk.key(day, "gone"), on_click=do, args=(desk.actor, _deleting(desk, there)))


def _repeat(desk: Desk, day: date, there: DiaryDayPublic | None) -> None:
    """The day before once more, with one tap."""
    before = desk.of(day - timedelta(days=1))
    if there is not None or before is None:
        return

    def copy() -> str:
        if _there(desk, day) is not None:  # on another screen, since this page was drawn
            renew()
            return "This day is written already. Nothing was changed."
        diary.save_day(desk.actor, desk.person_id, _entry(before, day), _exposures(before), today=desk.today)
        renew()
        return "Saved like the day before. Change what was different."

    name = "yesterday" if day == desk.today else f"{day - timedelta(days=1):%A}"
    st.button(f"Same as {name}", icon=":material/content_copy:", key=desk.key(day, "repeat"), on_click=do, args=(desk.actor, copy))


def _entry(like: DiaryDayPublic, day: date) -> DiaryDayCreate:
    """The same answers for another day; a note is of its day alone."""
    return DiaryDayCreate(day=day, itch=like.itch, sleep=like.sleep, severity=like.severity, treatments=list(like.treatments))


def _exposures(like: DiaryDayPublic) -> list[ExposureCreate]:
    return [ExposureCreate(trigger_id=met.trigger_id, hour=met.hour) for met in like.met]


def _deleting(desk: Desk, there: DiaryDayPublic) -> Callable[[], str]:
    def remove() -> str:
        diary.delete_day(desk.actor, there.id)
        renew()
        return "Deleted."

    return remove


def offered(desk: Desk, there: DiaryDayPublic | None) -> list[TriggerPublic]:
    """The triggers with a tap of their own: those of this day, then those met lately and often, then the others as far as there is room."""
    of_day = {met.trigger_id for met in there.met} if there else set()
    often: dict[UUID, float] = {}
    for day in desk.days:
        for met in day.met:
            often[met.trigger_id] = often.get(met.trigger_id, 0.0) + 0.5 ** ((desk.today - day.day).days / 30)
    order = sorted(desk.known, key=lambda one: (one.id not in of_day, -often.get(one.id, 0.0), one.name.casefold()))
    return order[: max(OFTEN, len(of_day))]


def _met(desk: Desk, day: date, there: DiaryDayPublic | None) -> None:
    """What was met that day, about when, and a new one."""
    shown = {one.id: one for one in offered(desk, there)}
    called = names(desk.known)
    if shown:
        of_day = [met.trigger_id for met in there.met if met.trigger_id in shown] if there else []
        st.pills("What was there that day?", list(shown), selection_mode="multi", default=of_day, key=desk.key(day, "met"),
                 format_func=lambda id: moments.plain(called[id]), on_change=_save, args=(desk, day, "met"))  # fmt: skip
    else:
        parts.ask("What was there that day?", "Add what you suspect: a food, a jumper, a soap, stress.")
    with parts.row():
        _add(desk, day)
        if there and there.met:
            with st.popover("When was it?", icon=":material/schedule:"):
                parts.note("If you know. What came shortly before counts otherwise than what came after.")
                for met in there.met:
                    options = sorted({*HOURS, *([] if met.hour is None else [met.hour])})
                    what = f"hour_{met.trigger_id.hex}"
                    name = moments.plain(called.get(met.trigger_id, met.name))
                    st.pills(name, options, format_func=lambda hour: HOURS.get(hour, f"{hour}:00"), default=met.hour,
                             key=desk.key(day, what), on_change=_save, args=(desk, day, what))  # fmt: skip


def _add(desk: Desk, day: date) -> None:
    with st.popover("Add one", icon=":material/add:", key=desk.key(day, "add")):
        groups = triggers.groups()
        kind = st.selectbox("Group", list(groups), format_func=lambda id: groups[id].title, key=desk.key(day, "kind"))
        mine = {one.name for one in desk.known if one.kind == kind}
        common = [name for name in groups[kind].common if name not in mine]
        key = desk.key(day, f"common_{kind}")
        st.pills("Many suspect", common, key=key, on_change=_new, args=(desk, day, kind, key))
        own = desk.key(day, f"own_{kind}")
        st.text_input("Or in your own words", key=own, max_chars=60, placeholder="One thing, such as: wool jumper", autocomplete="off")
        st.button("Add it", type="primary", key=desk.key(day, f"add_{kind}"), on_click=_new, args=(desk, day, kind, own))


def _new(desk: Desk, day: date, kind: str, key: str) -> None:
    """Make the trigger, and note that it was met that day."""

    def add() -> str | None:
        name = st.session_state.get(key)
        if not name:
            return None
        made = triggers.add_trigger(desk.actor, desk.person_id, kind, name)
        there = _there(desk, day)
        _put(desk, day, there, met={**_hours(there), made.id: _hours(there).get(made.id)})
        renew()
        return f"{made.name} is noted."

    do(desk.actor, add)


def _save(desk: Desk, day: date, what: str) -> None:
    """Save one answer of a day, beside what is saved of it.

    A date that was typed and the tap after it can come together: then the tap is of the day that stands there now, not of the one
    whose inputs were still shown. A note is kept when its field is left, so it is of the day it was typed under.
    """
    value = st.session_state.get(desk.key(day, what))

    def put() -> None:
        now = day if what == "note" else _chosen(desk.today)
        there = _there(desk, now)
        if what == "met":
            hours = _hours(there)
            _put(desk, now, there, met={id: hours.get(id) for id in value or ()})
        elif what.startswith("hour_"):
            _put(desk, now, there, met={id: value if id.hex == what.removeprefix("hour_") else hour for id, hour in _hours(there).items()})
        else:
            _put(desk, now, there, **{what: value})
        if now != day:
            renew()

    do(desk.actor, put)


def _there(desk: Desk, day: date) -> DiaryDayPublic | None:
    """What is saved of a day by now: of two taps at once the second must not undo the first."""
    return next(iter(diary.list_days(desk.actor, desk.person_id, day, day)), None)


def _hours(there: DiaryDayPublic | None) -> dict[UUID, int | None]:
    return {met.trigger_id: met.hour for met in there.met} if there else {}


def _put(desk: Desk, day: date, there: DiaryDayPublic | None, met: dict[UUID, int | None] | None = None, **changed: Any) -> None:
    """Save a day with some answers changed; with nothing left of it the day is taken out."""
    known = there.model_dump(include=set(DiaryDayCreate.model_fields)) if there else {}
    entry = DiaryDayCreate.model_construct(**{**_EMPTY, **known, **changed, "day": day})
    hours = _hours(there) if met is None else met
    if hours or not entry.silent:
        exposures = [ExposureCreate.model_construct(trigger_id=id, hour=hour) for id, hour in hours.items()]
        diary.save_day(desk.actor, desk.person_id, entry, exposures, today=desk.today)
    elif there:
        diary.delete_day(desk.actor, there.id)


_EMPTY: dict[str, Any] = {**dict.fromkeys(diary.MEASURES), "treatments": [], "note": ""}
