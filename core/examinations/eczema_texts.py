"""The finding of an eczema check in plain words: of the skin in this picture, never a diagnosis and never an EASI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.examinations.finding import Finding
from core.examinations.severity import CLEAR
from core.examinations.texts import CANNOT_TELL, DISCLAIMER, read
from core.examinations.words import Words
from core.vision import skin_tone
from core.vision.regions import count_pieces

TEXTS = "eczema_texts.json"


@dataclass(frozen=True)
class Refusal:
    """Why a photo is not examined, and what to do: whole sentences."""

    reason: str
    hint: str


NO_SKIN = Refusal(
    "No skin was found in this picture.",
    "Take a photo of bare skin in good light, with nothing over it, so that the skin fills most of the picture.",
)
LITTLE_SKIN = "Too little skin is in the picture to say how much of it is affected."
OTHER_RASHES = "It marks skin that looks affected, whatever the cause. It cannot tell eczema from other rashes."
ONLY_THIS = "This counts the skin in this picture alone, not the whole body."
SOME_PARTS = (
    "The skin in this picture is in {parts} parts, and all of it is {done}. If some of it is not yours, or is the face beside "
    "the rash, take the photo again from nearer."
)
"""For several people, and for a face beside the rash: a word and no refusal, for two hands are two parts as well.

It is said of 13 of the 110 `train`, 1 of the 14 `val` and 2 of the 23 `test` photos of the eczema set whose skin was outlined by
hand, all of one person; people who touch are one part, and it is not said.
"""
LARGE_PART = 0.02
"""Share of the picture from which a separate piece of skin is told: it may be another person's."""
RARE = 20
"""With fewer photos of a skin tone in training, the finding says so; with fewer in a test no figure is given either."""
WIDE = 0.10
"""Half width of the interval, as a share of the skin, from which a finding is far from sure; half of it: not sure."""


def percent(share: float) -> str:
    """A share 0-1 in whole percent; what is more than nothing never reads as nothing, and less than all never as all."""
    if 0 < share < 0.01:
        return "less than 1 %"
    if 0.99 < share < 1:
        return "more than 99 %"
    return f"{round(share * 100)} %"


def eczema_words(finding: Finding, facts: Mapping[str, Any]) -> Words:
    """An eczema finding in plain words (Markdown, no HTML, reading age 12). `facts`: of the network's card, or empty."""
    texts, given = read(TEXTS), finding.status == "ok"
    said = (_share(finding), _red(finding, texts), _parts(finding), ONLY_THIS) if given else (CANNOT_TELL, finding.reason)
    return Words(
        looks_like=" ".join(filter(None, said)),
        how_sure=_how_sure(finding) if given else "Not sure at all. No answer is better than a wrong one.",
        sure=None,
        cannot_exclude=OTHER_RASHES,
        step=finding.step,
        what_next=_what_next(finding, texts),
        how_we_know=" ".join(filter(None, (_tested(facts), tone_note(finding.numbers.get("ita"), facts), _note(texts)))),
        disclaimer=DISCLAIMER,
        links=tuple((title, address) for title, address in texts["links"]),
    )


def tone_note(ita: float | None, facts: Mapping[str, Any]) -> str:
    """A sentence when skin of this tone (ITA in degrees) was rare in training, by the card's `tones`; else empty."""
    seen = facts.get("tones", {}).get("train", {})
    if ita is None or not seen:
        return ""
    band = skin_tone.band(ita)
    if band == skin_tone.NOT_SEEN or seen.get(band, 0) >= RARE:
        return ""
    count, tone = int(seen.get(band, 0)), read(TEXTS)["tones"][band]
    few = "None" if count == 0 else f"Only {count}"
    total = sum(count for name, count in seen.items() if name != skin_tone.NOT_SEEN)
    return f"Your skin looks {tone} in this photo. {few} of the {total} photos it learned from did. It may be wrong more often."


def _share(finding: Finding) -> str:
    found, count = finding.numbers["affected_fraction"], round(finding.numbers.get("lesions", 0))
    if found < CLEAR:
        return "The skin in this picture looks **clear**."
    patches = f", in {count} patch{'es' if count > 1 else ''}" if count else ""
    return f"About **{percent(found)}** of the skin in this picture looks affected{patches}."


def _red(finding: Finding, texts: Mapping[str, Any]) -> str:
    red = finding.numbers.get("redness")
    if red is None or finding.numbers["affected_fraction"] < CLEAR:
        return ""
    words = next(said for least, said in texts["red"] if red >= least or least == texts["red"][-1][0])
    dark = skin_tone.band(finding.numbers.get("ita", float("nan"))) in ("brown", "dark")
    return f"{words} ({red:.0f} points)." + (" On darker skin redness shows less than it is." if dark else "")


def some_parts(parts: float, done: str) -> str:
    """A sentence when the visible skin is in several large pieces; `done`: what was done with all of it. Empty for one."""
    return SOME_PARTS.format(parts=round(parts), done=done) if parts > 1 else ""


def _parts(finding: Finding) -> str:
    skin = finding.masks.get("skin")
    return some_parts(count_pieces(skin, LARGE_PART), "counted") if skin is not None else ""


def _how_sure(finding: Finding) -> str:
    low, high = finding.numbers.get("affected_low"), finding.numbers.get("affected_high")
    if low is None or high is None:  # a person drew the outline
        return "The outline was drawn by a person."
    half = (high - low) / 2
    sure = "Far from sure." if half > WIDE else "Not sure." if half > WIDE / 2 else "Fairly sure."
    return f"{sure} It may be anything from {percent(low)} to {percent(high)}."


def _what_next(finding: Finding, texts: Mapping[str, Any]) -> str:
    step = texts["steps"][finding.step]
    return "  \n".join((f"**{step['title']}**", step["sentence"], texts["today"]))


def _tested(facts: Mapping[str, Any]) -> str:
    error = facts.get("metrics", {}).get("fraction_error")
    if not error:
        return ""
    return f"On {error['n']} photos that it had never seen, the share was off by {error['value'] * 100:.1f} points on average."


def _note(texts: Mapping[str, Any]) -> str:
    return "" if texts["reviewed_by_clinician"] else str(texts["review_note"])
