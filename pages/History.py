"""History: everything in order, one opened, two photos under a slider, one spot over time, a page to print."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.records.eczema_tables import ScorePublic
from core.records.findings import count_records, list_records
from core.records.record_tables import RecordPublic
from core.records.scores import list_scores
from core.records.spots import list_spots
from core.records.treatments import list_treatments
from core.ui import (
    correction,
    finding_card,
    history,
    history_all,
    history_print,
    history_views,
    moments,
    parts,
    poem_result,
    progress,
    summary,
    trouble,
)
from core.ui.history_all import Filter
from core.ui.page import page

VIEWS = ("All findings", "Compare two", "One spot over time", "To print")

here = page("History")
zone = moments.zone()


@st.dialog("Delete for good?")
def confirm(what: str, delete: Callable[[], None]) -> None:
    st.markdown(what)
    with parts.row():
        gone = st.button("Delete for good", type="primary", icon=":material/delete:", on_click=delete)
        if st.button("Keep it", type="tertiary") or gone:
            st.rerun()


def opened(record_id: UUID) -> None:
    st.button("All findings", icon=":material/arrow_back:", on_click=history.go_to, args=(None,))
    record, card = history.shown(here.actor, record_id, spots, zone, here.person_id)
    with st.container(border=True):
        finding_card.finding_card(card, f"record_{record.id}")
        if finding_card.has_outline(card.finding) and not correction.can(card.finding):
            say = partial(history.say_outline, here.actor, record.id)
            finding_card.outline_question(record.outline_accepted, f"fits_{record.id}", say)
        history_views.below(here.actor, record, card.finding, f"own_{record.id}")
        if st.button("Delete", type="tertiary", icon=":material/delete:"):
            what = f"**{moments.plain(card.title)}**, {moments.day(record.taken_at, zone)}. The photo and the finding are deleted for good."
            confirm(what, partial(history.forget, here.actor, record.id))


def opened_score(score: ScorePublic) -> None:
    st.button("All findings", icon=":material/arrow_back:", on_click=history_all.go_to_score, args=(None,))
    history_all.opened(score, known)
    if st.button("Delete", type="tertiary", icon=":material/delete:"):
        name = progress.SCORES.get(score.instrument, score.instrument)
        what = f"**{name}** of {poem_result.written(score.day)}. The score and its answers are deleted for good."
        confirm(what, partial(history_all.remove, here.actor, score.id))


def everything(chosen: Filter) -> None:
    found, filled = history_all.count(here.actor, here.person_id, chosen, known)
    if not found + filled:
        st.markdown("There is no finding like this. Choose another spot or check above.")
        return
    slot, pages = st.container(), history.pages(found + filled)
    number = st.pagination(pages, key=f"page_{chosen.spot}_{chosen.kind}") if pages > 1 else 1
    start = (number - 1) * history.PAGE
    with slot:
        parts.lead(history_all.told(found, filled))
        entries = history_all.some(here.actor, here.person_id, chosen, known, start, history.PAGE, zone)
        grid = parts.strip(len(entries), 215, "history", border=True)
        for entry in entries:
            with grid.cell(), st.container(gap="xsmall"):
                if isinstance(entry, RecordPublic):
                    history_views.finding_cell(here.actor, entry, spots, zone)
                else:
                    history_views.score_cell(entry)


def beside(chosen: Filter) -> None:
    records = list_records(here.actor, here.person_id, spot_id=chosen.spot, examination=chosen.kind, limit=history.CHOICE)[::-1]
    if len(records) < 2:
        st.markdown("Two photos are needed to compare. Take another photo of the spot and save it.")
        return
    by_id = {record.id: record for record in records}
    columns, two = st.columns(2), []
    for column, name, start in zip(columns, ("First photo", "Second photo"), history.pair(records), strict=True):
        key = f"{name}_{chosen.spot}_{chosen.kind}"
        id = column.selectbox(name, list(by_id), start, lambda id: history.option(by_id[id], spots, zone), key=key)
        two.append(history.shown(here.actor, id, spots, zone, here.person_id))
    history_views.compared(sorted(two, key=lambda pair: pair[0].taken_at), zone)


def to_print(chosen: Filter) -> None:
    counts = history_all.count(here.actor, here.person_id, chosen, known)
    entries = history_all.some(here.actor, here.person_id, chosen, known, 0, history_all.LONGEST, zone)
    given = list_treatments(here.actor, here.person_id) if chosen == Filter() else []
    words = [names[choice] for names, choice in ((spot_names, spot), (checks, kind)) if choice != history.ALL]
    history_print.sheet(
        here.who or here.actor.name, f"{', '.join(words)}." if words else "", entries, counts, given, spots, zone, poem_result.today()
    )


with here.column:
    st.title("History", anchor=False)
    history.tell()
    spots = {spot.id: spot for spot in list_spots(here.actor, here.person_id)}
    known = list_scores(here.actor, here.person_id)
    try:
        record_id, score = history.asked_for(), history_all.asked_score(known)
        if record_id is not None:
            opened(record_id)
            st.stop()
        if score is not None:
            opened_score(score)
            st.stop()
    except CareLensError as error:
        trouble.show(error)
        st.stop()
    if not known and not count_records(here.actor, here.person_id):
        history_views.nothing_yet()
        st.stop()
    with st.container(key="noprint"):
        view = st.segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", label_visibility="collapsed")
        with parts.row(vertical_alignment="bottom"):
            spot_names = {history.ALL: "All spots"} | {str(id): spot.name for id, spot in spots.items()}
            spot = st.selectbox("Spot", list(spot_names), format_func=spot_names.get, key="spot") if spots else history.ALL
            checks = {history.ALL: "All checks"} | history_all.kinds(known)
            kind = st.selectbox("Check", list(checks), format_func=checks.get, key="kind") if len(checks) > 2 else history.ALL
        if view != VIEWS[3]:
            summary.offer(here.actor, here.person_id)
    chosen = Filter(UUID(spot) if spot != history.ALL else None, kind if kind != history.ALL else None)
    if view == VIEWS[2]:
        history_views.over_time(here.actor, here.person_id, chosen.spot, bool(spots), zone)
    else:
        {VIEWS[1]: beside, VIEWS[3]: to_print}.get(str(view), everything)(chosen)
