"""Three made-up years of eye photos of the demo patient: drawn eyes with values written by hand, no network asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

import cv2
import numpy as np
from numpy.typing import NDArray

from core.demo.fundus import DrawnFundus, fundus, fundus_jpeg
from core.examinations.finding import Eye, Finding
from core.examinations.retina_eye import chance_of
from core.examinations.retina_rule import CLASSES, Rule, decide
from core.examinations.retina_signs import MASKS, counted, numbers_of
from core.instruments.icdr import least_grade
from core.people.policy import Actor
from core.photo import read_photo
from core.records.findings import save_finding
from core.records.places import EYE
from core.records.times import now
from core.vision.signs import DISC, eye_side, read_signs

_NAMESPACE = UUID("93b0c7de-6e0e-4f0e-8a35-3f6d6a1f2c57")
SIZE = (360, 315)
RULE = Rule(referable=0.4, conformal=0.15, distance=1.0, kind_chance=0.0)
SEEDS: dict[Eye, int] = {"left": 12, "right": 31}


@dataclass(frozen=True)
class EyeVisit:
    """One photo: days ago, which eye, its grade, the five probabilities in percent, and what is drawn."""

    days_ago: int
    eye: Eye
    grade: int
    percent: tuple[int, int, int, int, int]
    signs: tuple[tuple[str, int], ...] = ()


VISITS = (
    EyeVisit(1095, "left", 0, (95, 4, 1, 0, 0)),
    EyeVisit(1095, "right", 0, (91, 7, 2, 0, 0)),
    EyeVisit(720, "left", 0, (90, 8, 2, 0, 0)),
    EyeVisit(720, "right", 1, (24, 66, 9, 1, 0), (("ma", 3),)),
    EyeVisit(352, "left", 1, (19, 71, 9, 1, 0), (("ma", 4),)),
    EyeVisit(352, "right", 1, (8, 74, 16, 2, 0), (("ma", 7),)),
    EyeVisit(12, "left", 1, (7, 80, 12, 1, 0), (("ma", 5),)),
    EyeVisit(12, "right", 2, (2, 22, 70, 5, 1), (("ma", 9), ("he", 5), ("ex", 6))),
)
"""From the oldest to the newest, both eyes on the same day: the right one becomes moderate."""


def finding_of(visit: EyeVisit, drawn: DrawnFundus) -> Finding:
    """The finding of a drawn eye: its signs are counted on the true masks, and the rule of the house decides."""
    named = {name: drawn.masks[short] for short, name in MASKS.items()}
    read = read_signs(named, drawn.field, visit.eye)
    chances = [percent / 100 for percent in visit.percent]
    found = counted(read)
    decision = decide(chances, visit.grade, 0.0, 1.0, RULE, found, drawn=True)
    return Finding(
        examination="retina",
        kind="fundus",
        status="ok",
        label=decision.label,
        probabilities=dict(zip(CLASSES, chances, strict=True)),
        cannot_exclude=decision.cannot_exclude,
        refer=decision.refer,
        step=decision.step,
        step_reasons=decision.step_reasons,
        masks=dict(drawn.masks),
        heat=_heat(drawn.masks),
        numbers={
            "referable": sum(chances[2:]),
            **chance_of(*eye_side(named[DISC], drawn.field)),
            **numbers_of(read),
            "least_grade": float(least_grade(found)),
        },
        versions={"retina_grade": "made up", "retina_quality": "made up", "retina_lesions": "made up"},
        eye=visit.eye,
    )


def _heat(masks: Mapping[str, NDArray[np.uint8]]) -> NDArray[np.float32]:
    """A soft hill over the signs, float32 0-1: made up like everything here."""
    every = [mask for name, mask in masks.items() if name != "disc"]
    small = cv2.resize(np.maximum.reduce(every), (64, 56), interpolation=cv2.INTER_AREA).astype(np.float32)
    hill = np.asarray(cv2.GaussianBlur(small, (0, 0), 3), np.float32)
    return hill / max(float(hill.max()), 1.0)


def seed_retina(actor: Actor) -> None:
    """The photos, for the actor's first person; what is there already stays as it is."""
    (person_id,) = actor.person_ids
    for visit in VISITS:
        drawn = fundus(SEEDS[visit.eye], visit.eye, signs=dict(visit.signs), size=SIZE)
        save_finding(
            actor,
            person_id,
            read_photo(fundus_jpeg(drawn)),
            finding_of(visit, drawn),
            site=f"{visit.eye.capitalize()} eye",
            region=EYE,
            side=visit.eye,
            taken_at=now() - timedelta(days=visit.days_ago),
            token=uuid5(_NAMESPACE, f"{visit.days_ago} {visit.eye}"),
        )
