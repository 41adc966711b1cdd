"""History: every saved finding in order, one opened, two photos under a slider, one spot over time."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.examinations.registry import examinations
from core.records.findings import count_records, list_records
from core.records.record_tables import RecordPublic
from core.records.spots import list_spots
from core.ui import charts, finding_card, history, moments, parts, pictures, trouble
from core.ui.page import page

VIEWS = ("All findings", "Compare two", "One spot over time")

here = page("History")
zone = moments.zone()


@st.dialog("Delete this finding?")
def confirm(record: RecordPublic, name: str) -> None:
    st.markdown(f"**{moments.plain(name)}**, {moments.day(record.taken_at, zone)}. The photo and the finding are deleted for good.")
    with parts.row():
        if st.button("Delete for good", type="primary", icon=":material/delete:", on_click=history.forget, args=(here.actor, record.id)):
            st.rerun()
        if st.button("Keep it", type="tertiary"):
            st.rerun()


def opened(record_id: UUID) -> None:
    st.button("All findings", icon=":material/arrow_back:", on_click=history.go_to, args=(None,))
    record, card = history.shown(here.actor, record_id, spots, zone, here.person_id)
    with st.container(border=True):
        finding_card.finding_card(card, f"record_{record.id}")
        if record.has_mask:
            say = partial(history.say_outline, here.actor, record.id)
            finding_card.outline_question(record.outline_accepted, f"fits_{record.id}", say)
        if st.button("Delete", type="tertiary", icon=":material/delete:"):
            confirm(record, card.title)


def carousel(records: list[RecordPublic]) -> None:
    grid = parts.strip(len(records), 215, "history", border=True)
    for record in records:
        name, when = history.title(record, spots), moments.day(record.taken_at, zone)
        with grid.cell(), st.container(gap="xsmall"):
            with trouble.told():  # one picture that is gone must not hide the findings after it
                st.image(history.thumbnail_address(here.actor, record), width="stretch", alt=f"{name}, {when}")
            st.markdown(f"**{moments.plain(name)}**  \n:small[:gray[{when}]]")
            parts.urgency(record.facts["step"], short=True)
            st.markdown(history.headline(record))
            label = f"Open {when.rpartition(' ')[0]}"  # twelve buttons of one name cannot be told apart by ear
            st.button(label, key=f"open_{record.id}", help=f"{name}, {when}", on_click=history.go_to, args=(record.id,))


def everything(spot: UUID | None, kind: str | None) -> None:
    found = count_records(here.actor, here.person_id, spot_id=spot, examination=kind)
    if not found:
        st.markdown("There is no finding like this. Choose another spot or check above.")
        return
    slot = st.container()
    number = st.pagination(history.pages(found), key=f"page_{spot}_{kind}") if found > history.PAGE else 1
    start = (number - 1) * history.PAGE
    with slot:
        parts.lead(f"{found} {'finding' if found == 1 else 'findings'}, the newest first.")
        carousel(list_records(here.actor, here.person_id, spot_id=spot, examination=kind, limit=history.PAGE, offset=start))


def beside(spot: UUID | None, kind: str | None) -> None:
    records = list_records(here.actor, here.person_id, spot_id=spot, examination=kind, limit=history.CHOICE)[::-1]
    if len(records) < 2:
        st.markdown("Two photos are needed to compare. Take another photo of the spot and save it.")
        return
    by_id = {record.id: record for record in records}
    columns, chosen = st.columns(2), []
    for column, name, start in zip(columns, ("First photo", "Second photo"), history.pair(records), strict=True):
        chosen.append(
            column.selectbox(name, list(by_id), start, lambda id: history.option(by_id[id], spots, zone), key=f"{name}_{spot}_{kind}")
        )
    two = sorted((history.shown(here.actor, id, spots, zone, here.person_id) for id in chosen), key=lambda pair: pair[0].taken_at)
    (early, first), (late, second) = two
    texts = [moments.day(record.taken_at, zone) for record in (early, late)]
    apart = history.between(early.taken_at, late.taken_at)
    caption = f"Move the line: {texts[0]} on the left, {texts[1]} on the right."
    pictures.compare(first.picture, second.picture, *texts, caption, key="compare")
    parts.note(f"Time between the two photos: {apart}. Light, angle and distance differ too: look at shape and colour, not at size.")
    for column, (record, card) in zip(st.columns(2), two, strict=True):
        with column, st.container(border=True):
            parts.ask(moments.upper(moments.day_and_time(record.taken_at, zone)), card.words.looks_like)
            parts.urgency(card.words.step)


def timeline(spot: UUID | None) -> None:
    if spot is None:
        st.markdown("Choose one spot above to see it over time." if spots else "Save a photo to a spot first. Then you can follow it here.")
        return
    records = history.spot_records(here.actor, here.person_id, spot)
    if len(records) > 1 and (series := history.chances(records)):
        alt = f"Chances of {parts.listed(list(series))} in {len(records)} photos."
        charts_dates = [moments.local(record.taken_at, zone) for record in records]
        parts.chart(charts.over_time(charts_dates, series), 320, alt, top=40, legend=True)
        parts.note("Each point is one photo. Light and focus move it too: a step up or down alone does not mean that the spot changed.")
    elif records:
        st.markdown("There is one photo of this spot so far. Take the next one in about three months, or sooner if it changes.")
    if records:
        st.table(history.time_table(records, zone), border="horizontal")
        parts.note("How much of the photo a spot fills can only be compared between photos of the same dermatoscope.")


with here.column:
    st.title("History", anchor=False)
    history.tell()
    spots = {spot.id: spot for spot in list_spots(here.actor, here.person_id)}
    try:
        record_id = history.asked_for()
        if record_id is not None:
            opened(record_id)
            st.stop()
    except CareLensError as error:
        trouble.show(error)
        st.stop()
    if not count_records(here.actor, here.person_id):
        what = "Check a spot first. When you save what was found, it appears here, with its photo and date."
        with parts.empty("photo_camera", "Nothing here yet", what):
            st.page_link("pages/Skin_check.py", label="Go to the skin check", icon=":material/center_focus_strong:")
        st.stop()
    view = st.segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", label_visibility="collapsed")
    with parts.row(vertical_alignment="bottom"):
        names = {history.ALL: "All spots"} | {str(id): spot.name for id, spot in spots.items()}
        chosen = st.selectbox("Spot", list(names), format_func=names.get, key="spot") if spots else history.ALL
        checks = {history.ALL: "All checks"} | {id: one.title for id, one in examinations().items()}
        kind = st.selectbox("Check", list(checks), format_func=checks.get, key="kind") if len(checks) > 2 else history.ALL
    spot = UUID(chosen) if chosen != history.ALL else None
    named = kind if kind != history.ALL else None
    if view == VIEWS[1]:
        beside(spot, named)
    elif view == VIEWS[2]:
        timeline(spot)
    else:
        everything(spot, named)
