"""A toy examination that looks at pixels, and drawn spots for it: the screens are tested with or without the networks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np

from core.errors import PhotoRejected, Unavailable
from core.examinations import registry
from core.examinations.eczema_rule import decision, measured_anew
from core.examinations.finding import Context, Finding
from core.examinations.registry import Examination, examinations, register, unregister
from core.examinations.retina_texts import retina_words
from core.examinations.severity import severity
from core.examinations.words import Words
from core.photo import Photo, encode_jpeg


def spot(seed: int = 0, size: tuple[int, int] = (320, 240), radius: float = 0.25, brown: tuple[int, int, int] = (110, 70, 45)) -> bytes:
    """A brown disc on skin-coloured noise, as a JPEG."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (radius * min(size)) ** 2
    pixels = np.where(inside[..., None], np.array(brown), np.array([225, 180, 160]))
    noisy = pixels + np.random.default_rng(seed).normal(0, 4, pixels.shape)
    return encode_jpeg(np.clip(noisy, 0, 255).astype(np.uint8), quality=92)


class Toy:
    """Outlines what is dark and calls it by its share of the photo. Counts how often it was asked."""

    def __init__(self, id: str = "skin", title: str = "Toy check") -> None:
        self.runs: Counter[str] = Counter()
        self.unavailable = False
        self.examination = Examination(id, title, frozenset({"dermatoscopic"}), ("small", "large"), (), (), self.run, self.words)

    def run(self, photo: Photo, context: Context) -> Finding:
        self.runs[photo.sha256] += 1
        if self.unavailable:
            raise Unavailable("The weights of the network skin_lesion are missing.", "Please try again later.")
        if photo.pixels.std() < 8:
            raise PhotoRejected("The photo is too blurred.", "Hold still. Tap the spot before you shoot.", code="blurred")
        if photo.pixels.mean() > 215:
            raise PhotoRejected(
                "This looks like something other than skin.", "Photograph a spot on your skin.", code="wrong_kind", kind="other"
            )
        if photo.pixels[..., 2].mean() > photo.pixels[..., 0].mean():
            raise ZeroDivisionError("a fault in the toy")
        mask = (photo.pixels.mean(2) < 140).astype(np.uint8) * np.uint8(255)
        large = float(np.clip((mask > 0).mean() * 4, 0.01, 0.99))
        label = "large" if large > 0.5 else "small"
        return Finding(
            examination=self.examination.id,
            kind="dermatoscopic",
            status="ok",
            label=label,
            probabilities={"small": 1 - large, "large": large},
            cannot_exclude=(label,),
            refer=context.answers.any_yes,
            step="soon" if context.answers.any_yes else "watch",
            answers=context.answers,
            masks={"lesion": mask},
            heat=(mask / 255).astype(np.float32)[::8, ::8],
            numbers={"area_fraction": float((mask > 0).mean())},
        )

    def words(self, finding: Finding) -> Words:
        chance = finding.probabilities[finding.label]
        return Words(
            looks_like=f"It looks like a **{finding.label} disc**. Toys say so.",
            how_sure="Fairly sure.",
            sure=chance,
            cannot_exclude="A square.",
            step=finding.step,
            what_next="Show it to a doctor within two weeks." if finding.step == "soon" else "Keep an eye on it.",
            how_we_know="It counts dark pixels.",
            disclaimer="This is not a diagnosis.",
            possibilities=tuple(sorted(((name.capitalize(), p) for name, p in finding.probabilities.items()), key=lambda pair: -pair[1])),
        )


class Patches(Toy):
    """Takes what is red for affected and the rest for skin; measures it as the house does."""

    def __init__(self) -> None:
        super().__init__("eczema", "Toy eczema check")
        self.examination = replace(self.examination, measured_anew=measured_anew)

    def run(self, photo: Photo, context: Context) -> Finding:
        self.runs[photo.sha256] += 1
        if self.unavailable:
            raise Unavailable("The eczema check is not there yet.", "Please try again later.")
        mask = (photo.pixels[..., 1] < 140).astype(np.uint8) * np.uint8(255)
        skin = np.full_like(mask, 255)
        views = [(np.roll(mask, step, 0), skin) for step in (-3, 3)] + [(cv2.dilate(mask, np.ones((9, 9), np.uint8)), skin)]
        numbers = severity(photo.pixels, mask, skin, views).numbers()
        return Finding(
            examination="eczema", kind="clinical", probabilities={}, masks={"lesion": mask, "skin": skin}, numbers=numbers,
            **decision(numbers),
        )  # fmt: skip

    def words(self, finding: Finding) -> Words:
        return Words(
            looks_like=f"About **{finding.numbers['affected_fraction'] * 100:.0f} %** of the skin looks affected.", how_sure="Fairly sure.",
            sure=None, cannot_exclude="Other rashes.", step=finding.step, what_next="Show it.",
            how_we_know="", disclaimer="Not a diagnosis.",
        )  # fmt: skip


def patch(seed: int = 0, share: float = 0.25, size: tuple[int, int] = (320, 240)) -> bytes:
    """A red square that covers `share` of skin-coloured noise, as a JPEG."""
    width, height = size
    side = round((share * width * height) ** 0.5)
    pixels = np.full((height, width, 3), (225.0, 180.0, 160.0))
    top, left = (height - side) // 2, (width - side) // 2
    pixels[top : top + side, left : left + side] = (205, 95, 85)
    noisy = pixels + np.random.default_rng(seed).normal(0, 4, pixels.shape)
    return encode_jpeg(np.clip(noisy, 0, 255).astype(np.uint8), quality=95)


@contextmanager
def toy(id: str = "skin", title: str = "Toy check") -> Iterator[Toy]:
    """The toy in the place of the examination `id`; what was there before comes back."""
    with standing_in(Toy(id, title)) as one:
        yield one


@contextmanager
def standing_in(one: Toy) -> Iterator[Toy]:
    """A toy in the place of the examination it is called after; what was there before comes back."""
    id = one.examination.id
    before = examinations().get(id)
    register(one.examination)
    try:
        yield one
    finally:
        unregister(id)
        if before is not None:
            registry.register(before)


class Eyes(Toy):
    """Takes what is lightest for the disc and what is dark for bleeding, and calls every eye grade 2."""

    def __init__(self) -> None:
        super().__init__("retina", "Toy retina check")

    def run(self, photo: Photo, context: Context) -> Finding:
        self.runs[photo.sha256] += 1
        light = cv2.GaussianBlur(photo.pixels.astype(np.float32).mean(2), (0, 0), 3)
        disc = (light > np.percentile(light, 99)).astype(np.uint8) * np.uint8(255)
        blood = ((light > 20) & (light < 70)).astype(np.uint8) * np.uint8(255)
        left = float(np.nonzero(disc)[1].mean() < photo.pixels.shape[1] / 2)
        return Finding(
            examination="retina", kind="fundus", status="ok", label="2",
            probabilities={"0": 0.02, "1": 0.13, "2": 0.75, "3": 0.08, "4": 0.02}, cannot_exclude=("2",), refer=True, step="routine",
            step_reasons=("set:2",), masks={"he": blood, "disc": disc}, heat=(light / 255)[::8, ::8],
            numbers={"referable": 0.85, "he": 5.0, "left_eye": 0.02 + 0.96 * left, "least_grade": 2.0}, eye=context.eye,
        )  # fmt: skip

    def words(self, finding: Finding) -> Words:
        return retina_words(finding, {})
