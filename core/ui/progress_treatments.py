"""Treatments on the Progress page: logged in three taps, listed, ended, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.people.policy import Actor
from core.records import treatments
from core.records.eczema_tables import TreatmentPublic
from core.ui import moments, parts, session, trouble
from core.ui.poem_result import written

ROUND, TOLD = "_treatment_round", "_treatment_told"


def log(actor: Actor, person_id: UUID, today: date) -> None:
    """The button that opens the form; then what, then since when: three taps, and the last one saves."""
    number = st.session_state.setdefault(ROUND, 0)
    with st.popover("Log a treatment", icon=":material/add:", key=f"treatment_{number}"):
        kind = st.pills(
            "What do you use?", list(treatments.KINDS), format_func=treatments.KINDS.__getitem__, key=f"treatment_kind_{number}"
        )
        if kind is None:
            parts.note("Choose what it is. Then say since when.")
            return
        with st.expander("Its own name, or another day"):
            name = st.text_input("Name, if you like", key=f"treatment_name_{number}", max_chars=80, placeholder=treatments.KINDS[kind])
            day = st.date_input("First day", today, max_value=today, key=f"treatment_day_{number}", format="DD/MM/YYYY")
        given = name.strip() or treatments.KINDS[kind]
        save = _saving(actor, person_id, given, kind, today)
        with parts.row():
            if isinstance(day, date) and day != today:
                st.button(f"Started on {written(day)}", type="primary", key=f"treatment_then_{number}", on_click=save, args=(day,))
            else:
                st.button("Started today", type="primary", key=f"treatment_today_{number}", on_click=save, args=(today,))
                earlier = today - timedelta(days=1)
                st.button("Started yesterday", key=f"treatment_yesterday_{number}", on_click=save, args=(earlier,))


def _saving(actor: Actor, person_id: UUID, name: str, kind: str, today: date) -> Callable[[date], None]:
    def save(day: date) -> None:
        def add() -> str:
            treatments.add_treatment(actor, person_id, name, kind, day, today=today)
            st.session_state[ROUND] += 1  # a new form: the old one closes, with what was chosen in it
            return f"{name} is in every chart now."

        _do(actor, add)

    return save


def _do(actor: Actor, what: Callable[[], str]) -> None:
    """Do it before the page runs; `tell` says how it went."""
    try:
        session.still(actor)
        st.session_state[TOLD] = what()
    except CareLensError as error:
        st.session_state[TOLD] = error


def tell() -> None:
    """Say once what became of the last press."""
    told = st.session_state.pop(TOLD, None)
    if isinstance(told, CareLensError):
        trouble.refused(told)
    elif told:
        st.toast(moments.plain(told), icon=":material/check_circle:")


def listed(actor: Actor, known: Sequence[TreatmentPublic], today: date) -> None:
    """Every treatment with its days, those that go on first."""
    if not known:
        return
    on = [one for one in known if one.ended_on is None]
    ended = [one for one in known if one.ended_on is not None]
    with st.expander(f"Your treatments ({len(known)})", icon=":material/medication:"):
        for one in [*on[::-1], *ended[::-1]]:
            _row(actor, one, today)


def days_of(one: TreatmentPublic) -> str:
    """From when to when: `since 3 March 2026`, `3 March 2026 to 9 March 2026`."""
    begin = written(one.started_on)
    return f"since {begin}" if one.ended_on is None else f"{begin} to {written(one.ended_on)}"


def _row(actor: Actor, one: TreatmentPublic, today: date) -> None:
    def end(day: date | None) -> Callable[[], str]:
        def change() -> str:
            treatments.end_treatment(actor, one.id, day, today=today)
            return "Noted."

        return change

    def remove() -> str:
        treatments.delete_treatment(actor, one.id)
        return "Deleted."

    own = "" if one.name == treatments.KINDS.get(one.kind) else f"{treatments.KINDS.get(one.kind, one.kind)}, "
    with parts.row():
        st.markdown(f"**{moments.plain(one.name)}**  \n:small[:gray[{own}{days_of(one)}]]", width="stretch")
        if one.ended_on is None:
            st.button("Ended today", key=f"treatment_end_{one.id}", on_click=_do, args=(actor, end(today)))
        else:
            st.button("It goes on", key=f"treatment_on_{one.id}", type="tertiary", on_click=_do, args=(actor, end(None)))
        with st.popover("Delete", type="tertiary", key=f"treatment_gone_{one.id}"):
            st.markdown("It is deleted for good, and taken out of every chart.")
            st.button("Delete for good", key=f"treatment_delete_{one.id}", on_click=_do, args=(actor, remove))
