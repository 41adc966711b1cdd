"""The finding of a retina check in plain words. What is said stands in `data/retina.json`; here is only when it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.examinations.eczema_texts import percent
from core.examinations.finding import STEPS, Finding
from core.examinations.retina_rule import CLASSES, chance_referable
from core.examinations.texts import BANDS, CANNOT_TELL, DISCLAIMER, read, times_in_ten
from core.examinations.words import Words
from core.instruments.icdr import GRADES, Signs, least_grade

TEXTS = "retina.json"
REFERABLE = "referable"
"""The threshold of the card, and the number of the finding: the chance of grade 2 or more."""
ACROSS = "across"
"""The number of a finding that says how many pixels the eye measures across, where that was too few to look for signs."""
SIGNS = ("ma", "he", "ex", "se")
"""Masks of what is outlined as a sign of diabetes; the optic disc, `disc`, is none."""


@dataclass(frozen=True)
class GradeWords:
    """One grade in words (Markdown): `name` a word or two; `looks_like`, `could_be`, `what` and `means` whole sentences."""

    name: str
    looks_like: str
    could_be: str
    what: str
    means: str


@dataclass(frozen=True)
class SignWords:
    """One kind of sign: the plain word for one and for several, the doctor's word, and what it is."""

    one: str
    many: str
    clinical: str
    what: str


@cache
def grades() -> Mapping[str, GradeWords]:
    """The five grades by class."""
    return {id: GradeWords(**text) for id, text in read(TEXTS)["grades"].items()}


@cache
def signs() -> Mapping[str, SignWords]:
    """What can be outlined, by the name of its mask."""
    return {name: SignWords(**text) for name, text in read(TEXTS)["signs"].items()}


def counted(finding: Finding) -> dict[str, int]:
    """How many signs of each kind were outlined; empty where nobody looked for them."""
    return {name: round(finding.numbers[name]) for name in SIGNS if name in finding.numbers}


def retina_words(finding: Finding, facts: Mapping[str, Any]) -> Words:
    """A finding in plain words (Markdown, no HTML, reading age 12). `facts`: of the card of `retina_grade`, or empty."""
    texts, known = read(TEXTS), grades()
    given = finding.status == "ok"
    label = known[finding.label]
    said = (label.looks_like, label.what, *_about_signs(finding)) if given else (CANNOT_TELL, finding.reason, *_about_signs(finding))
    others = [known[id].could_be for id in finding.cannot_exclude if not given or id != finding.label]
    ranked = sorted(finding.probabilities.items(), key=lambda pair: -pair[1]) if given else []
    next = texts["next"][advice_of(finding)]
    rough = "" if "retina_quality" in finding.versions else texts["quality_not_looked"]
    return Words(
        looks_like=" ".join(filter(None, said)),
        how_sure=_how_sure(finding) if given else "Not sure at all. No answer is better than a wrong one.",
        sure=finding.probabilities[finding.label] if given else None,
        cannot_exclude="  \n".join([*others, texts["oedema"], texts["others"]]),
        step=finding.step,
        what_next="  \n".join(filter(None, (f"**{next['title']}**", next["sentence"], _why(finding), texts["today"]))),
        how_we_know=" ".join(filter(None, (*_tested(facts), rough, _note(texts)))),
        disclaimer=DISCLAIMER,
        possibilities=tuple((f"Grade {id}: {known[id].name.lower()}", chance) for id, chance in ranked),
        links=tuple((title, address) for title, address in texts["links"]),
        when=next["when"],
    )


def advice_of(finding: Finding) -> str:
    """Whose advice is given: that of the worst grade shown whose step is the finding's; where something else raised the step, of the
    least grade that has it. "abstained" where no answer was given and nothing is more urgent than another photo."""
    worst = int(max(finding.cannot_exclude or (finding.label,)))
    if GRADES[worst].step != finding.step:
        worst = next(one.grade for one in GRADES if one.step == finding.step)
    again = finding.status != "ok" and STEPS.index(finding.step) <= STEPS.index("routine")
    return "abstained" if again else str(worst)


def _about_signs(finding: Finding) -> list[str]:
    """What was outlined, and what to make of it where it does not fit the grade."""
    texts, found = read(TEXTS), counted(finding)
    if not found:
        return [texts["too_small"].format(across=round(finding.numbers[ACROSS])) if ACROSS in finding.numbers else texts["not_looked"]]
    named = [f"{number} {signs()[name].one if number == 1 else signs()[name].many}" for name, number in found.items() if number]
    lines = [texts["found"].format(signs=_listed(named)) if named else texts["nothing_found"]]
    if finding.status == "ok" and "signs_more" in finding.step_reasons:
        lines.append(texts["signs_more"].format(grade=_least(finding)))
    elif finding.status == "ok" and "signs_none" in finding.step_reasons:
        lines = [texts["signs_none"]]
    elif finding.status == "ok" and "least_grade" not in finding.numbers:  # outlines that are no evidence: two answers in one photo
        if (fits := _fits(found)) > int(finding.label):
            lines.append(texts["signs_unproven"].format(grade=fits))
        elif not named and finding.label != CLASSES[0]:
            lines = [texts["signs_none"]]
    return lines


def _fits(found: Mapping[str, int]) -> int:
    """The least grade that these counts fit; where in the eye they lie, which the 4-2-1 rule asks, is left out."""
    return least_grade(Signs(found.get("ma", 0), (found.get("he", 0), 0, 0, 0), found.get("ex", 0), found.get("se", 0)))


def _least(finding: Finding) -> int:
    """The least grade that the outlined signs allow, as the finding keeps it."""
    return round(finding.numbers.get("least_grade", 0))


def _why(finding: Finding) -> str:
    """Why the step is sooner than that of the grade named."""
    texts, lines = read(TEXTS)["why"], []
    if finding.status != "ok":
        lines.append(texts["abstained"])
    if "signs_more" in finding.step_reasons:
        lines.append(texts["signs_more"].format(grade=_least(finding)))
    if "referable" in finding.step_reasons:
        lines.append(texts["referable"])
    if "macular" in finding.step_reasons:
        lines.append(texts["macular"])
    if not lines and finding.cannot_exclude and max(finding.cannot_exclude) > finding.label and finding.label != CLASSES[-1]:
        lines.append(texts["more"])
    return "Why: " + " ".join(lines) if lines else ""


def _how_sure(finding: Finding) -> str:
    """How sure, and the chance that an eye doctor should see it."""
    chances = [finding.probabilities[name] for name in CLASSES]
    own = finding.probabilities[finding.label]
    text = f"{next(word for least, word in BANDS if own >= least)} {times_in_ten(own)}"
    if own < max(chances):
        text += f" Grade {max(range(len(chances)), key=chances.__getitem__)} scores higher. The grade named is the middle of all."
    return f"{text} The chance of grade 2 or more is {percent(chance_referable(chances))}."


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]


def _tested(facts: Mapping[str, Any]) -> list[str]:
    """On how many photos it was tested and how it did, where the card says so."""
    said, test = [], facts.get("metrics", {}).get("accuracy", {})
    if "n" in test:
        said.append(f"It was tested on {test['n']} photos that it had never seen.")
    limit = facts.get("thresholds", {}).get(REFERABLE, {})
    found = [float(value) for name, value in limit.items() if name.startswith("sensitivity_test_")]
    if found:
        low, high = (min(99, round(share * 100)) for share in (min(found), max(found)))
        number = f"{low}" if low == high else f"{low} to {high}"
        said.append(f"Out of 100 eyes with grade 2 or more, it sent {number} to an eye doctor. It missed the rest.")
        if low != high:
            said.append("How many depends on where the photos were taken.")
    return said


def _note(texts: Mapping[str, Any]) -> str:
    return "" if texts["reviewed_by_clinician"] else str(texts["review_note"])
