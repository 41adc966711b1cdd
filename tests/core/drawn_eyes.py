"""Drawn eyes, and something in the place of the networks that says of them what a test tells it to: no network is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.demo.fundus import DrawnFundus, fundus
from core.examinations.retina_signs import MASKS
from core.photo import Photo, encode_png, read_photo
from core.vision.card import card
from core.vision.engine import Classified, InProcess, levelled
from tests.core.toy_networks import QUALITY, described, disc_facts, grade_facts, lesions_facts, quality_facts

SIZE = (480, 400)
SCORE = {0: -4.0, 1: -2.0, 2: 0.0, 3: 2.0, 4: 4.0}
"""In the middle of each grade of the toy."""


@cache
def eye(seed: int = 4, side: str = "right", grade: int = 2, fault: str = "", shape: str = "round") -> DrawnFundus:
    """A drawn eye, each drawn once."""
    return fundus(seed, side, grade, fault=fault, field=shape, size=SIZE)


@cache
def photo_of(drawn: DrawnFundus) -> Photo:
    """A drawn eye as a photo somebody sent."""
    return read_photo(encode_png(drawn.pixels))


@dataclass
class Told:
    """What is said in the place of the networks. `signs`: the eye whose signs are outlined as they were drawn, without those of
    `blind`; None: nothing is found, not even the disc. `quality`: probabilities, the rest share what is left."""

    models: Path
    grade: int = 0
    score: float | None = None
    distance: float = 0.0
    kind: str = "fundus"
    quality: Mapping[str, float] = field(default_factory=dict)
    signs: DrawnFundus | None = None
    blind: tuple[str, ...] = ()
    enough: Mapping[str, int] = field(default_factory=dict)
    fewest_pixels: int = 0
    evidence: bool = True

    def classify(self, id: str, pixels: NDArray[np.uint8]) -> Classified:
        own = card(id)
        maps = np.ones((len(own.classes), 8, 8), np.float32)
        if id == "retina_grade":
            score = SCORE[self.grade] if self.score is None else self.score
            return Classified(np.array([score]), maps[:1], self.distance, own, levelled(pixels, own.input))
        given = {self.kind: 0.97} if id == "photo_kind" else dict(self.quality)
        rest = (1 - sum(given.values())) / (len(own.classes) - len(given))
        return Classified(np.log([given.get(name, rest) for name in own.classes]), maps, 0.0, own)

    def outline(self, id: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        own = card(id)
        frame = levelled(pixels, own.input)
        assert frame is not None
        side = frame.image.shape[0]
        found = np.zeros((len(own.classes), side, side), np.float32)
        if self.signs is not None:
            short = {name: one for one, name in MASKS.items() if one not in self.blind}
            for at, name in enumerate(own.classes):
                if name in short:
                    drawn = self.signs.masks[short[name]].astype(np.float32) / 255
                    found[at] = cv2.warpAffine(drawn, frame.matrix, (side, side))
        return found

    def install(self, *what: str, size: int = 512, **grade: object) -> Told:
        """Put the cards into the house: of the grade always, of `lesions` (with the disc) and `quality` where asked."""
        described(self.models, grade_facts(**grade))
        if "lesions" in what:
            described(self.models, disc_facts())
            described(
                self.models, lesions_facts(size) | {"enough": self.enough, "fewest_pixels": self.fewest_pixels, "evidence": self.evidence}
            )
        if "quality" in what:
            described(self.models, quality_facts())
        return self


def told(models: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """From now on every network says what is told it, until the end of the test."""
    one = Told(models)
    monkeypatch.setattr(InProcess, "classify", lambda _, id, pixels: one.classify(id, pixels))
    monkeypatch.setattr(InProcess, "outline", lambda _, id, pixels: one.outline(id, pixels))
    return one


__all__ = ["QUALITY", "SCORE", "SIZE", "Told", "eye", "photo_of", "told"]
