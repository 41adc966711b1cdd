"""What a person reads of an eczema finding: of the skin in this picture, no diagnosis, no EASI, and for whom it may be wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.examinations.eczema_texts import LITTLE_SKIN, NO_SKIN, RARE, eczema_words, percent, some_parts, tone_note
from core.examinations.finding import Finding
from core.examinations.texts import read
from core.examinations.words import Words
from tests.core.reading import GRADE, grade

NUMBERS = {
    "affected_fraction": 0.12, "affected_low": 0.09, "affected_high": 0.15, "redness": 8.4, "redness_low": 7.0, "redness_high": 9.9,
    "skin_fraction": 0.4, "lesions": 3.0, "ita": 45.0,
}  # fmt: skip
CARD: dict[str, Any] = {
    "metrics": {"fraction_error": {"value": 0.031, "n": 31}},
    "tones": {"train": {"very_light": 40, "light": 50, "intermediate": 30, "tan": 10, "brown": 0, "not_seen": 7}},
}


def finding(label: str = "affected", status: Any = "ok", **numbers: float | None) -> Finding:
    given = {name: value for name, value in {**NUMBERS, **numbers}.items() if value is not None}
    return Finding(
        "eczema", "clinical", status, label, {}, (label,) if status == "ok" else (), False, "watch" if label == "clear" else "routine",
        reason="" if status == "ok" else LITTLE_SKIN, numbers=given,
    )  # fmt: skip


def all_of(words: Words) -> str:
    return " ".join((words.looks_like, words.how_sure, words.cannot_exclude, words.what_next, words.how_we_know, words.disclaimer))


FOUND = {
    "affected": finding(),
    "one patch": finding(lesions=1.0, affected_fraction=0.04),
    "clear": finding("clear", affected_fraction=0.002, affected_low=0.0, affected_high=0.01, redness=None, lesions=0.0),
    "drawn by a person": finding(affected_low=None, affected_high=None, redness_low=None, redness_high=None),
    "all affected": finding(affected_fraction=1.0, affected_low=0.97, affected_high=1.0, redness=None, ita=None),
    "dark": finding(ita=-40.0),
    "far": finding("unclear", "abstained", **dict.fromkeys(set(NUMBERS) - {"skin_fraction"}, None)),
}


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("facts", [{}, CARD], ids=["no card", "card"])
def test_every_answer_is_plain_and_claims_nothing_it_is_not(name: str, facts: dict[str, Any]) -> None:
    words = eczema_words(FOUND[name], facts)
    for text in (words.looks_like, words.how_sure, words.cannot_exclude, words.what_next, words.how_we_know, words.disclaimer):
        assert grade(text) <= GRADE, (grade(text), text)
    said = all_of(words)
    assert "EASI" not in said and "you have eczema" not in said.lower() and "<" not in said and "nan" not in said
    assert "not a diagnosis" in words.disclaimer and words.sure is None and words.step in ("watch", "routine")
    assert "See a doctor today if" in words.what_next and "cannot tell eczema from other rashes" in words.cannot_exclude
    assert ("in this picture" in words.looks_like) and "%" in words.looks_like or name in ("clear", "far")


def test_the_share_and_its_interval_are_told() -> None:
    words = eczema_words(FOUND["affected"], CARD)
    assert "About **12 %** of the skin in this picture looks affected, in 3 patches." in words.looks_like
    assert "clearly redder than the skin around them (8 points)" in words.looks_like
    assert words.how_sure == "Fairly sure. It may be anything from 9 % to 15 %."
    assert "On 31 photos that it had never seen, the share was off by 3.1 points on average." in words.how_we_know
    assert "in 1 patch." in eczema_words(FOUND["one patch"], {}).looks_like


@pytest.mark.parametrize("half,said", [(0.03, "Fairly sure."), (0.07, "Not sure."), (0.2, "Far from sure.")])
def test_a_wider_interval_is_less_sure(half: float, said: str) -> None:
    words = eczema_words(finding(affected_fraction=0.4, affected_low=0.4 - half, affected_high=0.4 + half), {})
    assert words.how_sure.startswith(said)


@pytest.mark.parametrize("red,said", [(0.5, "no redder"), (-3.0, "no redder"), (2.5, "a little redder"), (7.0, "clearly"), (15.0, "much")])
def test_redness_in_words(red: float, said: str) -> None:
    text = eczema_words(finding(redness=red), {}).looks_like
    assert said in text
    assert "darker skin" in eczema_words(finding(redness=red, ita=-20.0), {}).looks_like and "darker skin" not in text


@pytest.mark.parametrize("ita,said", [(60.0, ""), (45.0, ""), (20.0, "looks tan"), (0.0, "looks brown"), (-50.0, "looks dark")])
def test_a_tone_that_was_rare_in_training_is_told(ita: float, said: str) -> None:
    note = tone_note(ita, CARD)
    assert said in note and bool(note) == bool(said)
    if said:
        assert "of the 130 photos it learned from" in note and note in eczema_words(finding(ita=ita), CARD).how_we_know
    assert ("Only 10" if ita == 20 else "None" if said else "") in note


def test_where_the_tone_is_not_known_nothing_is_said_of_it() -> None:
    assert tone_note(None, CARD) == tone_note(float("nan"), CARD) == tone_note(-50, {}) == ""
    just = {"tones": {"train": {"dark": RARE}}}
    assert tone_note(-50, just) == "" and tone_note(-50, {"tones": {"train": {"dark": RARE - 1}}})


def test_skin_in_several_parts_may_be_several_people() -> None:
    skin = np.zeros((100, 100), np.uint8)
    skin[:, :30] = skin[:, 60:] = 255
    one, two = skin.copy(), skin
    one[:, 30:] = 0
    words = [eczema_words(Finding(**{**vars(finding()), "masks": {"skin": mask}}), {}).looks_like for mask in (one, two)]
    assert "parts" not in words[0] and "in 2 parts" in words[1] and "not yours" in words[1]
    assert grade(words[1]) <= GRADE
    assert some_parts(1, "counted") == some_parts(0, "counted") == "" and "all of it is looked at" in some_parts(3.0, "looked at")


def test_a_refusal_says_what_happened_and_what_to_do() -> None:
    for text in (NO_SKIN.reason, NO_SKIN.hint, LITTLE_SKIN):
        assert text.endswith(".") and grade(text) <= GRADE


def test_every_band_of_skin_tone_has_a_word_and_links_are_safe() -> None:
    from core.vision.skin_tone import BANDS

    texts = read("eczema_texts.json")
    assert set(texts["tones"]) == {name for name, _ in BANDS} and set(texts["steps"]) == {"watch", "routine"}
    assert all(address.startswith("https://") for _, address in texts["links"])
    assert texts["reviewed_by_clinician"] or texts["review_note"] in eczema_words(finding(), {}).how_we_know


@settings(deadline=None)
@given(some.floats(0, 1))
def test_no_share_reads_as_more_certain_than_it_is(share: float) -> None:
    said = percent(share)
    assert (said == "0 %") == (share == 0) and (said == "100 %") == (share == 1)
