"""The finding card: one finding in the order people ask, beside the photo it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.errors import CareLensError, PhotoRejected
from core.examinations import region_area
from core.examinations.finding import Finding
from core.examinations.registry import examinations
from core.examinations.words import Words
from core.ui import moments, parts, pictures, severity, signs
from core.ui.part import Part
from core.ui.pictures import Picture

LAYERS = ("Outline", "What the network looked at")
LOOKS = {"condition": "What can look like this", "retina": "What it shows"}
"""The first question of a card, where it is another than what the photo looks like."""
EVIDENCE = "pages/Evidence.py"


@dataclass(frozen=True)
class Shown:
    """A finding with all that the card needs beside it.

    `title` and `when` are plain text. `outline_accepted`: what the person said about the outline;
    False leaves the outline and everything measured with it out. `part`: of the body, where the photo is followed by it.
    """

    words: Words
    finding: Finding
    picture: Picture
    title: str
    when: str
    outline_accepted: bool | None = None
    part: Part = Part()
    beside: Sequence[region_area.Shown] = ()
    """What other photos of the same day show of the body."""
    corrected: bool = False
    """The outline is the person's own; what is measured was measured with it."""


def words_of(finding: Finding) -> Words:
    """The words of the finding's own examination; plain general ones when that examination is gone."""
    known = examinations().get(finding.examination)
    if known is not None:
        return known.words(finding)
    return Words(
        looks_like="The check that made this finding is not part of CareLens any more.",
        how_sure="",
        sure=None,
        cannot_exclude="",
        step=finding.step,
        what_next="Show the photo to a doctor if the spot worries you.",
        how_we_know="",
        disclaimer="This is not a diagnosis.",
    )


def examination_title(id: str) -> str:
    """What the house calls an examination."""
    known = examinations().get(id)
    return known.title if known is not None else id.replace("_", " ").capitalize()


def layers(shown: Shown) -> tuple[str, ...]:
    """The layers that can lie over the photo: the outline unless it was called wrong, the signs of an eye, and the heat map."""
    names = (LAYERS[0], signs.LAYER, LAYERS[1])
    has = (bool(_outline(shown)), signs.any_of(shown.finding), shown.finding.heat is not None)
    return tuple(name for name, there in zip(names, has, strict=True) if there)


def has_outline(finding: Finding) -> bool:
    """There is an outline of the one thing the photo is about, of which a person can say whether it fits."""
    return "lesion" in finding.masks


def _outline(shown: Shown) -> str:
    mask = shown.finding.masks.get("lesion")
    if mask is None or shown.outline_accepted is False or not mask.any():
        return ""
    return pictures.outline_address(mask)


def finding_card(shown: Shown, key: str) -> None:
    """Write the card into the current container. `key` keeps the parts of two cards apart."""
    with parts.row():
        st.markdown(f"**{moments.plain(shown.title)}**  \n:small[:gray[{moments.plain(shown.when)}]]", width="stretch")
        parts.urgency(shown.words.step, says=shown.words.when)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        _photo(shown, key)
    with right:
        _answers(shown)
    _possibilities(shown.words.possibilities)


def _photo(shown: Shown, key: str) -> None:
    names = layers(shown)
    if not names:
        st.image(shown.picture.address, width="stretch", alt=shown.picture.alt)
    else:
        # A choice among other layers: what has just been outlined is shown, and not what was chosen while it was not there.
        own = f"{key}_layer_{len(names)}"
        layer = st.segmented_control("Show on the photo", names, default=names[0], required=True, key=own) or names[0]
        heat = shown.finding.heat
        if layer == signs.LAYER:
            signs.lens(shown.picture, shown.finding, key)
        elif layer == LAYERS[0] or heat is None:
            pictures.lens(shown.picture, _outline(shown), layer, 90, key=f"{key}_lens")
        else:
            warm = pictures.heat_address(heat, (shown.picture.width, shown.picture.height))
            pictures.lens(shown.picture, warm, layer, 55, key=f"{key}_lens")
            parts.note("Yellow: what counted most for the answer. The network can look at the right place and still be wrong.")
    if line := size_line(shown):
        parts.note(line)


def size_line(shown: Shown) -> str:
    """What was measured inside the outline, as a sentence; empty without an accepted or open outline."""
    mask = shown.finding.masks.get("lesion")
    if mask is None or not mask.any():
        return ""
    if shown.outline_accepted is False:
        return "You said the outline is wrong: it is left out, and so is the size."
    if "skin" in shown.finding.masks:  # a patch of a rash is measured against the skin, not against the photo
        return "The line is the outline that you drew." if shown.corrected else "The line goes round the skin that looks affected."
    share = moments.percent(pictures.share_of_photo(mask))
    return f"The outlined spot fills {share} of the photo. Its size in millimetres cannot be told from a photo alone."


def _answers(shown: Shown) -> None:
    words = shown.words
    parts.ask(LOOKS.get(shown.finding.examination, "What it looks like"), words.looks_like)
    if shown.outline_accepted is not False:
        severity.write(shown.finding, shown.part, shown.corrected, shown.beside)
    if words.how_sure:
        with st.container(gap="xsmall"):
            parts.ask("How sure", words.how_sure)
            if words.sure is not None:
                st.progress(min(max(words.sure, 0.0), 1.0))
    if words.cannot_exclude:
        parts.ask("What cannot be excluded", words.cannot_exclude)
    with st.container(gap="xsmall"):
        parts.ask("What to do next")
        parts.next_step(words.step, words.what_next)
    with st.container(gap="xsmall"):
        parts.ask("How we know", words.how_we_know)
        st.page_link(EVIDENCE, label="See how well it works", icon=":material/fact_check:")
    if words.links:
        parts.note("Read more: " + " · ".join(f"[{title}]({address})" for title, address in words.links))
    parts.note(f":material/info: {words.disclaimer}")


def _possibilities(possibilities: Sequence[tuple[str, float]]) -> None:
    if possibilities:
        with st.expander(f"All {len(possibilities)} possibilities"):
            names, chances = zip(*possibilities, strict=True)
            st.table({"It looks like": list(names), "Chance": [moments.percent(chance) for chance in chances]}, border="horizontal")


REJECTED = {
    "blurred": "blur_on",
    "dark": "dark_mode",
    "bright": "light_mode",
    "glare": "flare",
    "subject_small": "zoom_in",
    "wrong_kind": "category",
    "field": "crop_free",
}
"""Icons by the code of a rejection."""


def rejected_card(error: CareLensError, picture: Picture | None, name: str) -> Any:
    """A photo that was not examined: the photo, why, and how to do better. Neutral: it is nobody's fault.

    Returns the row for the buttons.
    """
    code = error.code if isinstance(error, PhotoRejected) else ""
    left, right = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with left:
        if picture is not None:
            st.image(picture.address, width="stretch", alt=f"{picture.alt}, not examined")
        else:
            parts.note(f":material/broken_image: {moments.plain(name)}")
    with right:
        st.markdown(f"#### :material/{REJECTED.get(code, 'replay')}: {error.reason}")
        st.markdown("Nothing was examined and nothing was saved.")
        hints = [hint.strip().rstrip(".") for hint in error.hint.split(". ") if hint.strip()]
        st.markdown(error.hint if code == "wrong_kind" or len(hints) < 2 else "\n".join(f"- {hint}." for hint in hints))
        return parts.row()


FITS = {"It fits": True, "It is wrong": False}


def outline_question(accepted: bool | None, key: str, say: Callable[[bool | None], None], of: str = "the spot") -> None:
    """Ask whether the outline `of` something is right; `say` is called with the answer, None when it is taken back."""
    said = next((word for word, fits in FITS.items() if fits is accepted), None)

    def answer() -> None:
        say(FITS.get(st.session_state[key]))

    st.segmented_control(f"Does the outline fit {of}?", list(FITS), default=said, key=key, on_change=answer)
