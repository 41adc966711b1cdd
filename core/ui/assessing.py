"""One finding opened in the timeline: the network's card, the doctor's own assessment beside it, and what came of it."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from uuid import UUID

import streamlit as st

from core.people.policy import Actor, allowed
from core.records import sign_offs
from core.records.chart_tables import OUTCOMES
from core.records.record_tables import RecordPublic
from core.ui import finding_card, history, history_views, moments, parts, rated, trouble
from core.ui.poem_result import today, written
from core.ui.timeline import GONE, HOWS
from core.ui.timeline_sources import Gathered, label_name


def opened(actor: Actor, found: Gathered, record_id: UUID, person_id: UUID, where: tzinfo) -> None:
    """The finding as its card, with what doctors said of it; a doctor can sign it and say what it turned out to be."""
    _around(found, record_id)
    record, card = history.shown(actor, record_id, dict(found.spots), where, person_id)
    left, right = st.columns([7, 4], gap="medium")
    with left, st.container(border=True):
        parts.note("**What the network says**")
        finding_card.finding_card(card, f"timeline_{record.id}")
    with right, st.container(border=True):
        parts.note("**What doctors say**")
        _said(found, record, where)
        rated.of_record(actor, person_id, record.id)
        if allowed(actor, "sign_record", person_id, record.examination):
            _sign(actor, record)
            _turned_out(actor, record)


def _around(found: Gathered, record_id: UUID) -> None:
    """The way back, and to the findings before and after; also by keys."""
    ids = [one.id for one in found.records]
    at = ids.index(record_id) if record_id in ids else None
    with parts.row():
        st.button("Timeline", icon=":material/arrow_back:", on_click=history.go_to, args=(None,), shortcut="Esc", key="back")
        if at is not None and at + 1 < len(ids):
            st.button(
                "Earlier", icon=":material/chevron_left:", on_click=history.go_to, args=(ids[at + 1],), shortcut="Left", key="earlier"
            )
        if at:
            st.button("Later", icon=":material/chevron_right:", on_click=history.go_to, args=(ids[at - 1],), shortcut="Right", key="later")


def _said(found: Gathered, record: RecordPublic, where: tzinfo) -> None:
    signed, outcome = found.signed(record.id), found.outcome(record.id)
    if not signed:
        st.markdown("No doctor has signed this finding yet.")
    for one in signed:
        label = f"**{moments.plain(label_name(record.examination, one.label))}**" if one.label else "Seen"
        parts.ask(f"{moments.plain(one.doctor) or GONE}, {moments.day_and_time(one.created_at, where)}", label)
        if one.says:
            st.markdown(moments.plain(one.says))
    if outcome is not None:
        said = moments.plain(label_name(record.examination, outcome.label)) if outcome.label else ""
        parts.ask(f"{HOWS[outcome.how]}, {written(outcome.known_on)}", f"**{said}**" if said else "")
        if outcome.says:
            st.markdown(moments.plain(outcome.says))


def _sign(actor: Actor, record: RecordPublic) -> None:
    known = sign_offs.labels(record.examination)
    with st.form(f"sign_{record.id}", border=False, clear_on_submit=True):
        name = partial(label_name, record.examination)
        label = (
            st.selectbox("My own assessment", known, None, name, placeholder="None of these", key=f"sign_label_{record.id}")
            if known
            else ""
        )
        says = st.text_area("Words for the patient", key=f"sign_says_{record.id}", max_chars=1000, height=90)
        if st.form_submit_button("Sign this finding", type="primary", icon=":material/ink_pen:", key=f"sign_go_{record.id}"):
            trouble.attempt(partial(sign_offs.sign_off, actor, record.id, label or "", says or ""), "Signed. The patient sees it.")


def _turned_out(actor: Actor, record: RecordPublic) -> None:
    known = sign_offs.labels(record.examination)
    with st.expander("What it turned out to be"), st.form(f"outcome_{record.id}", border=False, clear_on_submit=True):
        how = st.selectbox("Known by", OUTCOMES, format_func=HOWS.__getitem__, key=f"outcome_how_{record.id}")
        name = partial(label_name, record.examination)
        label = st.selectbox("It was", known, None, name, placeholder="None of these", key=f"outcome_label_{record.id}") if known else ""
        day = st.date_input("Known on", today(), key=f"outcome_day_{record.id}")
        says = st.text_area("In words", key=f"outcome_says_{record.id}", max_chars=1000, height=90)
        if st.form_submit_button("Save the outcome", key=f"outcome_go_{record.id}"):
            go = partial(sign_offs.save_outcome, actor, record.id, how, day, label or "", says or "", today=today())
            trouble.attempt(go, "Saved. It counts for “How we know”.")


def side_by_side(actor: Actor, found: Gathered, person_id: UUID, where: tzinfo) -> None:
    """Two photos of the patient under one slider, and what each looked like."""
    records = list(found.records)[::-1][-history.CHOICE :]
    if len(records) < 2:
        st.markdown("Two photos are needed to compare.")
        return
    by_id, spots = {record.id: record for record in records}, dict(found.spots)
    two = []
    for column, name, start in zip(st.columns(2), ("First photo", "Second photo"), history.pair(records), strict=True):
        id = column.selectbox(name, list(by_id), start, lambda id: history.option(by_id[id], spots, where), key=f"{name}_{person_id}")
        two.append(history.shown(actor, id, spots, where, person_id))
    history_views.compared(sorted(two, key=lambda pair: pair[0].taken_at), where)
