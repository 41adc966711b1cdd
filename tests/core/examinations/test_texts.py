"""What a person reads: every sentence is plain, and no doubt hides an urgent step."""

from __future__ import annotations

import dataclasses
import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.examinations.finding import STEPS, Answers, Finding, Step
from core.examinations.registry import examination
from core.examinations.texts import (
    DATA,
    class_step,
    evidence_of,
    how_sure,
    next_steps,
    review_note,
    skin_classes,
    skin_words,
    times_in_ten,
)
from core.settings import ROOT, settings
from tests.core.reading import GRADE, grade

CLASSES = ("mel", "bcc", "akiec", "bkl", "df", "nv", "vasc")
EVIDENCE = {"test_photos": 1006, "melanoma_listed": 0.95, "melanoma_recall": 0.71}


def finding(label: str = "nv", chance: float = 0.8, shown: tuple[str, ...] = (), **changes: Any) -> Finding:
    rest = (1 - chance) / (len(CLASSES) - 1)
    facts: dict[str, Any] = {
        "examination": "skin", "kind": "dermatoscopic", "status": "ok", "label": label,
        "probabilities": {name: chance if name == label else rest for name in CLASSES},
        "cannot_exclude": shown or (label,), "refer": False, "step": "watch",
    }  # fmt: skip
    return Finding(**{**facts, **changes})


def texts_of_data() -> list[tuple[str, str]]:
    """Every sentence of the data files with a name for it."""
    found = [
        (f"{id}.{field}", getattr(text, field))
        for id, text in skin_classes().items()
        for field in ("looks_like", "could_be", "what", "usually", "plain")
    ]
    steps = next_steps()
    found += [(f"{step}.{field}", text[field]) for step, text in steps["steps"].items() for field in ("title", "sentence")]
    found += [(code, text) for group in ("why", "answers") for code, text in steps[group].items()]
    return [*found, ("review", review_note())]


def test_the_grade_is_measured() -> None:
    hard = "Histopathological examination of pigmented lesions necessitates dermatological consultation."
    assert grade(hard) > 15 > GRADE > 3 > grade("This is a dog. It has a hat.")


@pytest.mark.parametrize(("name", "text"), texts_of_data(), ids=[name for name, _ in texts_of_data()])
def test_every_text_is_plain(name: str, text: str) -> None:
    assert grade(text) <= GRADE, (name, grade(text), text)


def test_the_seven_classes_and_their_steps() -> None:
    assert tuple(skin_classes()) == CLASSES
    steps: dict[str, Step] = {
        "mel": "soon", "bcc": "soon", "akiec": "soon", "bkl": "watch", "df": "watch", "nv": "watch", "vasc": "watch",
    }  # fmt: skip
    assert {id: class_step(id) for id in CLASSES} == steps
    assert set(next_steps()["steps"]) == set(STEPS)
    assert set(next_steps()["why"]) == {"answers", "abstained", *(f"set:{id}" for id in CLASSES)}
    assert set(next_steps()["answers"]) == {field.name for field in dataclasses.fields(Answers)}


def test_the_texts_say_that_no_clinician_read_them() -> None:
    for name in ("skin_classes.json", "next_steps.json"):
        facts = json.loads((DATA / name).read_text(encoding="utf-8"))
        assert facts["reviewed_by_clinician"] is False
        assert "not reviewed by a clinician" in facts["review_note"]
    assert review_note() in skin_words(finding()).how_we_know
    assert not any(text.reviewed for text in skin_classes().values())


def test_links_lead_to_health_services_and_societies() -> None:
    hosts = {"www.nhs.uk", "www.aad.org", "www.bad.org.uk", "dermnetnz.org"}
    for text in skin_classes().values():
        assert text.links
        for title, address in text.links:
            parts = urlsplit(address)
            assert parts.scheme == "https" and parts.hostname in hosts and title
            assert not parts.query and not parts.fragment
            # only a front page, or a topic page of a national health service
            assert parts.path == "/" or re.fullmatch(r"/conditions/[a-z-]+/", parts.path)


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (1.0, "Quite sure. Right more than 9 times in 10."),
        (0.95, "Quite sure. Right more than 9 times in 10."),
        (0.94, "Quite sure. Right about 9 times in 10."),
        (0.90, "Quite sure. Right about 9 times in 10."),
        (0.89, "Fairly sure. Right about 9 times in 10."),
        (0.75, "Fairly sure. Right about 8 times in 10."),
        (0.74, "Not sure. Right about 7 times in 10."),
        (0.61, "Not sure. Right about 6 times in 10."),
        (0.50, "Not sure. Right about 5 times in 10."),
        (0.49, "Far from sure. Right about 5 times in 10."),
        (0.20, "Far from sure. Right about 2 times in 10."),
    ],
)
def test_how_sure(chance: float, words: str) -> None:
    said = skin_words(finding(chance=chance))
    assert said.how_sure == words
    assert said.sure == chance


@pytest.mark.parametrize(
    ("chance", "words"), [(0.0, "less than 1 time"), (0.05, "about 1 time "), (0.14, "about 1 time "), (0.15, "about 2 times")]
)
def test_small_chances_in_words(chance: float, words: str) -> None:
    assert words in times_in_ten(chance)


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan")])
def test_no_words_for_what_is_no_probability(wrong: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        times_in_ten(wrong)


def test_a_rare_label_that_is_not_the_most_probable_says_why() -> None:
    probabilities = {"mel": 0.3, "nv": 0.6, **dict.fromkeys(("bcc", "akiec", "bkl", "df", "vasc"), 0.02)}
    said = skin_words(finding("mel", probabilities=probabilities, shown=("mel", "nv"), step="soon"))
    assert "melanoma" in said.looks_like
    assert said.how_sure.startswith("Far from sure. Right about 3 times in 10. Another kind scores higher.")
    assert [name for name, _ in said.possibilities[:2]] == ["Common mole", "Melanoma"]
    assert said.possibilities[0][1] == 0.6


@pytest.mark.parametrize(
    ("label", "shown", "listed"),
    [
        ("nv", ("nv",), []),
        ("nv", ("mel", "nv"), ["melanoma"]),
        ("nv", ("mel", "bcc", "nv"), ["melanoma", "basal cell carcinoma"]),
        ("mel", ("mel", "akiec", "vasc"), ["actinic keratosis", "blood vessel spot"]),
        ("bkl", ("bkl", "df"), ["dermatofibroma"]),
    ],
)
def test_what_cannot_be_excluded(label: str, shown: tuple[str, ...], listed: list[str]) -> None:
    said = skin_words(finding(label, shown=shown)).cannot_exclude
    places = [said.find(f"**{name}**") for name in listed]
    assert -1 not in places and places == sorted(places)  # worst first
    assert said.count("It could be a") == len(listed)
    assert said.endswith("something else that it does not know.")


@pytest.mark.parametrize(
    ("step", "reasons", "answers", "said"),
    [
        ("watch", ("set:nv",), Answers(False, False, False), ["Keep an eye on it.", "A common mole is what fits."]),
        ("soon", ("set:mel",), Answers(), ["within two weeks", "A melanoma cannot be ruled out."]),
        ("soon", ("answers",), Answers(True, False, None), ["within two weeks", "new or has changed", "whatever the photo shows"]),
        ("soon", ("answers",), Answers(False, True, True), ["bleeds or does not heal", "unlike your other spots"]),
        ("soon", ("answers", "set:bcc"), Answers(True), ["new or has changed", "A slow skin cancer cannot be ruled out."]),
        ("soon", ("abstained", "answers"), Answers(True), ["within two weeks", "new or has changed", "no clear answer"]),
        ("today", (), Answers(), ["See a doctor today."]),
        ("routine", ("abstained",), Answers(), ["at your next visit", "That does not mean that the spot is fine."]),
        ("watch", ("a code of tomorrow",), Answers(), ["Keep an eye on it."]),
    ],
)
def test_what_to_do_next(step: Step, reasons: tuple[str, ...], answers: Answers, said: list[str]) -> None:
    words = skin_words(finding(step=step, step_reasons=reasons, answers=answers))
    assert words.step == step
    for part in said:
        assert part in words.what_next
    assert ("You said" in words.what_next) == ("answers" in reasons)
    assert ("Why:" in words.what_next) == bool(set(reasons) & set(next_steps()["why"]))


@pytest.mark.parametrize(
    ("label", "step", "told"),
    [("nv", "watch", True), ("nv", "routine", False), ("nv", "soon", False), ("bkl", "today", False), ("mel", "soon", True)],
)
def test_no_all_clear_beside_an_urgent_step(label: str, step: Step, told: bool) -> None:
    said = skin_words(finding(label, shown=("mel", label), step=step)).looks_like
    assert (skin_classes()[label].usually in said) is told
    assert skin_classes()[label].what in said


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("shown", [(), ("mel", "nv")])
def test_doubt_never_hides_the_step(step: Step, shown: tuple[str, ...]) -> None:
    reason = "This photo is unlike the ones it learned from."
    doubt = finding(status="abstained", label="", cannot_exclude=shown, reason=reason, step=step, step_reasons=("abstained",))
    words = skin_words(doubt)
    assert words.looks_like == f"I can't tell from this photo. {reason}"
    assert words.sure is None and words.possibilities == ()
    assert words.step == step
    assert next_steps()["steps"][step]["title"] in words.what_next
    assert ("melanoma" in words.cannot_exclude) == bool(shown)
    if not shown:
        assert words.cannot_exclude == "Nothing can be ruled out."


@pytest.mark.parametrize(("step", "reasons"), [("soon", ("set:nv", "answers")), ("routine", ("set:nv", "abstained"))])
def test_a_harmless_kind_is_no_reason_for_a_step_that_something_else_raised(step: Step, reasons: tuple[str, ...]) -> None:
    words = skin_words(finding(step=step, step_reasons=reasons, answers=Answers("answers" in reasons)))
    assert "mole" not in words.what_next and "Why:" in words.what_next


def test_an_abstained_finding_with_a_label_does_not_name_it() -> None:
    words = skin_words(finding("nv", status="abstained", reason="It is too dark.", shown=("nv",)))
    assert "mole" not in words.looks_like
    assert "common mole" in words.cannot_exclude
    assert words.sure is None


def test_how_we_know() -> None:
    full = skin_words(finding(), EVIDENCE).how_we_know
    assert "1006 photos that it had never seen" in full
    assert "Out of 100 melanomas, it put 95 on the list" in full
    assert "Out of 100 melanomas, it named 71" in skin_words(finding(), {"melanoma_recall": 0.71}).how_we_know
    assert "put 99 on the list" in skin_words(finding(), {"melanoma_listed": 1.0}).how_we_know  # never all
    for evidence in (None, {}, EVIDENCE):
        assert "light skin" in skin_words(finding(), evidence).how_we_know


def test_the_evidence_comes_from_the_card() -> None:
    measured = {"metrics": {"balanced_accuracy": {"value": 0.8, "n": 1006}}, "recall": {"mel": {"value": 0.71, "n": 100}}}
    facts = {**measured, "coverage": {"mel": 0.95}}
    assert evidence_of(facts) == EVIDENCE
    assert evidence_of({}) == {}


def test_the_skin_check_tells_its_own_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = tmp_path / "skin_lesion"
    network.mkdir()
    card = json.loads((ROOT / "models" / "skin_lesion" / "card.json").read_text(encoding="utf-8"))
    card["metrics"]["balanced_accuracy"]["n"], card["coverage"]["mel"] = 4321, 0.87
    (network / "card.json").write_text(json.dumps(card), encoding="utf-8")
    monkeypatch.setenv("CARELENS_MODELS", str(tmp_path))
    settings.cache_clear()
    words = examination("skin").words(finding())
    assert "tested on 4321 photos" in words.how_we_know and "it put 87 on the list" in words.how_we_know

    (network / "card.json").unlink()  # the network is gone; what was found can still be read
    assert "light skin" in examination("skin").words(finding()).how_we_know


def test_every_answer_is_plain_whatever_was_found() -> None:
    for size in (1, 2, 3, 7):
        for shown in combinations(CLASSES, size):
            for label in shown:
                why = ("answers", f"set:{shown[0]}")
                said = skin_words(finding(label, 0.6, shown, step="soon", step_reasons=why, answers=Answers(True)), EVIDENCE)
                for text in (said.looks_like, said.how_sure, said.cannot_exclude, said.what_next, said.how_we_know, said.disclaimer):
                    assert grade(text) <= GRADE, (grade(text), text)
                    assert "<" not in text and "diagnosis" in said.disclaimer


def test_a_label_that_the_texts_do_not_know_is_said_to_be_unclear() -> None:
    words = skin_words(finding(label="new", probabilities={"new": 1.0}, shown=("new",)))
    assert words.looks_like.startswith("I can't tell") and words.sure is None


def test_links_follow_the_finding_without_repeats() -> None:
    links = skin_words(finding("nv", shown=("mel", "nv"))).links
    assert links[0] == ("NHS: Moles", "https://www.nhs.uk/conditions/moles/")
    addresses = [address for _, address in links]
    assert "https://www.nhs.uk/conditions/melanoma-skin-cancer/" in addresses
    assert len(addresses) == len(set(addresses))


def test_the_probability_that_is_told_is_that_of_the_label() -> None:
    found = finding("df", 0.62)
    assert "6 times in 10" in how_sure(found)
