"""POEM, the Patient-Oriented Eczema Measure: seven questions about the last week, 0-28.

© The University of Nottingham, free for non-commercial use. Questions and scoring: Charman, Venn and
Williams, Arch Dermatol 2004;140:1513 and the scoring notes of the form. Bands: Charman et al., Br J
Dermatol 2013;169:1326. What a change means: Howells et al., Br J Dermatol 2018;178:1135.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidInput
from core.instruments.rules import Band, band_of, texts, whole

ITEMS = ("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry")
"""The seven questions in the order of the form."""

ANSWERS = (0, 1, 2, 3, 4)
"""What the five answers count: no days, 1-2 days, 3-4 days, 5-6 days, every day."""

HIGHEST = len(ITEMS) * ANSWERS[-1]

BANDS = (
    Band("clear", "Clear or almost clear", 0, 2),
    Band("mild", "Mild eczema", 3, 7),
    Band("moderate", "Moderate eczema", 8, 16),
    Band("severe", "Severe eczema", 17, 24),
    Band("very_severe", "Very severe eczema", 25, 28),
)

Size = Literal["noise", "probable", "very_likely"]

SIZES: Mapping[Size, str] = {
    "noise": "within the noise",
    "probable": "probably important",
    "very_likely": "very likely important",
}
"""How much a change counts, in words."""


@dataclass(frozen=True)
class Poem:
    """The answers of one week and their score.

    `answers`: one per item in the order of `ITEMS`, 0-4, None where the question was left out.
    `missing`: how many were left out (0-7). `total` 0-28 and its `band`; both None where two or more
    were left out: then the form is not scored.
    """

    answers: tuple[int | None, ...]
    missing: int
    total: int | None
    band: Band | None

    @property
    def left_out(self) -> tuple[str, ...]:
        """The items without an answer, in the order of the form."""
        return tuple(item for item, answer in zip(ITEMS, self.answers, strict=True) if answer is None)

    @property
    def note(self) -> str:
        """What a person must know about questions left out; empty where all were answered."""
        if self.missing == 0:
            return ""
        if self.missing == 1:
            return f"One question was left out. It counts as 0, so the score could be up to {ANSWERS[-1]} points higher."
        return f"{self.missing} questions were left out. With two or more left out, POEM gives no score."


@dataclass(frozen=True)
class Change:
    """What has changed between two scores.

    `difference`: now minus before, -28 to 28; below 0 is better. `size`: how much it counts, the same
    in both directions. `words`: one or two plain sentences.
    """

    difference: int
    size: Size
    words: str

    @property
    def direction(self) -> Literal["better", "worse", "same"]:
        """Where it went; a low score is a good one."""
        return "better" if self.difference < 0 else "worse" if self.difference > 0 else "same"

    @property
    def badge(self) -> str:
        """The size in two or three words, for a badge."""
        return SIZES[self.size]


@dataclass(frozen=True)
class Wording:
    """The form in words. `questions` and `names` (a word or two) in the order of `ITEMS`, `answers` of `ANSWERS`."""

    title: str
    intro: str
    questions: tuple[str, ...]
    names: tuple[str, ...]
    answers: tuple[str, ...]
    attribution: str
    terms: str
    source: str


def score(answers: Sequence[int | None]) -> Poem:
    """Score the seven answers, given in the order of `ITEMS`; None for a question left out.

    One left out counts 0 and the total stays out of 28; two or more: not scored (scoring notes of the
    form). Raises `InvalidInput` where there are not seven or one is not 0, 1, 2, 3 or 4.
    """
    if len(answers) != len(ITEMS):
        raise InvalidInput(f"POEM has {len(ITEMS)} questions, not {len(answers)}.", "Fill in the form from its start.")
    given = tuple(None if answer is None else whole(answer, ANSWERS[0], ANSWERS[-1], "An answer") for answer in answers)
    missing = given.count(None)
    if missing >= 2:
        return Poem(given, missing, None, None)
    total = sum(answer or 0 for answer in given)
    return Poem(given, missing, total, band_of(total, BANDS))


def in_order(answers: Mapping[str, int | None]) -> tuple[int | None, ...]:
    """Answers by item as `score` takes them; an item that is not there was left out. Raises `InvalidInput` for an unknown one."""
    if set(answers) - set(ITEMS):
        raise InvalidInput("POEM has no such question.", "Fill in the form from its start.")
    return tuple(answers.get(item) for item in ITEMS)


def change(now: int, before: int) -> Change:
    """What the change between two totals (0-28 each) means, after Howells 2018.

    Up to 2 points lie within the error of the measurement, 3 are probably and 4 or more very likely
    important. (Their "2.1 to 2.9" is for averages of groups: two totals are whole points apart.) The
    words are the same for better and for worse. Raises `InvalidInput` where a total is out of range.
    """
    difference = whole(now, 0, HIGHEST, "The score") - whole(before, 0, HIGHEST, "The score before")
    points = abs(difference)
    size: Size = "noise" if points <= 2 else "probable" if points < 4 else "very_likely"
    if points == 0:
        return Change(difference, size, "The score is the same.")
    way = f"{points} point{'s' if points > 1 else ''} {'better' if difference < 0 else 'worse'}."
    meaning = {
        "noise": "A change this small is within the noise.",
        "probable": "This is probably an important change.",
        "very_likely": "This is very likely an important change.",
    }
    return Change(difference, size, f"{way} {meaning[size]}")


def wording(child: bool = False) -> Wording:
    """The form in words: `child` for a parent who answers for a child (the official proxy form), else for oneself."""
    facts = texts("poem.json")
    form = facts["forms"]["child" if child else "self"]
    return Wording(
        title=facts["title"],
        intro=form["intro"],
        questions=tuple(form["questions"][item] for item in ITEMS),
        names=tuple(facts["names"][item] for item in ITEMS),
        answers=tuple(facts["answers"]),
        attribution=facts["attribution"],
        terms=facts["terms"],
        source=facts["source"],
    )
