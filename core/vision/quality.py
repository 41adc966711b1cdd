"""Is a photo good enough to examine? Measured on the picture itself, without a network.

Everything is measured on a copy of one standard size, so that the figures do not depend on how many
pixels the camera has. The limits are set on the `val` photographs of HAM10000 and their spoiled
copies; `python -m models.training.quality_report --data DIR` prints what they do on `test`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.photo import SMALLEST_SIDE

STANDARD_SIDE = 224
"""Longer side in pixels of the copy that is measured; smaller photos are enlarged to it. At 320 px photos
that are only a little soft fell under the same limit as badly blurred ones, and JPEG blocks hid the blur."""


DIRECTIONS = 8
"""With four, a camera moved along a direction between two of them got through."""


@dataclass(frozen=True)
class Limits:
    """When a photo is too poor. Units as in `Quality`; each with the reason for its value."""

    sharpness: float = 0.48
    """0.3 % of `val` photos, as they are and at other sizes and JPEG qualities, lie below; of copies
    blurred by sigma 4 px at 320 px width all (after JPEG quality 50: 97 %), by sigma 1 px 2 %."""
    brightness: float = 60.0
    """The darkest `val` photo has 130, one at a fifth of its light at most 48. Not higher: dark skin is not a dark photo."""
    median: float = 238.0
    """The lightest of `val` has 237: a photo with more is white for the larger part."""
    overexposed_clipped: float = 0.60
    overexposed_white: float = 0.25
    """Both together: at 2.5 times the light 97 in 100 have more of both, no photo of `val` has both."""
    glare: float = 0.08
    """2 of 977 photos of `val` have more; a white blob over 15 % of the picture leaves 0.11 with soft edges, 0.14 with sharp ones."""
    subject: float = 0.005
    """Under 0.5 % a spot is 15 px wide in what the networks see: nothing of it can be judged. 1 of 977 in `val`."""


LIMITS = {
    "dermatoscopic": Limits(),
    # Ordinary photos have parts out of focus by nature.
    "clinical": replace(Limits(), sharpness=0.45, brightness=45.0, glare=0.20),
    # Dark and smooth around a round field. Of the 528 `val` photos of eyes none is beyond these: the least sharp has 0.40, the
    # darkest 44, the most clipped 0.49 with 0.013 of white. A network sees what is finer (`core.examinations.retina_quality`).
    "fundus": replace(Limits(), sharpness=0.35, brightness=30.0, glare=0.12, overexposed_clipped=0.40, overexposed_white=0.05),
}
"""Limits by kind of photo. Those for clinical photos are loose first settings."""


@dataclass(frozen=True)
class Quality:
    """What was measured.

    `sharpness`: fine by coarse detail at the edges, in the least sharp direction, 0 to about 3, no unit.
    `brightness`: luminance that a tenth of the picture exceeds, 0-255. `median`: median luminance, 0-255.
    `clipped`: share of the picture with a colour at its upper end, 0-1. `white`: share that is white, 0-1.
    `subject`: share of the picture the lesion covers, 0-1; None without a mask. `shorter_side`: pixels.
    """

    sharpness: float
    brightness: float
    median: float
    clipped: float
    white: float
    subject: float | None
    shorter_side: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in plain words, and how to take a better photo.

    `code`: too_small, dark, bright, glare, blurred or subject_small.
    """

    code: str
    reason: str
    hint: str


PROBLEMS = {
    problem.code: problem
    for problem in (
        Problem(
            "too_small", "The picture is too small to see details.", "Send the photo as the camera took it, not a small preview of it."
        ),
        Problem("dark", "The photo is too dark.", "Turn on the light of the dermatoscope, or go where it is brighter, and take it again."),
        Problem(
            "bright",
            "The photo is too bright: most of it is washed out to white.",
            "Use less light, or tap on the skin to set the brightness.",
        ),
        Problem(
            "glare",
            "A bright reflection hides part of the skin.",
            "Tilt the lens a little, press it flat on the skin, or use more gel, and take it again.",
        ),
        Problem("blurred", "The photo is blurred.", "Clean the lens, hold still, wait until the picture is sharp, and take it again."),
        Problem(
            "subject_small", "The spot is very small in the picture.", "Move closer, so that the spot fills a good part of the picture."
        ),
    )
}


def measure(pixels: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> Quality:
    """Measure RGB uint8 pixels (h, w, 3) of any size. `mask`: uint8 (any h, w), the lesion is where it is not 0."""
    scale = STANDARD_SIDE / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    small = _without_frame(np.asarray(small, dtype=np.uint8))
    light = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return Quality(
        sharpness=_sharpness(light),
        brightness=float(np.percentile(light, 90)),
        median=float(np.median(light)),
        clipped=float((_highest(small) >= 252).mean()),
        white=float((_smooth(light, 1) >= 244).mean()),
        subject=None if mask is None else _share(mask),
        shorter_side=min(pixels.shape[:2]),
    )


def problems(pixels: NDArray[np.uint8], kind: str, mask: NDArray[np.uint8] | None = None) -> tuple[Problem, ...]:
    """What is wrong with RGB pixels (h, w, 3), the gravest first; empty when the photo is good enough.

    `kind`: dermatoscopic, clinical or fundus. `mask`: the outlined lesion; None leaves out its size.
    """
    return judge(measure(pixels, mask), kind)


def judge(found: Quality, kind: str) -> tuple[Problem, ...]:
    """The problems of measured values, by the limits of the kind (those of clinical photos for an unknown kind)."""
    limits = LIMITS.get(kind, LIMITS["clinical"])
    codes: list[str] = []
    if found.shorter_side < SMALLEST_SIDE:
        codes.append("too_small")
    washed_out = found.clipped >= limits.overexposed_clipped and found.white >= limits.overexposed_white
    if found.brightness < limits.brightness:
        codes.append("dark")
    elif found.median >= limits.median or washed_out:
        codes.append("bright")
    else:
        if found.white >= limits.glare:
            codes.append("glare")
        if found.sharpness < limits.sharpness:  # in the dark or in the white there is nothing to be sharp
            codes.append("blurred")
    problems_of_subject = () if found.subject is None else _of_subject(found.subject, limits)
    return (*(PROBLEMS[code] for code in codes), *problems_of_subject)


def subject_problems(mask: NDArray[np.uint8], kind: str) -> tuple[Problem, ...]:
    """What is wrong with the size of the outlined subject alone, as `problems` finds it. `mask`: uint8 (h, w), 0 outside."""
    return _of_subject(_share(mask), LIMITS.get(kind, LIMITS["clinical"]))


def _of_subject(share: float, limits: Limits) -> tuple[Problem, ...]:
    return (PROBLEMS["subject_small"],) if share < limits.subject else ()


def _share(mask: NDArray[np.uint8]) -> float:
    return cv2.countNonZero(mask) / mask.size


def _sharpness(light: NDArray[np.float32]) -> float:
    """Fine by coarse detail, measured along eight directions where the coarse detail is strong.

    Blur takes the fine detail and leaves the coarse, and along one direction only when the camera
    moved: so the least fine detail of them all is set against the mean coarse detail.
    What is found in flat parts is noise and JPEG blocks, and is taken off both, or a noisy blurred
    photo would look sharp. The idea of comparing a picture's own bands follows Crete et al. 2007
    (the blur effect) and Marr's difference of Gaussians.
    """
    layers = [_smooth(light, sigma) for sigma in (0.8, 1.6, 3.2, 6.4)]
    fine, coarse = (_slopes(layers[i] - layers[i + 1]) for i in (0, 2))
    inside = _inside(light)
    least_fine, all_coarse = np.inf, 0.0
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        fine_along = ((cos * fine[0] + sin * fine[1]) ** 2)[inside]
        coarse_map = (cos * coarse[0] + sin * coarse[1]) ** 2
        nearby, coarse_along = _smooth(coarse_map, 3)[inside], coarse_map[inside]
        middle, high = np.percentile(nearby, (50, 80))
        edges, flat = nearby >= high, nearby <= middle
        least_fine = min(least_fine, float(fine_along[edges].mean() - fine_along[flat].mean()))
        all_coarse += float(coarse_along[edges].mean() - coarse_along[flat].mean()) / DIRECTIONS
    if all_coarse < 1e-6:  # a plain colour: no edge to be sharp
        return 0.0
    return float(np.sqrt(max(least_fine, 0.0) / all_coarse))


def _highest(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of each pixel the highest colour; over a short last axis `max` takes ten times as long."""
    return np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def _smooth(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def _slopes(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    across, down = cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1)
    return np.asarray(across, dtype=np.float32), np.asarray(down, dtype=np.float32)


def _inside(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where skin is seen: without the black around a dermatoscope's round field, whose edge is sharp in any photo."""
    count, parts = cv2.connectedComponents((_smooth(light, 2) < 45).astype(np.uint8))
    touching = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    black = np.isin(parts, touching[touching > 0])
    inside = cv2.dilate(black.astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    return inside if inside.mean() >= 0.2 else np.ones_like(inside)


def _without_frame(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without rows and columns of one colour at the border, as some programs add; at most a third from each side."""
    height, width = pixels.shape[:2]
    varied_rows, varied_columns = (
        (cv2.reduce(pixels, across, cv2.REDUCE_MAX) - cv2.reduce(pixels, across, cv2.REDUCE_MIN)).reshape(-1, 3).max(axis=1) > 8
        for across in (1, 0)
    )
    if not varied_rows.any() or not varied_columns.any():
        return pixels
    top, left = (min(int(np.argmax(v)), len(v) // 3) for v in (varied_rows, varied_columns))
    bottom, right = (min(int(np.argmax(v[::-1])), len(v) // 3) for v in (varied_rows, varied_columns))
    return pixels[top : height - bottom, left : width - right]
