"""What a person reads of a rash or a spot: plain, never a diagnosis, and never without the advice that counts."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.examinations.condition_rule import CLASSES, SPOTS
from core.examinations.condition_texts import (
    FILE,
    condition_words,
    conditions,
    dermatoscope_advice,
    evidence_of,
    spots_by_phone,
)
from core.examinations.finding import STEPS, Answers, Finding, Step
from core.examinations.texts import DATA, next_steps
from tests.core.reading import GRADE, grade

FACTS = json.loads((DATA / FILE).read_text(encoding="utf-8"))
SENTENCES = ("looks_like", "could_be", "what", "usually", "why", "sooner")
PLACES = {"www.nhs.uk": ("NHS: ", r"/conditions/[a-z-]+/"), "dermnetnz.org": ("DermNet: ", r"/topics/[a-z-]+")}
EVIDENCE = {"test_photos": 378, "top3": 0.88, "suspicious_found": 0.92}
VERDICT = re.compile(
    r"diagnos|you('ve| have)? (got |suffer)|you have (a|an|it)\b|\b(it|this) is (an? )?\*?\*?(eczema|mole|melanoma|cancer|rash)|"
    r"certain(ly)?\b|definitely|for sure|proves?\b",
    re.IGNORECASE,
)
"""What would be a verdict on the person: the texts say what a condition is, and what can look like the photo."""


def finding(label: str = "eczema", chance: float = 0.8, shown: tuple[str, ...] = (), **changes: Any) -> Finding:
    rest = (1 - chance) / (len(CLASSES) - 1)
    facts: dict[str, Any] = {
        "examination": "condition", "kind": "clinical", "status": "ok", "label": label,
        "probabilities": {name: chance if name == label else rest for name in CLASSES},
        "cannot_exclude": shown or (label,), "refer": False, "step": "watch",
    }  # fmt: skip
    return Finding(**{**facts, **changes})


def texts_of_data() -> list[tuple[str, str]]:
    """Every text of the file with a name for it."""
    found = [(f"{id}.{field}", text[field]) for id, text in FACTS["classes"].items() for field in ("plain", *SENTENCES) if field in text]
    found += [(f"steps.{step}", text) for step, text in FACTS["steps"].items()]
    found += [(f"phone.{i}", text) for i, text in enumerate(FACTS["spots_by_phone"]["paragraphs"])]
    return [*found, *((name, FACTS[name]) for name in ("abstained", "dermatoscope", "review_note"))]


@pytest.mark.parametrize(("name", "text"), texts_of_data(), ids=[name for name, _ in texts_of_data()])
def test_every_text_is_plain_and_no_verdict(name: str, text: str) -> None:
    assert grade(text) <= GRADE, (name, grade(text), text)
    assert not VERDICT.search(text), text
    if name.partition(".")[2] != "plain":
        assert text.endswith(".") and "<" not in text


def test_a_verdict_would_be_found() -> None:
    for text in ("You have a melanoma.", "It is eczema.", "The diagnosis is acne.", "This is a **mole**.", "It is certainly harmless."):
        assert VERDICT.search(text), text


def test_every_label_has_its_texts_and_its_step() -> None:
    assert sorted(conditions()) == list(CLASSES)
    for id, known in conditions().items():
        assert all(getattr(known, field) for field in SENTENCES if field != "sooner"), id
        assert known.step in STEPS
        assert "can look like this" in known.looks_like and "can look like this" in known.could_be
        bold = re.findall(r"\*\*([^*]+)\*\*", known.could_be)
        assert bold and bold[0] in known.looks_like.replace("**", "")
    ranks = [STEPS.index(known.step) for known in conditions().values()]
    assert ranks == sorted(ranks, reverse=True), "worst first"
    assert set(FACTS["steps"]) == set(STEPS) == set(next_steps()["steps"])


def test_what_spreads_or_cannot_wait_two_weeks_says_so() -> None:
    assert {id for id, known in conditions().items() if known.sooner} == {"herpes", "impetigo", "scabies", "urticaria"}
    for id in ("herpes", "impetigo", "scabies", "urticaria"):
        for shown in ((id,), (id, "eczema")):
            said = condition_words(finding(shown[-1], shown=shown, step=conditions()[id].step, step_reasons=(f"set:{id}",)))
            assert conditions()[id].sooner in said.what_next


def test_the_texts_say_that_no_clinician_read_them() -> None:
    assert FACTS["reviewed_by_clinician"] is False
    assert "not reviewed by a clinician" in condition_words(finding()).how_we_know
    assert not any(known.reviewed for known in conditions().values())


def test_links_lead_to_topic_pages_of_a_health_service_and_a_society() -> None:
    for known in conditions().values():
        assert known.links
        for title, address in known.links:
            parts = urlsplit(address)
            assert parts.scheme == "https" and not parts.query and not parts.fragment
            name, path = PLACES[parts.hostname or ""]
            assert title.startswith(name) and re.fullmatch(path, parts.path)


@pytest.mark.parametrize("id", SPOTS)
@pytest.mark.parametrize("status", ["ok", "abstained"])
def test_a_spot_is_always_to_be_seen_through_a_dermatoscope(id: str, status: str) -> None:
    for shown in ((id,), (id, "eczema")):
        for label in shown:
            assert dermatoscope_advice() in condition_words(finding(label, shown=shown, status=status)).what_next


def test_the_dermatoscope_is_for_spots_and_for_doubt_and_for_answers_only() -> None:
    assert dermatoscope_advice() not in condition_words(finding("eczema", shown=("psoriasis", "eczema"))).what_next
    assert dermatoscope_advice() in condition_words(finding("eczema", status="abstained")).what_next
    asked = finding("eczema", step="soon", step_reasons=("set:eczema", "answers"), answers=Answers(True))
    assert dermatoscope_advice() in condition_words(asked).what_next
    assert "dermatoscope" in dermatoscope_advice()


def test_the_page_text_on_spots_says_what_a_phone_cannot() -> None:
    text = " ".join(spots_by_phone().paragraphs)
    for said in ("dermatoscope", "within two weeks", "does it bleed", "skin check", "new"):
        assert said in text


@pytest.mark.parametrize(
    ("label", "step", "reasons", "answers", "said"),
    [
        ("naevus", "watch", ("set:naevus",), Answers(), ["Keep an eye on it.", "A common mole is what fits.", "in three months"]),
        ("eczema", "routine", ("set:eczema",), Answers(), ["at your next visit", "Eczema is what fits.", "fever"]),
        ("naevus", "soon", ("set:melanoma",), Answers(), ["within two weeks", "A melanoma cannot be ruled out."]),
        ("naevus", "soon", ("set:naevus", "answers"), Answers(True, False, None), ["within two weeks", "new or has changed", "whatever"]),
        ("acne", "routine", ("set:acne", "abstained"), Answers(), ["at your next visit", "That does not mean that the skin is fine."]),
        ("acne", "watch", ("a code of tomorrow",), Answers(), ["Keep an eye on it.", "in two weeks"]),
        ("acne", "today", (), Answers(), ["See a doctor today."]),
    ],
)
def test_what_to_do_next(label: str, step: Step, reasons: tuple[str, ...], answers: Answers, said: list[str]) -> None:
    status = "abstained" if "abstained" in reasons else "ok"
    words = condition_words(finding(label, step=step, step_reasons=reasons, answers=answers, status=status))
    assert words.step == step
    for part in said:
        assert part in words.what_next, words.what_next
    harmless = "A common mole is what fits."
    assert (harmless in words.what_next) == (step == "watch" and label == "naevus")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("shown", [("acne",), ("melanoma", "naevus")])
def test_doubt_never_hides_the_step(step: Step, shown: tuple[str, ...]) -> None:
    reason = "This photo is unlike the ones it learned from."
    words = condition_words(finding(shown[-1], status="abstained", reason=reason, shown=shown, step=step, step_reasons=("abstained",)))
    assert words.looks_like == f"I can't tell from this photo. {reason}"
    assert words.sure is None and words.possibilities == ()
    assert words.step == step and next_steps()["steps"][step]["title"] in words.what_next
    assert ("melanoma" in words.cannot_exclude) == ("melanoma" in shown)


def test_no_all_clear_beside_an_urgent_step() -> None:
    known = conditions()["naevus"]
    assert known.usually in condition_words(finding("naevus")).looks_like
    assert known.usually not in condition_words(finding("naevus", shown=("melanoma", "naevus"), step="soon")).looks_like


def test_how_we_know_comes_from_the_card() -> None:
    facts = {
        "metrics": {"balanced_accuracy": {"value": 0.6, "n": 378}, "top3_accuracy": {"value": 0.88}},
        "thresholds": {"suspicious": {"value": 0.2, "sensitivity_test": 0.92}},
    }
    assert evidence_of(facts) == EVIDENCE and evidence_of({}) == {}
    full = condition_words(finding(), EVIDENCE).how_we_know
    assert "378 photos that it had never seen" in full and "first three in 88" in full and "it sent 92 to a doctor" in full
    assert "sent 99 to" in condition_words(finding(), {"suspicious_found": 1.0}).how_we_know  # never all
    more = evidence_of(facts | {"thresholds": {"suspicious": {"value": 0.2, "sensitivity_test": 0.92, "specificity_test": 0.31}}})
    assert more == EVIDENCE | {"harmless_spared": 0.31}
    said = condition_words(finding(), more).how_we_know
    assert "it also sent 69 out of 100 harmless spots to a doctor" in said and grade(said) <= GRADE
    for evidence in (None, EVIDENCE):
        assert "light skin" in condition_words(finding(), evidence).how_we_know


def test_every_answer_is_plain_and_no_verdict_whatever_was_found() -> None:
    for shown in [*combinations(CLASSES, 1), *combinations(CLASSES, 2)]:
        for status in ("ok", "abstained"):
            why = (f"set:{shown[0]}", "answers")
            said = condition_words(
                finding(shown[-1], 0.6, shown, step="soon", step_reasons=why, answers=Answers(True), status=status), EVIDENCE
            )
            for text in (said.looks_like, said.how_sure, said.cannot_exclude, said.what_next, said.how_we_know):
                assert not VERDICT.search(text), text
                assert "<" not in text
            if len(shown) == 1 or shown[0] in SPOTS:
                assert max(map(grade, (said.looks_like, said.cannot_exclude, said.what_next, said.how_we_know))) <= GRADE
            assert "not a diagnosis" in said.disclaimer


def test_links_follow_the_finding_without_repeats() -> None:
    addresses = [address for _, address in condition_words(finding("eczema", shown=("melanoma", "eczema"))).links]
    assert addresses[0] == "https://www.nhs.uk/conditions/atopic-eczema/"
    assert "https://www.nhs.uk/conditions/melanoma-skin-cancer/" in addresses and len(addresses) == len(set(addresses))
