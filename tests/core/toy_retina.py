"""A quick stand-in for the check of the retina: the brighter the photo, the worse the grade. A black photo is turned away, a grey
one without any contrast is not graded."""

from __future__ import annotations

from core.errors import PhotoRejected
from core.examinations.finding import Context, Finding, Step
from core.examinations.registry import Examination
from core.examinations.words import Words
from core.photo import Photo

CLASSES = ("0", "1", "2", "3", "4")
STEPS: tuple[Step, ...] = ("watch", "routine", "routine", "soon", "today")


def run(photo: Photo, context: Context) -> Finding:
    """Grade by brightness; NotAllowed for nothing."""
    mean, spread = float(photo.pixels.mean()), float(photo.pixels.std())
    if mean < 8:
        raise PhotoRejected("The photo is too dark.", "Take it again with more light.", code="dark")
    level = min(4, int(mean / 51))
    unsure = spread < 3
    chances = {name: 0.6 if int(name) == level else 0.1 for name in CLASSES}
    return Finding(
        examination="retina",
        kind="fundus",
        status="abstained" if unsure else "ok",
        label=str(level),
        probabilities=chances,
        cannot_exclude=(str(level),),
        refer=level >= 2,
        step="routine" if unsure else STEPS[level],
        reason="The photo shows too little." if unsure else "",
        masks={"he": (photo.pixels[..., 0] > 250).astype("uint8") * 255},
        numbers={"he": float((photo.pixels[..., 0] > 250).sum())},
        versions={"retina_grade": "a toy"},
    )


def words(finding: Finding) -> Words:
    """Words for it."""
    return Words(
        looks_like=f"It looks like **grade {finding.label}**.",
        how_sure="Fairly sure.",
        sure=max(finding.probabilities.values()) if finding.status == "ok" else None,
        cannot_exclude="Nothing.",
        step=finding.step,
        what_next="Show it to an eye doctor." if finding.refer else "Have the next photo in a year.",
        how_we_know="It was counted.",
        disclaimer="This is not a diagnosis.",
    )


RETINA = Examination("retina", "Retina check", frozenset({"fundus"}), CLASSES, ("he",), (), run, words)
