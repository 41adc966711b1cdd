"""Skin check: three questions, photos of one spot, and one finding card for each photo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import streamlit as st

from core.examinations.finding import Answers
from core.records.spots import list_spots
from core.ui import camera, checking, parts, uploads
from core.ui.check_card import Place, check_card
from core.ui.page import page

NEW = "new"
WAYS = ("Upload", "Camera", "Guided camera")

here = page("Skin check")
desk = checking.desk(here.person_id, here.who)


def questions() -> Answers | None:
    with st.container(border=True):
        st.subheader("First, three questions", anchor=False)
        chosen = {
            name: st.segmented_control(question, list(checking.CHOICES), key=f"{name}_{desk.number}", persist_state="session")
            for name, question in checking.QUESTIONS
        }
        return checking.answers_of(chosen)


def where() -> Place:
    # Once a photo is saved to the new spot, the next ones join it: another place or name would be said and not kept.
    made = desk.spot_id is not None
    keep: dict[str, Any] = {"persist_state": "session", "disabled": made}
    with st.container(border=True):
        st.subheader("Which spot is it?", anchor=False)
        known = {spot.id: spot for spot in list_spots(here.actor, here.person_id) if spot.id != desk.spot_id}
        if known and desk.spot_id is None:
            names = {NEW: "A new spot"} | {str(id): f"{spot.name} ({spot.site})" for id, spot in known.items()}
            chosen = st.selectbox("A new spot, or one you follow", list(names), format_func=names.get, key=f"spot_{desk.number}", **keep)
            if chosen != NEW:
                spot = known[UUID(chosen)]
                return Place(spot.site, spot.id, spot.name)
        site = st.pills("Where on the body?", checking.SITES, format_func=str.capitalize, key=f"site_{desk.number}", **keep)
        hint = "Mole below the left elbow"
        name = st.text_input("Your own name for it, if you like", max_chars=80, placeholder=hint, key=f"name_{desk.number}", **keep)
        if made:
            parts.note("The next photos are saved to the same spot.")
        return Place(site, None, name)


def take(held: Any) -> None:
    """Put what an input holds on the desk, and go on with an empty input.

    Not in a callback: one that a newer run stops is never called again, and the photo would be lost without a word.
    """
    files: Iterable[Any] = held if isinstance(held, list) else [held] if held else []
    if files:
        desk.put((file.file_id, file.name, file.getvalue()) for file in files)
        uploads.forget(files)
        st.rerun()


def photos() -> None:
    with st.container(border=True):
        st.subheader("Photos of this spot", anchor=False)
        way = st.segmented_control("How do you add a photo?", WAYS, default=WAYS[0], required=True, key="way")
        key = f"{way}_{desk.round}"
        if way == "Camera":
            label = "Take a photo of the spot through the dermatoscope"
            take(st.camera_input(label, key=key, resolution="1080p"))
        elif way == "Guided camera":
            parts.note("The camera picture goes to this CareLens server only. It says what to change until the photo is good.")
            if (data := camera.guided_camera(f"guided_{desk.person_id}")) is not None:
                desk.put([(f"guided-{desk.round}", "Photo of the guided camera", data)])
        else:
            types = ["jpg", "jpeg", "png", "webp", "heic", "heif", "dcm", "dicom"]
            tip = "JPEG, PNG, WebP, HEIC or DICOM, up to 25 MB each. Name, place, time and device are removed from the photo."
            take(st.file_uploader("Photos taken through a dermatoscope", types, True, key, tip))
        if desk.left_out:
            most = checking.MOST_PHOTOS
            parts.note(f":material/info: Not added: {desk.left_out}. There is room for {most} photos. Save or discard some first.")


def examine(answers: Answers | None) -> None:
    if answers is None:
        if any(check.state == "waiting" for check in desk.checks):
            st.info("**Answer the three questions above.** Then your photos are examined.", icon=":material/arrow_upward:")
        return
    bar, todo = st.progress(0.0, "Examining"), desk.waiting(answers)
    for done, check in enumerate(todo):
        share, now = done / len(todo), f"Examining photo {done + 1} of {len(todo)}"

        def say(before: int, share: float = share, now: str = now) -> None:
            bar.progress(share, checking.waiting_line(before) if before else now)

        say(0)
        desk.examine(check, answers, say)
    bar.progress(1.0, checking.progress_line(desk.checks))


def results(place: Place) -> None:
    by_id = {check.id: check for check in desk.checks}
    numbers = {id: number for number, id in enumerate(by_id, 1)}
    if st.session_state.get(checking.SHOWN) not in by_id:
        st.session_state[checking.SHOWN] = next((id for id, check in by_id.items() if check.state != "saved"), desk.checks[0].id)
    if len(by_id) > 1:
        label = {id: checking.label(numbers[id], check) for id, check in by_id.items()}
        st.pills("Which photo?", list(by_id), format_func=label.__getitem__, required=True, key=checking.SHOWN)
    chosen: str = st.session_state[checking.SHOWN]
    check_card(desk, by_id[chosen], numbers[chosen], here.actor, place)


with here.column:
    st.title("Skin check", anchor=False)
    parts.lead("For one mole or spot, photographed through a dermatoscope. You get an answer in a few seconds.")
    answers = questions()
    place = where()
    photos()
    if desk.checks:
        examine(answers)
        results(place)
    if desk.finished:
        with parts.row():
            st.button("Check another spot", icon=":material/add:", on_click=desk.start_over)
            st.page_link("pages/History.py", label="Open my history", icon=":material/history:")
