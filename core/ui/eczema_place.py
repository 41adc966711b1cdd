"""Which part of the body a photo of eczema shows, and the guided question whether it shows all of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ui import parts
from core.ui.check_card import Place
from core.ui.check_page import ALONE, FACE
from core.ui.checking import Desk
from core.ui.part import REGIONS, SIDED, Part

SIDES = {"left": "Left", "right": "Right", "both": "Both in one picture"}
PATCH, WHOLE = "Some patches", "The whole part"
HOW = {
    "head_neck": "Face, neck and hairline from the front, hair tied back. Ask somebody to take the photo.",
    "arms": "From the fingers to the shoulder, sleeves up, the arm stretched out to the front.",
    "trunk": "From the collar bones to the hips, without clothes, arms away from the body.",
    "legs": "From the groin to the toes, without trousers and socks.",
}
CONFIRM = ("All of it is in the picture", "No clothes or hair cover it", "Taken from straight ahead, in even light")


def ask(desk: Desk) -> Place:
    """Ask for region and side; "whole" only after every line of the guide was confirmed."""
    own = f"{desk.examination}_%s_{desk.number}"
    keep: dict[str, Any] = {"persist_state": "session"}
    with st.container(border=True):
        st.subheader("Which part of the body?", anchor=False)
        region = st.pills("Part", list(REGIONS), format_func=REGIONS.__getitem__, key=own % "region", label_visibility="collapsed", **keep)
        parts.note(FACE if region == "head_neck" else ALONE)
        side = None
        if region in SIDED:
            side = st.segmented_control("Left or right?", list(SIDES), format_func=SIDES.__getitem__, key=own % "side", **keep)
        # Asked anew for every photo: what was confirmed for one says nothing of the next.
        photo = sum(check.state == "saved" for check in desk.checks)
        return Place(part=Part(region, side, region is not None and _whole(f"{own}_{photo}", region, side)))


def _whole(own: str, region: str, side: str | None) -> bool:
    what = st.segmented_control("What does the photo show?", (PATCH, WHOLE), default=PATCH, required=True, key=own % "what")
    if what != WHOLE:
        return False
    if region in SIDED and side is None:
        parts.note(":material/info: Say first whether it is the left one, the right one, or both.")
        return False
    parts.note(f"How to take it: {HOW[region]}")
    said = [st.checkbox(line, key=own % f"whole_{at}_{region}") for at, line in enumerate(CONFIRM)]
    if not all(said):
        parts.note("With all three you also get the area band of this part.")
    return all(said)
