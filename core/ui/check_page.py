"""What the pages of the checks share: three questions, where it is, photos, examining, and one card for each photo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from core.examinations.finding import Answers
from core.people.policy import Actor
from core.records.spots import list_spots
from core.ui import camera, checking, parts, uploads
from core.ui.check_card import Place, check_card, save
from core.ui.checking import Check, Desk

NEW = "new"
WAYS = ("Upload", "Camera", "Guided camera")
TYPES = ["jpg", "jpeg", "png", "webp", "heic", "heif", "dcm", "dicom"]
TIP = "JPEG, PNG, WebP, HEIC or DICOM, up to 25 MB each. Name, place, time and device are removed from the photo."
FACE = (
    ":material/face: A face can be recognised. Where you can, photograph the patch alone, from near. "
    "A photo of the whole face is examined all the same: it is your choice, and nothing is kept until you save it."
)
"""For the head and neck, before a photo is taken.

It hangs on what the person says and not on a face detector: none was found that can be trusted. OpenCV 5.0 has no cascades any more
(`cv2.CascadeClassifier`; `cv2.data` is empty) and brings no weights for `cv2.FaceDetectorYN`. The frontal-face cascade that
scikit-image 0.26 brings, tried at 224 px (scale 1.15, three neighbours) on the 385 `val` photos of `conditions` and `eczema`,
fired on 36: 23 of them show no face but feet, legs, fingers and backs. Of the 6 whole faces it found 4, and of the 7 photos in
which it saw several faces none shows more than one person.
"""
ALONE = "Only your own skin belongs in the picture: nobody else, and not your face, unless the rash is there."


@dataclass(frozen=True)
class Says:
    """The words of one check. `kind`: of photo, for the guided camera; `wait`: what a photo waits for before it is examined.

    `ways`: those of WAYS that make sense for it.
    """

    photos: str
    upload: str
    camera: str
    kind: str = "dermatoscopic"
    wait: str = "**Answer the three questions above.** Then your photos are examined."
    ways: tuple[str, ...] = WAYS


def questions(desk: Desk) -> Answers | None:
    """The three questions; None while one is not answered."""
    with st.container(border=True):
        st.subheader("First, three questions", anchor=False)
        chosen = {
            name: st.segmented_control(
                question, list(checking.CHOICES), key=f"{desk.examination}_{name}_{desk.number}", persist_state="session"
            )
            for name, question in checking.QUESTIONS
        }
        return checking.answers_of(chosen)


def spot(desk: Desk, actor: Actor, title: str, new: str, site_question: str, hint: str) -> Place:
    """Which spot it is: one that is followed, or a new one with its place and name."""
    # Once a photo is saved to the new spot, the next ones join it: another place or name would be said and not kept.
    made, own = desk.spot_id is not None, f"{desk.examination}_%s_{desk.number}"
    keep: dict[str, Any] = {"persist_state": "session", "disabled": made}
    with st.container(border=True):
        st.subheader(title, anchor=False)
        known = {one.id: one for one in list_spots(actor, desk.person_id) if one.id != desk.spot_id}
        if known and desk.spot_id is None:
            names: dict[str, str] = {NEW: new} | {str(id): f"{one.name} ({one.site})" for id, one in known.items()}
            chosen = st.selectbox(f"{new}, or one you follow", list(names), format_func=names.__getitem__, key=own % "spot", **keep)
            if chosen != NEW:
                one = known[UUID(chosen)]
                return Place(one.site, one.id, one.name)
        site = st.pills(site_question, checking.SITES, format_func=str.capitalize, key=own % "site", **keep)
        name = st.text_input("Your own name for it, if you like", max_chars=80, placeholder=hint, key=own % "name", **keep)
        if made:
            parts.note("The next photos are saved to the same spot.")
        return Place(site, None, name)


def photos(desk: Desk, says: Says) -> None:
    """The ways to put photos on the desk."""
    with st.container(border=True):
        st.subheader(says.photos, anchor=False)
        way = says.ways[0]
        if len(says.ways) > 1:
            way = st.segmented_control("How do you add a photo?", says.ways, default=way, required=True, key="way") or way
        key = f"{desk.examination}_{way}_{desk.round}"
        if way == "Camera":
            _take(desk, st.camera_input(says.camera, key=key, resolution="1080p"))
        elif way == "Guided camera":
            parts.note("The camera picture goes to this CareLens server only. It says what to change until the photo is good.")
            if (data := camera.guided_camera(f"guided_{says.kind}_{desk.person_id}", says.kind)) is not None:
                desk.put([(f"guided-{desk.examination}-{desk.round}", "Photo of the guided camera", data)])
        else:
            _take(desk, st.file_uploader(says.upload, TYPES, True, key, TIP))
        if desk.left_out:
            most = checking.MOST_PHOTOS
            parts.note(f":material/info: Not added: {desk.left_out}. There is room for {most} photos. Save or discard some first.")


def _take(desk: Desk, held: Any) -> None:
    """Put what an input holds on the desk, and go on with an empty input.

    Not in a callback: one that a newer run stops is never called again, and the photo would be lost without a word.
    """
    files: Iterable[Any] = held if isinstance(held, list) else [held] if held else []
    if files:
        desk.put((file.file_id, file.name, file.getvalue()) for file in files)
        uploads.forget(files)
        st.rerun()


def examine(desk: Desk, answers: Answers | None, says: Says) -> None:
    """Examine what waits, and say how far it is."""
    if answers is None:
        if any(check.state == "waiting" for check in desk.checks):
            st.info(says.wait, icon=":material/arrow_upward:")
        return
    bar, todo = st.progress(0.0, "Examining"), desk.waiting(answers)
    for done, check in enumerate(todo):
        share, now = done / len(todo), f"Examining photo {done + 1} of {len(todo)}"

        def say(before: int, share: float = share, now: str = now) -> None:
            bar.progress(share, checking.waiting_line(before) if before else now)

        say(0)
        desk.examine(check, answers, say)
    bar.progress(1.0, checking.progress_line(desk.checks))


def results(desk: Desk, actor: Actor, place: Place | Callable[[Check], Place]) -> None:
    """The card of the photo that is looked at, and a row of all where there are several.

    `place`: where they will be saved, or a function that says it of one photo.
    """
    saved = [save(desk, check, actor, place(check) if callable(place) else place) for check in desk.checks if check.wanted]
    if any(saved):
        st.toast("Saved. You find it in your history.", icon=":material/check_circle:")
        st.rerun()
    by_id = {check.id: check for check in desk.checks}
    numbers = {id: number for number, id in enumerate(by_id, 1)}
    if st.session_state.get(checking.SHOWN) not in by_id:
        st.session_state[checking.SHOWN] = next((id for id, check in by_id.items() if check.state != "saved"), desk.checks[0].id)
    if len(by_id) > 1:
        label = {id: checking.label(numbers[id], check) for id, check in by_id.items()}
        st.pills("Which photo?", list(by_id), format_func=label.__getitem__, required=True, key=checking.SHOWN)
    chosen: str = st.session_state[checking.SHOWN]
    check = by_id[chosen]
    check_card(desk, check, numbers[chosen], actor, place(check) if callable(place) else place)


def onwards(desk: Desk, label: str) -> None:
    """Where to go once everything is saved."""
    if desk.finished:
        with parts.row():
            st.button(label, icon=":material/add:", on_click=desk.start_over)
            st.page_link("pages/History.py", label="Open my history", icon=":material/history:")
