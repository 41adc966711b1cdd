"""The finding of a skin check in plain words. What is said stands in `data/`; here is only when it is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

from core.examinations.finding import STEPS, Answers, Finding, Step
from core.examinations.words import Words
from core.settings import ROOT

DATA = ROOT / "data"
DISCLAIMER = "A computer looked at one photo. This is not a diagnosis."
LIGHT_SKIN = "Nearly all the photos it learned from show light skin. On dark skin it may be wrong more often."
CANNOT_TELL = "I can't tell from this photo."
UNLISTED = "It knows seven kinds of spot. It could be something else that it does not know."

BANDS = ((0.9, "Quite sure."), (0.75, "Fairly sure."), (0.5, "Not sure."), (0.0, "Far from sure."))
"""Words by the least calibrated probability of the label they are used for."""


@dataclass(frozen=True)
class SkinClass:
    """One kind of spot in words (Markdown). `step`: the least urgent next step while it cannot be excluded.

    `plain` is a phrase; `looks_like`, `could_be`, `what` and `usually` are whole sentences; `links`
    are (title, address). `reviewed` says whether a clinician read the texts.
    """

    id: str
    name: str
    plain: str
    looks_like: str
    could_be: str
    what: str
    usually: str
    step: Step
    links: tuple[tuple[str, str], ...]
    reviewed: bool


_Class = TypeVar("_Class", bound=SkinClass)


@cache
def read(name: str) -> dict[str, Any]:
    """A file of `data/` with texts."""
    facts: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return facts


def classes_of(name: str, kind: type[_Class]) -> Mapping[str, _Class]:
    """The classes that a file of `data/` describes, by id, in the order of the file."""
    facts, known = read(name), {}
    for id, text in facts["classes"].items():
        links = tuple((title, address) for title, address in text["links"])
        known[id] = kind(**{**text, "id": id, "links": links, "reviewed": facts["reviewed_by_clinician"]})
        if known[id].step not in STEPS:
            raise ValueError(f"data/{name}: {id} has a step that does not exist")
    return known


@cache
def skin_classes() -> Mapping[str, SkinClass]:
    """The seven kinds of spot by class id, worst first (as the data lists them)."""
    return classes_of("skin_classes.json", SkinClass)


def next_steps() -> Mapping[str, Any]:
    """`data/next_steps.json`: `steps` (title, sentence), `why` by reason code, `answers` by question."""
    return read("next_steps.json")


def review_note(name: str = "skin_classes.json") -> str:
    """The sentence that says whether a clinician read the texts of a file; empty once one has."""
    sources = (read(name), next_steps())
    return next((source["review_note"] for source in sources if not source["reviewed_by_clinician"]), "")


def class_step(id: str) -> Step:
    """The least urgent next step while the class cannot be excluded."""
    return skin_classes()[id].step


def times_in_ten(probability: float) -> str:
    """A probability 0-1 as a count out of ten that never claims certainty: `Right about 6 times in 10.`"""
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"{probability} is not a probability")
    if probability >= 0.95:
        return "Right more than 9 times in 10."
    if probability < 0.05:
        return "Right less than 1 time in 10."
    count = max(1, int(probability * 10 + 0.5))
    return f"Right about {min(count, 9)} time{'s' if count > 1 else ''} in 10."


def how_sure(finding: Finding) -> str:
    """How sure, in words and a number, from the calibrated probability of the label."""
    probability = finding.probabilities[finding.label]
    words = next(word for least, word in BANDS if probability >= least)
    text = f"{words} {times_in_ten(probability)}"
    if probability < max(finding.probabilities.values()):
        text += " Another kind scores higher. This one is named because it is rarer and easy to miss."
    return text


def what_next(finding: Finding) -> str:
    """The fixed next step and why. The answers come first where they count: no doubt about the photo hides them."""
    texts = next_steps()
    step = texts["steps"][finding.step]
    why = why_lines(finding, texts["why"], class_step)
    parts = [f"**{step['title']}**", step["sentence"]]
    if why:
        parts.append("Why: " + " ".join(why))
    return "  \n".join(parts)


def why_lines(finding: Finding, why: Mapping[str, str], step_of: Callable[[str], Step]) -> list[str]:
    """Why the step is what it is. `why`: sentence by reason code; `step_of`: the step of a class."""
    texts, lines = next_steps(), []
    if "answers" in finding.step_reasons:
        lines = [texts["answers"][f.name] for f in fields(Answers) if getattr(finding.answers, f.name) is True]
        lines.append(texts["why"]["answers"])
    return lines + [why[code] for code in finding.step_reasons if code in why and _gives_the_step(code, finding, step_of)]


def _gives_the_step(code: str, finding: Finding, step_of: Callable[[str], Step]) -> bool:
    """A class is a reason only where the step is its own: not "a mole fits" under a step that answers or doubt raised."""
    id = code.removeprefix("set:")
    return code == "abstained" or (code.startswith("set:") and step_of(id) == finding.step)


def cannot_exclude(finding: Finding, known: Mapping[str, SkinClass], unlisted: str) -> str:
    """Everything that cannot be excluded, worst first, one sentence each; `unlisted` says what the check does not know."""
    others = [id for id in finding.cannot_exclude if id in known and (id != finding.label or finding.status != "ok")]
    lines = [known[id].could_be for id in others]
    if not lines and finding.status == "abstained":
        return "Nothing can be ruled out."
    return "  \n".join([*lines, unlisted])


def evidence_of(facts: Mapping[str, Any]) -> dict[str, float]:
    """What `skin_words` tells of a card (the facts of `models/skin_lesion/card.json`); empty where the card does not say it."""
    test, covered, recall = facts.get("metrics", {}).get("balanced_accuracy"), facts.get("coverage", {}), facts.get("recall", {})
    found = {"test_photos": float(test["n"])} if test else {}
    if "mel" in covered:
        found["melanoma_listed"] = float(covered["mel"])
    if "mel" in recall:
        found["melanoma_recall"] = float(recall["mel"]["value"])
    return found


def how_we_know(evidence: Mapping[str, float] | None) -> str:
    """On how many photos the check was tested and how it did; see `skin_words` for the keys."""
    said = []
    if evidence and "test_photos" in evidence:
        said.append(f"It was tested on {evidence['test_photos']:.0f} photos that it had never seen.")
    if evidence and "melanoma_listed" in evidence:
        listed = min(99, round(evidence["melanoma_listed"] * 100))
        said.append(f"Out of 100 melanomas, it put {listed} on the list of what could be there. It missed the rest.")
    elif evidence and "melanoma_recall" in evidence:
        named = min(99, round(evidence["melanoma_recall"] * 100))
        said.append(f"Out of 100 melanomas, it named {named} as such.")
    return " ".join([*said, LIGHT_SKIN, review_note()]).strip()


def skin_words(finding: Finding, evidence: Mapping[str, float] | None = None) -> Words:
    """A skin finding in plain words (Markdown, no HTML, reading age 12).

    `evidence`: figures of the card, where known: `test_photos` (count), `melanoma_listed` (share 0-1 of
    the melanomas in `test` whose shown set held melanoma), `melanoma_recall` (share 0-1 named as such).
    """
    return class_words(finding, skin_classes(), UNLISTED, what_next(finding), how_we_know(evidence))


def class_words(finding: Finding, known: Mapping[str, SkinClass], unlisted: str, next: str, proof: str) -> Words:
    """The words of a finding with classes. `next`: what to do; `proof`: how we know."""
    label = known.get(finding.label) if finding.status == "ok" else None
    ranked = sorted(finding.probabilities.items(), key=lambda pair: -pair[1]) if label else []
    return Words(
        looks_like=_looks_like(label, finding.step) if label else f"{CANNOT_TELL} {finding.reason}".strip(),
        how_sure=how_sure(finding) if label else "Not sure at all. No answer is better than a wrong one.",
        sure=finding.probabilities[finding.label] if label else None,
        cannot_exclude=cannot_exclude(finding, known, unlisted),
        step=finding.step,
        what_next=next,
        how_we_know=proof,
        disclaimer=DISCLAIMER,
        possibilities=tuple((known[id].name if id in known else id, chance) for id, chance in ranked),
        links=_links(finding, known),
    )


def _looks_like(label: SkinClass, step: Step) -> str:
    """What it is; what doctors do then only where the step is its own: no "doctors leave it alone" beside "within two weeks"."""
    own = STEPS.index(step) <= STEPS.index(label.step)
    return " ".join((label.looks_like, label.what, *((label.usually,) if own else ())))


def _links(finding: Finding, known: Mapping[str, SkinClass]) -> tuple[tuple[str, str], ...]:
    """Pages about the label and about everything that cannot be excluded, each address once."""
    wanted = [id for id in dict.fromkeys((finding.label, *finding.cannot_exclude)) if id in known]
    return tuple((title, address) for address, title in {a: t for id in wanted for t, a in known[id].links}.items())
