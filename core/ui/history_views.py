"""Views of the History page: a cell of the row, two photos under a slider, one spot over time, an outline to correct."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from uuid import UUID

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import CareLensError
from core.examinations.finding import Finding
from core.people.policy import Actor
from core.photo import read_photo
from core.records import corrections
from core.records.eczema_tables import ScorePublic
from core.records.findings import open_record
from core.records.record_tables import RecordPublic, SpotPublic
from core.ui import charts, correction, history, history_all, menu, moments, parts, pictures, rated, session, trouble
from core.ui.finding_card import Shown
from core.ui.poem_result import written
from core.ui.progress import SCORES, score_words


def nothing_yet() -> None:
    """The empty history: what to do first."""
    what = "Check a spot first. When you save what was found, it appears here, with its photo and date."
    with parts.empty("photo_camera", "Nothing here yet", what):
        st.page_link(menu.SKIN.path, label="Go to the skin check", icon=f":material/{menu.SKIN.icon}:")


def finding_cell(actor: Actor, record: RecordPublic, spots: dict[UUID, SpotPublic], where: tzinfo) -> None:
    """One finding in the row."""
    name, when = history.title(record, spots), moments.day(record.taken_at, where)
    with trouble.told():  # one picture that is gone must not hide the findings after it
        st.image(history.thumbnail_address(actor, record), width="stretch", alt=f"{name}, {when}")
    st.markdown(f"**{moments.plain(name)}**  \n:small[:gray[{when}]]")
    parts.urgency(record.facts["step"], short=True, says=history.words_of_record(record).when)
    st.markdown(history.headline(record))
    label = f"Open {when.rpartition(' ')[0]}"  # twelve buttons of one name cannot be told apart by ear
    st.button(label, key=f"open_{record.id}", help=f"{name}, {when}", on_click=history.go_to, args=(record.id,))


def score_cell(score: ScorePublic) -> None:
    """One score in the row."""
    name, when = SCORES.get(score.instrument, score.instrument), written(score.day)
    st.markdown(f"**:primary[:material/edit_note:]&ensp;{name}**  \n:small[:gray[{when}]]")
    st.markdown(moments.upper(score_words(score)))
    label = f"Open {when.rpartition(' ')[0]}"
    st.button(label, key=f"open_{score.id}", help=f"{name}, {when}", on_click=history_all.go_to_score, args=(score.id,))


def compared(two: Sequence[tuple[RecordPublic, Shown]], where: tzinfo) -> None:
    """Two findings, the older first, under one slider, and what each looked like."""
    (early, first), (late, second) = two
    texts = [moments.day(record.taken_at, where) for record in (early, late)]
    apart = history.between(early.taken_at, late.taken_at)
    caption = f"Move the line: {texts[0]} on the left, {texts[1]} on the right."
    pictures.compare(first.picture, second.picture, texts[0], texts[1], caption, key="compare")
    parts.note(f"Time between the two photos: {apart}. Light, angle and distance differ too: look at shape and colour, not at size.")
    for column, (record, card) in zip(st.columns(2), two, strict=True):
        with column, st.container(border=True):
            parts.ask(moments.upper(moments.day_and_time(record.taken_at, where)), card.words.looks_like)
            parts.urgency(card.words.step, says=card.words.when)


def over_time(actor: Actor, person_id: UUID, spot: UUID | None, any_spots: bool, where: tzinfo) -> None:
    """The chances of one spot in every photo of it, as a chart and a table."""
    if spot is None:
        st.markdown(
            "Choose one spot above to see it over time." if any_spots else "Save a photo to a spot first. Then you can follow it here."
        )
        return
    records = history.spot_records(actor, person_id, spot)
    if len(records) > 1 and (series := history.chances(records)):
        alt = f"Chances of {parts.listed(list(series))} in {len(records)} photos."
        dates = [moments.local(record.taken_at, where) for record in records]
        parts.chart(charts.over_time(dates, series), 320, alt, top=40, legend=True)
        parts.note("Each point is one photo. Light and focus move it too: a step up or down alone does not mean that the spot changed.")
    elif records:
        st.markdown("There is one photo of this spot so far. Take the next one in about three months, or sooner if it changes.")
    if records:
        st.table(history.time_table(records, where), border="horizontal")
        parts.note("How much of the photo a spot fills can only be compared between photos of the same dermatoscope.")


def below(actor: Actor, record: RecordPublic, finding: Finding, key: str) -> None:
    """What stands under an opened finding: what doctors rated, and the brush."""
    rated.of_record(actor, record.person_id, record.id)
    correct(actor, record, finding, key)


def correct(actor: Actor, record: RecordPublic, finding: Finding, key: str) -> None:
    """Offer the brush for an outline that can be corrected, and what a person may still decide about theirs."""
    if not correction.can(finding):
        return
    correction.correct(actor, record.id, _pixels(str(actor.account_id), str(record.id), actor), finding, key, lambda _: None)
    if record.corrected:
        drawn = corrections.list_corrections(actor, record.id)
        name = f"{key}_training"
        lets = any(one.for_training for one in drawn)
        st.toggle(correction.TRAINING, lets, key=name, on_change=_say_training, args=(actor, record.id, name))


@st.cache_data(show_spinner=False, max_entries=4, ttl=1800)
def _pixels(account: str, record: str, _actor: Actor) -> NDArray[np.uint8]:
    data = open_record(_actor, UUID(record)).photo_bytes
    return read_photo(data, max_bytes=len(data), max_pixels=10**9).pixels


def _say_training(actor: Actor, record_id: UUID, name: str) -> None:
    try:
        session.still(actor)
        corrections.say_for_training(actor, record_id, bool(st.session_state[name]))
    except CareLensError as error:
        st.session_state["history_told"] = error
