"""The photos of the Progress page: all in order, two under a slider, and one place as a time-lapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight.progress import Measured, spread, verdict
from core.people.policy import Actor
from core.photo import read_photo
from core.records.findings import open_record, thumbnail
from core.ui import parts, pictures, progress, severity
from core.ui.pictures import Picture
from core.vision.align import align, align_all, moved
from core.web.thumbnails import address

FRAMES = 24
"""Photos in a time-lapse: with more it would take too long to make and too long to watch."""
SIDE, FILM = 800, 480
"""Longer side in pixels of a photo under the slider, and of one in the time-lapse."""

Pixels = NDArray[np.uint8]


def carousel(photos: Sequence[Measured], key: str) -> str | None:
    """Every photo with its outlined twin and what was measured, oldest first. Returns the id of one somebody wants to open."""
    cards = [
        {
            "id": str(one.id),
            "photo": address(one.id),
            "outlined": address(one.id, outline=True, version=int(one.corrected)) if one.given else "",
            "alt": f"{progress.name_of(one.place)}, {progress.when(one.at)}",
            "value": severity.share(one.fraction) if one.given else "Not measured",
            "lines": _lines(one),
        }
        for one in photos
    ]
    data: dict[str, Any] = {
        "cards": cards,
        "label": "Your photos, the oldest first",
        "count": f"{len(cards)} {'photo' if len(cards) == 1 else 'photos'}, the newest last",
        "open": "Open",
        "outlined": "with the outline of affected skin",
        "gone": "This picture is not in the store.",
    }
    opened = parts.element("carousel", data=data, key=key, on_open_change=_noted).open
    return str(opened) if opened else None


def _noted() -> None:
    """The page runs again and reads what was opened."""


def _lines(one: Measured) -> list[str]:
    lines = ["of the skin in this picture"] if one.given else ["Too little skin in the picture"]
    if one.given and one.fraction_low == one.fraction_low:  # not NaN
        lines.append(f"likely {severity.share(one.fraction_low)} to {severity.share(one.fraction_high)}")
    if one.corrected:
        lines.append("your own outline")
    return [*lines, f"{progress.name_of(one.place)}, {progress.when(one.at)}"]


@dataclass(frozen=True)
class Pair:
    """Two photos for the slider; `fits`: the later one was laid over the earlier one."""

    before: Picture
    after: Picture
    fits: bool


def before_after(actor: Actor, photos: Sequence[Measured], key: str) -> None:
    """Two photos of one place under a slider, the later one laid over the earlier one."""
    if len(photos) < 2:
        st.markdown("Two photos of one part of the body are needed. Take the next one from about the same distance.")
        return
    names = [f"{progress.when(one.at)}, {progress.photo_words(one)}" for one in photos]
    chosen = []
    for column, label, start in zip(st.columns(2), ("First photo", "Second photo"), (0, len(photos) - 1), strict=True):
        at = column.selectbox(label, range(len(photos)), start, names.__getitem__, key=f"{key}_{label}_{len(photos)}")
        chosen.append(at if at is not None else start)
    early, late = photos[min(chosen)], photos[max(chosen)]
    pair = _pair(str(actor.account_id), _version(early), _version(late), actor, (early, late))
    texts = (progress.when(early.at), progress.when(late.at))
    left, right = st.columns([5, 3], gap="medium", vertical_alignment="center")
    with left:
        caption = f"Move the line: {texts[0]} on the left, {texts[1]} on the right."
        pictures.compare(pair.before, pair.after, texts[0], texts[1], caption, key=f"{key}_compare")
    with right:
        numbers(early, late)
    if not pair.fits:
        parts.note(NOT_LAID)


NOT_LAID = (
    ":material/info: These photos could not be laid over each other: the distance or the angle differs too much. "
    "They are shown as they were taken."
)


def numbers(early: Measured, late: Measured) -> None:
    """What was measured on two photos, and whether it differs by more than the doubt."""
    said = verdict(early, late)
    if said is not None:
        points = round(100 * (late.fraction - early.fraction))
        delta = f"{'+' if points > 0 else severity.MINUS if points < 0 else ''}{abs(points)} points"
        st.metric("Affected skin", severity.share(late.fraction), delta, delta_color="off", delta_arrow="off")
        was = f"It was {severity.share(early.fraction)}."
        words = {"less": "Less than before.", "more": "More than before.", "unclear": "The ranges overlap: this may be no change."}
        parts.note(f"{was} {words[said]}")
    if early.redness == early.redness and late.redness == late.redness:  # neither is NaN
        delta = severity.signed(late.redness - early.redness)
        st.metric("Redness against your own skin", severity.signed(late.redness), delta, delta_color="off", delta_arrow="off")
        parts.note(f"It was {severity.signed(early.redness)}. Measured inside each photo, so lamp and distance matter less.")


def timelapse(actor: Actor, photos: Sequence[Measured], key: str) -> None:
    """One place, photo after photo, each laid over the newest."""
    if len(photos) < 2:
        st.markdown("Two photos of one part of the body are needed for a time-lapse.")
        return
    shown = [photos[at] for at in spread(len(photos), FRAMES)]
    with st.spinner("Laying the photos over each other"):
        film = _film(str(actor.account_id), tuple(_version(one) for one in shown), _actor=actor, _photos=tuple(shown))
    frames = [
        {"src": picture, "alt": f"{progress.when(one.at)}: {progress.photo_words(one)}",
         "text": f"{progress.when(one.at)} · {progress.photo_words(one)}" + ("" if fits else " · not laid over")}
        for one, (picture, fits) in zip(shown, film.frames, strict=True)
    ]  # fmt: skip
    caption = f"{progress.name_of(shown[0].place)}: {len(shown)} of {len(photos)} photos, from {progress.when(shown[0].at)} on."
    data = {"frames": frames, "ratio": film.ratio, "caption": caption, "play": "Play", "pause": "Pause"}
    parts.element("timelapse", data=data, key=f"{key}_film")
    apart = sum(not fits for _, fits in film.frames)
    if apart:
        one = apart == 1
        parts.note(
            f":material/info: {apart} {'photo' if one else 'photos'} could not be laid over the newest, "
            f"and {'is' if one else 'are'} shown as {'it was' if one else 'they were'} taken."
        )
    parts.note("The photos are turned, moved and made larger or smaller, and nothing else. Grey: what a photo does not show.")


@dataclass(frozen=True)
class Film:
    """Pictures of a time-lapse: address, and whether it was laid over the newest; all of one shape, width by height."""

    frames: tuple[tuple[str, bool], ...]
    ratio: float


def _version(one: Measured) -> str:
    """What a kept picture of a photo depends on."""
    return f"{one.id} {one.fraction} {one.corrected}"


@st.cache_data(show_spinner=False, max_entries=40, ttl=1800)
def _pair(account: str, early: str, late: str, _actor: Actor, _photos: tuple[Measured, Measured]) -> Pair:
    pixels: list[Pixels] = []
    skins: list[Pixels | None] = []
    for one in _photos:
        opened = open_record(_actor, one.id)
        data = opened.photo_bytes
        pixels.append(_small(read_photo(data, max_bytes=len(data), max_pixels=10**9).pixels, SIDE))
        skins.append(opened.finding.masks.get("skin"))
    found = align(pixels[1], pixels[0], skins[1], skins[0])
    after = moved(pixels[1], found, (pixels[0].shape[1], pixels[0].shape[0])) if found.converged else pixels[1]
    alts = [f"{progress.name_of(one.place)}, {progress.when(one.at)}" for one in _photos]
    return Pair(pictures.photo_picture(pixels[0], alts[0], SIDE), pictures.photo_picture(after, alts[1], SIDE), found.converged)


@st.cache_data(show_spinner=False, max_entries=10, ttl=1800)
def _film(account: str, photos: tuple[str, ...], _actor: Actor, _photos: tuple[Measured, ...]) -> Film:
    pixels = [_decoded(thumbnail(_actor, one.id)) for one in _photos]
    skins = [open_record(_actor, one.id).finding.masks.get("skin") for one in _photos]
    newest = len(pixels) - 1
    size = (pixels[newest].shape[1], pixels[newest].shape[0])
    frames = []
    for one, found in zip(pixels, align_all(pixels, skins, newest), strict=True):
        laid = moved(one, found, size) if found.converged else one
        frames.append((pictures.photo_picture(laid, "", FILM).address, found.converged))
    return Film(tuple(frames), size[0] / size[1])


def _small(pixels: Pixels, longer: int) -> Pixels:
    scale = longer / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _decoded(data: bytes) -> Pixels:
    return read_photo(data, max_bytes=len(data), max_pixels=10**9).pixels
