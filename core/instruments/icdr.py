"""ICDR, the International Clinical Diabetic Retinopathy severity scale: one eye, five grades, 0-4.

Grades and the 4-2-1 rule: Wilkinson et al., Ophthalmology 2003;110:1677, as Diabetes Care prints the table (read there). When to
be seen: International Council of Ophthalmology, Guidelines for Diabetic Eye Care 2017, places with ample resources, as
Retina International prints the table (ded.retinaint.org, read there); the guideline itself was not at hand.

A photo shows less than the dilated eye: venous beading, IRMA and new vessels are counted by nobody here, and swelling of the
macula (DME) cannot be seen on a flat photo at all. So a grade from signs is a least grade, never the grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidInput
from core.examinations.finding import Step
from core.instruments.rules import whole

QUADRANTS = 4
MANY = 20
"""More haemorrhages than this in each of the four quadrants are the 4 of the 4-2-1 rule."""
BEADING, IRMA = 2, 1
"""Quadrants with definite venous beading, and with prominent intraretinal microvascular abnormalities, that are enough."""


@dataclass(frozen=True)
class Grade:
    """One grade. `clinical`: as the scale prints it. `least`, `most`: months until an eye doctor or the next photo, by ICO 2017;
    `least` 0: as soon as can be. `refer`: to an eye doctor. `step`: the house's next step that fits it."""

    grade: int
    name: str
    clinical: str
    least: int
    most: int
    refer: bool
    step: Step

    @property
    def label(self) -> str:
        """The grade as a class of the network: a digit."""
        return str(self.grade)


GRADES = (
    Grade(0, "No retinopathy", "No apparent retinopathy", 12, 24, False, "watch"),
    Grade(1, "Mild", "Mild non-proliferative diabetic retinopathy", 6, 12, False, "routine"),
    Grade(2, "Moderate", "Moderate non-proliferative diabetic retinopathy", 3, 6, True, "routine"),
    Grade(3, "Severe", "Severe non-proliferative diabetic retinopathy", 0, 3, True, "soon"),
    Grade(4, "Proliferative", "Proliferative diabetic retinopathy", 0, 1, True, "today"),
)
"""ICO 2017 lets an eye without retinopathy wait for up to two years; the house says one. It also has severe disease seen sooner than
the table asks: within two weeks, and proliferative disease reported today."""
REFERABLE = next(one.grade for one in GRADES if one.refer)
"""The least grade that is sent to an eye doctor."""


def grade_of(value: object) -> Grade:
    """The grade of a number 0-4 or its digit. Raises `InvalidInput` for anything else."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return GRADES[whole(number, 0, len(GRADES) - 1, "A grade of the retina")]


@dataclass(frozen=True)
class Signs:
    """What was counted on one eye. `haemorrhages`: in each of the four quadrants about the disc, in any order."""

    microaneurysms: int = 0
    haemorrhages: tuple[int, int, int, int] = (0, 0, 0, 0)
    hard_exudates: int = 0
    soft_exudates: int = 0


def four_two_one(haemorrhages: Sequence[int], beading: int | None = None, irma: int | None = None) -> bool | None:
    """The 4-2-1 rule for severe disease, for an eye without proliferative disease.

    `haemorrhages`: in each of the four quadrants. `beading`, `irma`: quadrants (0-4) with definite venous beading and with
    prominent IRMA; None: not looked for. True when one of the three is met, False when all three were looked for and none is,
    None when what was looked for is not enough to tell. Raises `InvalidInput` for counts that cannot be.
    """
    if len(haemorrhages) != QUADRANTS:
        raise InvalidInput("Haemorrhages are counted in four quadrants.", "Give one number for each of them.")
    counts = [whole(count, 0, 100_000, "A count of haemorrhages") for count in haemorrhages]
    others = [
        None if given is None else whole(given, 0, QUADRANTS, "A count of quadrants") >= enough
        for given, enough in ((beading, BEADING), (irma, IRMA))
    ]
    met = [all(count > MANY for count in counts), *others]
    if True in met:
        return True
    return None if None in met else False


Least = Literal[0, 1, 2, 3]


def least_grade(signs: Signs) -> Least:
    """The lowest grade that these signs allow: nothing 0, microaneurysms only 1, more than those 2, the countable part of 4-2-1 3.

    Grade 4 never comes of it: new vessels and bleeding into the vitreous are not among the signs.
    """
    if four_two_one(signs.haemorrhages):
        return 3
    if any(signs.haemorrhages) or signs.hard_exudates or signs.soft_exudates:
        return 2
    return 1 if signs.microaneurysms else 0
