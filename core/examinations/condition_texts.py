"""The finding of a rash and spot check in plain words: conditions that can look like it, never a diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from core.examinations.condition_rule import SPOTS
from core.examinations.eczema_texts import some_parts
from core.examinations.finding import Finding, Step
from core.examinations.texts import LIGHT_SKIN, SkinClass, class_words, classes_of, next_steps, read, review_note, why_lines
from core.examinations.words import Words

FILE = "conditions.json"
UNLISTED = "It knows twenty kinds of rash and spot. It could be something else that it does not know."


@dataclass(frozen=True)
class Condition(SkinClass):
    """One kind of rash or spot in words; see `SkinClass`. `why`: when it gives the step; `sooner`: what cannot wait for that step."""

    why: str
    sooner: str = ""


@dataclass(frozen=True)
class SpotsByPhone:
    """What a page says of moles and spots photographed with the phone alone."""

    title: str
    paragraphs: tuple[str, ...]


@cache
def conditions() -> Mapping[str, Condition]:
    """The twenty kinds by class id, worst first (as the data lists them)."""
    return classes_of(FILE, Condition)


def condition_step(id: str) -> Step:
    """The least urgent next step while the class cannot be excluded."""
    return conditions()[id].step


def spots_by_phone() -> SpotsByPhone:
    """The page's own text on moles and spots."""
    text = read(FILE)["spots_by_phone"]
    return SpotsByPhone(text["title"], tuple(text["paragraphs"]))


def dermatoscope_advice() -> str:
    """The advice that stands beside every finding about a spot."""
    return str(read(FILE)["dermatoscope"])


def may_be_a_spot(finding: Finding) -> bool:
    """Whether the advice on spots is for this finding: a kind of spot is in its set, it was answered for one, or there is no answer."""
    shown = {finding.label, *finding.cannot_exclude}
    return finding.status != "ok" or "answers" in finding.step_reasons or not shown.isdisjoint(SPOTS)


def what_next(finding: Finding) -> str:
    """The fixed next step, why, what cannot wait for it, and for a spot the dermatoscope. No doubt hides any of it."""
    texts, known = read(FILE), conditions()
    step = next_steps()["steps"][finding.step]
    sentence = step["sentence"] if finding.label in SPOTS and finding.status == "ok" else texts["steps"][finding.step]
    why = {f"set:{id}": one.why for id, one in known.items()} | {"abstained": texts["abstained"]}
    lines = why_lines(finding, why, condition_step)
    parts = [f"**{step['title']}**", sentence]
    if lines:
        parts.append("Why: " + " ".join(lines))
    shown = [known[id] for id in dict.fromkeys((*finding.cannot_exclude, finding.label)) if id in known]
    parts += [one.sooner for one in shown if one.sooner]
    if may_be_a_spot(finding):
        parts.append(dermatoscope_advice())
    return "  \n".join(parts)


def evidence_of(facts: Mapping[str, Any]) -> dict[str, float]:
    """What `how_we_know` tells of a card (the facts of `models/skin_condition/card.json`); empty where the card does not say it.

    `test_photos` (count), `top3` (share 0-1 of the test photos with the true kind among the three most probable),
    `suspicious_found`, `harmless_spared` (shares 0-1 of the suspicious spots in `test` at or over the shipped threshold, and of
    the harmless ones under it).
    """
    metrics = facts.get("metrics", {})
    found = {"test_photos": float(metrics["balanced_accuracy"]["n"])} if "balanced_accuracy" in metrics else {}
    if "top3_accuracy" in metrics:
        found["top3"] = float(metrics["top3_accuracy"]["value"])
    suspicious = facts.get("thresholds", {}).get("suspicious", {})
    if "sensitivity_test" in suspicious:
        found["suspicious_found"] = float(suspicious["sensitivity_test"])
    if "specificity_test" in suspicious:
        found["harmless_spared"] = float(suspicious["specificity_test"])
    return found


def how_we_know(evidence: Mapping[str, float], tone: str = "") -> str:
    """On how many photos the check was tested and how it did (`evidence_of`); `tone`: what is said of this person's skin tone."""
    said = []
    if "test_photos" in evidence:
        said.append(f"It was tested on {evidence['test_photos']:.0f} photos that it had never seen.")
    if "top3" in evidence:
        said.append(f"Out of 100 photos, the right kind was one of its first three in {_of_hundred(evidence['top3'])}.")
    if "suspicious_found" in evidence:
        found = _of_hundred(evidence["suspicious_found"])
        said.append(f"Out of 100 spots that were skin cancer or could turn into it, it sent {found} to a doctor. It missed the rest.")
    if "harmless_spared" in evidence:
        sent = _of_hundred(1 - evidence["harmless_spared"])
        said.append(f"To be safe, it also sent {sent} out of 100 harmless spots to a doctor.")
    return " ".join(filter(None, (*said, tone or LIGHT_SKIN, review_note(FILE))))


def _of_hundred(share: float) -> int:
    """A share 0-1 as a count of a hundred that never claims all."""
    return min(99, round(share * 100))


def condition_words(finding: Finding, evidence: Mapping[str, float] | None = None, tone: str = "") -> Words:
    """A finding in plain words (Markdown, no HTML, reading age 12). `evidence`, `tone`: see `how_we_know`."""
    words = class_words(finding, conditions(), UNLISTED, what_next(finding), how_we_know(evidence or {}, tone))
    several = some_parts(finding.numbers.get("skin_parts", 1), "looked at")
    return replace(words, looks_like=f"{words.looks_like} {several}") if several else words
