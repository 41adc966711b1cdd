"""The signs of diabetes outlined in a photo of an eye: an overlay of chosen kinds, and what its colours mean."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.examinations.finding import Finding
from core.examinations.retina_texts import counted, signs
from core.ui import moments, pictures
from core.ui.pictures import Picture, Rgb

LAYER = "Signs"
COLOURS: dict[str, Rgb] = {
    "ma": (120, 205, 255),
    "he": (214, 178, 255),
    "ex": (255, 226, 110),
    "se": (255, 255, 255),
    "disc": (128, 232, 182),
}
"""Mask to the colour of its line, the one that is drawn first first. All light: the ground is an orange eye. None is red."""


def any_of(finding: Finding) -> bool:
    """Something was outlined that this overlay can show."""
    return bool(there(finding))


def there(finding: Finding) -> list[str]:
    """The masks with something in them, in the order they are told."""
    return [name for name in COLOURS if name in finding.masks and finding.masks[name].any()]


def named(finding: Finding, name: str) -> str:
    """A kind of sign with its count: `Small bleeds: 9`; the disc alone without one."""
    words, number = signs()[name], counted(finding).get(name)
    return moments.upper(words.one) if number is None else f"{moments.upper(words.many)}: {number}"


def lens(picture: Picture, finding: Finding, key: str) -> None:
    """The photo with the chosen kinds of sign drawn in, the switches, and the legend."""
    known = there(finding)
    chosen = st.pills(
        "Outlined", known, selection_mode="multi", default=known, key=f"{key}_signs", label_visibility="collapsed", wrap=True,
        format_func=lambda name: named(finding, name),
    )  # fmt: skip
    masks = {name: finding.masks[name] for name in known if name in chosen}
    layer = pictures.signs_address(masks, COLOURS, (picture.width, picture.height))
    pictures.lens(picture, layer, LAYER, 100, key=f"{key}_lens_signs")
    st.html("".join(_line(finding, name) for name in known))


def _line(finding: Finding, name: str) -> str:
    words, colour = signs()[name], "#{:02x}{:02x}{:02x}".format(*COLOURS[name])
    text = escape(f"{moments.upper(words.many)} ({words.clinical}): {words.what}")
    return f'<div class="carelens-legend"><i style="background:{colour}"></i>{text}</div>'
