"""Correcting an outline: the brush, the number it gives, and saving it as a new version beside the network's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.examinations import severity as measure
from core.examinations.finding import Finding
from core.examinations.registry import measured_anew
from core.people.policy import Actor
from core.records import corrections
from core.ui import brush, parts, pictures, session, severity, trouble

MASK = "lesion"
Pixels = NDArray[np.uint8]
TRAINING = "My photo and my outline may be used to train CareLens"


def can(finding: Finding) -> bool:
    """The finding has outlines from which its numbers can be made anew."""
    return {MASK, "skin"} <= set(finding.masks)


def correct(actor: Actor, record_id: UUID, pixels: Pixels, finding: Finding, key: str, done: Callable[[Finding], None]) -> None:
    """Offer the brush for the outline of a saved finding. `pixels`: the photo, uint8 RGB (H, W, 3), at the masks' size.

    `done` gets the finding with the saved outline and its numbers.
    """
    if not can(finding):
        return
    # Another outline, another switch: once one is saved the brush is put away.
    if st.toggle("Correct the outline", key=f"{key}_brush_{sha256(finding.masks[MASK].tobytes()).hexdigest()[:12]}"):
        _painting(actor, record_id, pixels, finding, key, done)


@st.fragment
def _painting(
    actor: Actor, record_id: UUID, pixels: NDArray[np.uint8], finding: Finding, key: str, done: Callable[[Finding], None]
) -> None:
    """Only this runs again after a stroke."""
    with trouble.told():
        picture = pictures.photo_picture(pixels, "Your photo, to paint the affected skin on")
        mask = brush.brush(picture, finding.masks[MASK], f"{key}_canvas")
        if mask is None:
            parts.note("Paint over the skin that is affected. The number changes with what you draw.")
            return
        numbers = measure.recompute(pixels, {**finding.masks, MASK: mask})
        _numbers(finding.numbers, numbers)
        may = st.checkbox(TRAINING, key=f"{key}_may")
        parts.note("Without your name and without dates. If you leave it empty, they are not used. You can change your mind in History.")
        if st.button("Save my outline", type="primary", icon=":material/check:", key=f"{key}_correct"):
            _save(actor, record_id, mask, numbers, may)
            done(measured_anew(replace(finding, masks={**finding.masks, MASK: mask}), numbers))
            st.toast("Your outline is saved, beside the one of the network.", icon=":material/check_circle:")
            st.rerun()


def _numbers(before: Mapping[str, float], now: Mapping[str, float]) -> None:
    was, new = before.get("affected_fraction"), now.get("affected_fraction")
    if new is None:
        st.markdown("There is too little skin in the picture to say how much of it is affected.")
        return
    line = f"With your outline, **{severity.share(new)}** of the skin in this picture is affected."
    st.markdown(line + (f" Before: {severity.share(was)}." if was is not None else ""))


def _save(actor: Actor, record_id: UUID, mask: NDArray[np.uint8], numbers: dict[str, float], may: bool) -> None:
    session.still(actor)
    corrections.save_correction(actor, record_id, MASK, mask, numbers, for_training=may)
