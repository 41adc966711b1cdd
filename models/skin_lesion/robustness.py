"""How the skin check holds when the photo is a poorer copy of itself: blurred, re-saved, in other light, turned.

Every copy is made of the same photos and answered by the app's own engine and rule, so that each row can be set
against the photos as they are. Nothing is drawn by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from core.examinations.rule import Decision, Rule, decide
from core.examinations.skin_rule import URGENT
from core.vision.engine import InProcess
from core.vision.gate import kind_of
from core.vision.quality import problems
from models.skin_lesion.measure import STEPS
from models.training.data import SKIN_CLASSES, Lesions
from models.training.metrics import balanced_accuracy, bootstrap, share

Copy = Callable[[np.ndarray], np.ndarray]

PER_CLASS = 70
"""Photos of one kind that are copied at most: more of the ordinary moles would cost an hour and change nothing."""
WIDTH = 320.0
"""Blur is given in px of a picture this wide, whatever size it has."""


def blurred(sigma: float) -> Copy:
    """Out of focus: Gaussian blur of `sigma` px at 320 px width."""
    return lambda pixels: cv2.GaussianBlur(pixels, (0, 0), sigma * pixels.shape[1] / WIDTH, borderType=cv2.BORDER_REFLECT)


def saved(quality: int) -> Copy:
    """After a JPEG file of that quality."""

    def copy(pixels: np.ndarray) -> np.ndarray:
        data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)

    return copy


def lit(red: float, green: float, blue: float) -> Copy:
    """In other light: each colour times its factor, cut off at 255."""
    gains = np.array((red, green, blue), np.float32)
    return lambda pixels: np.clip(np.rint(pixels * gains), 0, 255).astype(np.uint8)


def turned(degrees: float) -> Copy:
    """Turned about the middle; what comes in from outside the photo is its mirror image."""

    def copy(pixels: np.ndarray) -> np.ndarray:
        if degrees % 90 == 0:
            return np.ascontiguousarray(np.rot90(pixels, round(degrees / 90)))
        height, width = pixels.shape[:2]
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
        return cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)

    return copy


def mirrored(pixels: np.ndarray) -> np.ndarray:
    """Left and right exchanged."""
    return np.ascontiguousarray(pixels[:, ::-1])


def halved(pixels: np.ndarray) -> np.ndarray:
    """At half the width and height."""
    return cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


CLEAN = "clean"
COPIES: dict[str, Copy] = {
    CLEAN: lambda pixels: pixels,
    "blur_light": blurred(1.5),
    "blur_strong": blurred(3.0),
    "jpeg_50": saved(50),
    "warm_light": lit(1.1, 1.0, 0.8),
    "cold_light": lit(0.8, 1.0, 1.1),
    "darker": lit(0.6, 0.6, 0.6),
    "brighter": lit(1.4, 1.4, 1.4),
    "turned_90": turned(90),
    "turned_30": turned(30),
    "mirrored": mirrored,
    "half_size": halved,
}
"""Name of a copy to how it is made, RGB uint8 (H, W, 3) to the same; the photos themselves first."""


@dataclass(frozen=True)
class Answers:
    """What the app says of one copy of every photo: decisions, and which photos its gate would turn away."""

    decided: list[Decision]
    away: np.ndarray


def chosen(labels: np.ndarray, per_class: int = PER_CLASS) -> np.ndarray:
    """Rows (K,) of at most `per_class` photos of each class, spread evenly over the table."""
    rows = []
    for c in range(len(SKIN_CLASSES)):
        own = np.flatnonzero(labels == c)
        rows.append(own[np.linspace(0, len(own) - 1, min(len(own), per_class)).round().astype(int)] if len(own) else own)
    return np.sort(np.concatenate(rows))


def answer(images: np.ndarray, copy: Copy, rule: Rule) -> Answers:
    """Ask engine and rule about one copy of each photo (N, H, W, 3) uint8."""
    engine, decided, away = InProcess(), [], []
    for image in images:
        pixels = copy(image)
        seen, kind = engine.classify("skin_lesion", pixels), kind_of(pixels)
        decided.append(decide(seen.logits, seen.distance, kind.chances["dermatoscopic"], rule, STEPS))
        away.append(kind.kind != "dermatoscopic" or bool(problems(pixels, "dermatoscopic")))
    return Answers(decided, np.array(away, bool))


def row(said: Answers, clean: Answers, labels: np.ndarray, lesions: np.ndarray) -> dict[str, Any]:
    """One row of the table; labels, lesions (N,). Intervals by bootstrap over lesions."""
    own = np.array([SKIN_CLASSES.index(d.label) for d in said.decided])
    before = np.array([SKIN_CLASSES.index(d.label) for d in clean.decided])
    refer = np.array([d.refer for d in said.decided])
    abstains = np.array([d.abstains for d in said.decided])
    urgent = np.isin(labels, [SKIN_CLASSES.index(c) for c in URGENT])

    def over(figure: Any) -> dict[str, Any]:
        return bootstrap(len(labels), figure, groups=lesions)

    return {
        "balanced_accuracy": over(lambda r: balanced_accuracy(labels[r], own[r], len(SKIN_CLASSES))),
        "refer_sensitivity": over(lambda r: share(refer[r][urgent[r]])),
        "refer_specificity": over(lambda r: share((~refer[r])[~urgent[r]])),
        "same_label": over(lambda r: float((own == before)[r].mean())),
        "abstains": over(lambda r: float(abstains[r].mean())),
        "turned_away": over(lambda r: float(said.away[r].mean())),
    }


def robustness(data: Lesions, rule: Rule) -> dict[str, dict[str, Any]]:
    """The card's `metrics.robustness` on the photos of `data`: copy to its row, `clean` first."""
    pick = chosen(data.labels, PER_CLASS)
    images, labels, lesions = data.images[pick], data.labels[pick], data.table["lesion_id"].to_numpy()[pick]
    said = {name: answer(images, copy, rule) for name, copy in COPIES.items()}
    return {name: row(one, said[CLEAN], labels, lesions) for name, one in said.items()}
