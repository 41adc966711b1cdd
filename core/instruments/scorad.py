"""SCORAD: extent, six signs, itch and sleep. As PO-SCORAD by the patient, as objective SCORAD by a doctor.

A/5 + 7B/2 + C: A extent 0-100 % of the body, B six signs of 0-3 each (0-18), C itch and sleep of 0-10
each (0-20); 0-103. The objective SCORAD leaves C out: 0-83. Formula: European Task Force on Atopic
Dermatitis, Dermatology 1993;186:23; Oranje et al., Br J Dermatol 2007;157:645; for patients Stalder et
al., Allergy 2011;66:1114. (Where "B/2" is printed it is a misprint of 7B/2.) Bands: PMC7395647, table 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.instruments.rules import Band, band_of, named, number, one_decimal, texts, whole

SIGNS = ("redness", "swelling", "oozing", "scratching", "thickening", "dryness")
"""The six signs: erythema, oedema or papulation, oozing or crusts, excoriation, lichenification, and
dryness, which is rated on skin without eczema."""

GRADES = (0, 1, 2, 3)
"""What the four answers to a sign count: none, mild, moderate, severe."""

BANDS = (
    Band("clear", "Clear", 0, 9.9),
    Band("mild", "Mild eczema", 10, 28.9),
    Band("moderate", "Moderate eczema", 29, 48.9),
    Band("severe", "Severe eczema", 49, 103),
)

SITES: Mapping[str, float] = {
    "head_neck": 9,
    "left_arm": 9,
    "right_arm": 9,
    "chest_belly": 18,
    "back": 18,
    "genitals": 1,
    "left_leg": 18,
    "right_leg": 18,
}
"""The rule of nines: parts of the body and their share of its surface in percent."""


@dataclass(frozen=True)
class Scorad:
    """A score and its parts.

    `extent` A 0-100 %, `intensity` B 0-18, `symptoms` C 0-20 (None in an objective SCORAD), `total`
    0-103 (objective: 0-83). `band` of the total; None in an objective SCORAD, because the published
    bands count itch and sleep in.
    """

    extent: float
    intensity: int
    symptoms: float | None
    total: float
    band: Band | None

    @property
    def shown(self) -> str:
        """The total with one decimal, as it is banded."""
        return f"{one_decimal(self.total):.1f}"


@dataclass(frozen=True)
class Wording:
    """The patient's form in words. `questions` by id: extent, the six `SIGNS`, itch, sleep, in the order they are asked."""

    title: str
    intro: str
    questions: Mapping[str, str]
    names: Mapping[str, str]
    grades: tuple[str, ...]
    sites: Mapping[str, str]
    ends: Mapping[str, tuple[str, str]]
    attribution: str
    note: str
    source: str


def po_scorad(extent: float, signs: Mapping[str, int], itch: float, sleep: float) -> Scorad:
    """The patient's own score: `extent` 0-100 %, each of `SIGNS` 0-3 in whole steps, `itch` and `sleep` 0-10.

    There is no rule for missing answers, so none may be missing. Raises `InvalidInput` for one that is
    missing, unknown or out of range.
    """
    area, intensity = _extent(extent), _intensity(signs)
    symptoms = number(itch, 0, 10, "The itch") + number(sleep, 0, 10, "The loss of sleep")
    total = _tidy(area / 5 + 7 * intensity / 2 + symptoms)
    return Scorad(area, intensity, symptoms, total, band_of(total, BANDS))


def objective_scorad(extent: float, signs: Mapping[str, int]) -> Scorad:
    """What a doctor rated, without itch and sleep; arguments and errors as in `po_scorad`.

    The ten points that some add for a disfigured face or hands are not counted.
    """
    area, intensity = _extent(extent), _intensity(signs)
    return Scorad(area, intensity, None, _tidy(area / 5 + 7 * intensity / 2), None)


def extent(shares: Mapping[str, float]) -> float:
    """Percent of the body (0-100) from the affected share 0-1 of each of `SITES`; a site that is not named is free of eczema.

    The proportions are those of adults and older children; a baby has a larger head and shorter legs.
    Raises `InvalidInput` for an unknown site or a share out of range.
    """
    given = named({**dict.fromkeys(SITES, 0.0), **shares}, tuple(SITES), "The parts of the body")
    return _tidy(sum(SITES[site] * number(share, 0, 1, "A share of a part of the body") for site, share in given.items()))


def wording(child: bool = False) -> Wording:
    """The patient's form in our words: `child` for a parent who answers for a child, else for oneself."""
    facts = texts("po_scorad.json")
    form = facts["forms"]["child" if child else "self"]
    asked = ("extent", *SIGNS, "itch", "sleep")
    return Wording(
        title=facts["title"],
        intro=form["intro"],
        questions={id: form["questions"][id] for id in asked},
        names={id: facts["names"][id] for id in asked},
        grades=tuple(facts["grades"]),
        sites={site: facts["sites"][site] for site in SITES},
        ends={id: (low, high) for id, (low, high) in facts["ends"].items()},
        attribution=facts["attribution"],
        note=facts["note"],
        source=facts["source"],
    )


def _extent(value: float) -> float:
    return number(value, 0, 100, "The extent in percent")


def _intensity(signs: Mapping[str, int]) -> int:
    return sum(whole(grade, GRADES[0], GRADES[-1], "A sign") for grade in named(signs, SIGNS, "The six signs").values())


def _tidy(value: float) -> float:
    """Without the dust of binary fractions, so that equal answers give equal scores."""
    return round(value, 6)
