"""Which eye a photo shows: asked for each photo, with the guess beside the question, and never answered by itself.

And of an eye without a visible change, whether single signs shall be outlined all the same: not by themselves, for in healthy eyes
the network outlines some too, and a person would read of bleeds that are none.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.examinations import retina, retina_signs
from core.examinations.finding import EYES, Eye, Finding
from core.examinations.retina_eye import guess, in_file
from core.ui import parts
from core.ui.check_card import Place
from core.ui.checking import Check
from core.ui.part import EYE, Part

NAMES: dict[Eye, str] = {"left": "Left eye", "right": "Right eye"}


def place(check: Check) -> Place:
    """Where a photo will be saved: to the eye that was said of it."""
    return Place(part=Part(EYE, check.eye), ask=partial(ask, check))


def ask(check: Check) -> None:
    """Ask which eye it is. Nothing is chosen before somebody chooses it."""
    key = f"eye_{check.id}"
    with st.container(border=True, gap="xsmall"):
        names = NAMES.__getitem__
        st.segmented_control("Which eye is it?", EYES, default=check.eye, format_func=names, key=key, on_change=_said, args=(check, key))
        if check.finding is not None and check.photo is not None:
            for line in hints(check.finding, in_file(check.photo.tags)):
                parts.note(line)
    if may_outline(check):
        st.button("Outline single signs too", icon=":material/search:", key=f"signs_{check.id}", on_click=check.want_signs)
        parts.note("It takes a second or two. In healthy eyes it outlines a few spots too that are no signs.")


def may_outline(check: Check) -> bool:
    """Single signs were not looked for in this photo and can be: it was graded, not saved yet, and their network is there."""
    found = check.finding
    graded = found is not None and found.status == "ok" and int(found.label) < retina.SIGNS_FROM
    return graded and not check.signs and check.state == "examined" and retina_signs.installed()


def _said(check: Check, key: str) -> None:
    check.say_eye(st.session_state[key])


def hints(finding: Finding, filed: Eye | None) -> list[str]:
    """What speaks for one eye: the file, and where the disc lies; and that it does not fit what was said."""
    seen, lines = guess(finding), []
    if filed is not None:
        lines.append(f":material/description: The file says that it is the **{filed} eye**.")
    if seen is None:
        lines.append(":material/visibility: The photo does not show which eye it is.")
    else:
        sure = "quite sure" if seen.sure >= 0.9 else "not sure"
        why = f"the disc, where the nerve leaves the eye, is on the {seen.eye}."
        lines.append(f":material/visibility: It looks like a **{seen.eye} eye** ({sure}): {why}")
    doubt = {one for one in (filed, seen.eye if seen else None) if one is not None} - {finding.eye}
    if finding.eye is not None and doubt:
        lines.append(f":material/warning: You said **{finding.eye} eye**. Please check that this is the right photo.")
    return lines
