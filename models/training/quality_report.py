"""How the quality gate does on HAM10000: photos rejected, and spoiled copies rejected for the right reason.

python -m models.training.quality_report --data DIR [--split test] [--limit N]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from core.vision.quality import problems
from models.training.data import data_folder, ham10000

Spoil = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def blurred(sigma: float, quality: int | None = None, longer: int | None = None) -> Spoil:
    """Gaussian blur of `sigma` px at 320 px width, of a copy enlarged to `longer`, through JPEG where a quality is given."""

    def spoil(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        pixels = enlarged(pixels, longer)
        return jpeg(cv2.GaussianBlur(pixels, (0, 0), sigma * max(pixels.shape[:2]) / 320), quality)

    return spoil


def moved(length: int) -> Spoil:
    """The camera moved by `length` px at 320 px width, in any direction."""

    def spoil(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        angle, middle = rng.uniform(0, np.pi), length // 2
        dx, dy = round(middle * np.cos(angle)), round(middle * np.sin(angle))
        kernel = np.zeros((length, length), np.float32)
        cv2.line(kernel, (middle - dx, middle - dy), (middle + dx, middle + dy), 1.0, 1)
        return cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)

    return spoil


def lit(factor: float) -> Spoil:
    """Light times `factor`, cut off at 255."""
    return lambda pixels, rng: np.clip(pixels * np.float32(factor), 0, 255).astype(np.uint8)


def glaring(share: float, soft: float) -> Spoil:
    """A white reflection over `share` of the picture; `soft`: width of its border as a share of its radius."""

    def spoil(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        height, width = pixels.shape[:2]
        radius, stretch = np.sqrt(share * height * width / np.pi), rng.uniform(0.8, 1.25)
        x0, y0 = rng.uniform(0.25, 0.75, 2) * (width, height)
        y, x = np.mgrid[:height, :width]
        distance = np.hypot((x - x0) / stretch, (y - y0) * stretch)
        light = np.clip((radius * (1 + soft / 2) - distance) / (radius * soft), 0, 1)[..., None]
        return (pixels + (255 - pixels) * light).astype(np.uint8)

    return spoil


def plain(longer: int | None = None, quality: int | None = None) -> Spoil:
    """The photo itself, at another size and JPEG quality."""
    return lambda pixels, rng: jpeg(enlarged(pixels, longer), quality)


def enlarged(pixels: np.ndarray, longer: int | None) -> np.ndarray:
    """A copy whose longer side has `longer` px."""
    if longer is None:
        return pixels
    scale = longer / max(pixels.shape[:2])
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def jpeg(pixels: np.ndarray, quality: int | None) -> np.ndarray:
    """The pixels after a JPEG file of that quality."""
    if quality is None:
        return pixels
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR))


COPIES: dict[str, tuple[str, Spoil]] = {
    "as it is": ("", plain()),
    "at 240 px, JPEG quality 50": ("", plain(240, 50)),
    "at 1024 px, JPEG quality 50": ("", plain(1024, 50)),
    "blurred, sigma 3 px at 320 px": ("blurred", blurred(3)),
    "blurred, sigma 4 px at 320 px": ("blurred", blurred(4)),
    "blurred, sigma 6 px at 320 px": ("blurred", blurred(6)),
    "blurred by 4 px, then JPEG quality 50": ("blurred", blurred(4, 50)),
    "blurred by 4 px at 600 px, then JPEG quality 75": ("blurred", blurred(4, 75, 600)),
    "moved by 21 px at 320 px": ("blurred", moved(21)),
    "dark, a fifth of the light": ("dark", lit(0.2)),
    "dark, a tenth of the light": ("dark", lit(0.1)),
    "bright, 2.5 times the light": ("bright", lit(2.5)),
    "bright, 3 times the light": ("bright", lit(3.0)),
    "glare over 15 %, sharp": ("glare", glaring(0.15, 0.05)),
    "glare over 20 %, soft": ("glare", glaring(0.20, 0.5)),
}
"""Name of a copy to the code it must be rejected for (empty: it must pass) and how it is made."""


def quality_report(folder: Path, split: str = "test", limit: int | None = None, progress: bool = False) -> dict[str, dict[str, float]]:
    """Copy to {"right": share with the right answer, "n", and the share of each first code}.

    The photo itself is measured with its lesion mask, as the skin check does; copies without.
    `limit`: about so many photos, spread over the split.
    """
    lesions = ham10000(folder, masks=True, splits=(split,))
    assert lesions.masks is not None
    chosen = np.arange(len(lesions.images))[:: max(1, len(lesions.images) // limit) if limit else 1]
    table: dict[str, dict[str, float]] = {}
    for name, (expected, spoil) in tqdm(COPIES.items(), disable=not progress):
        rng = np.random.default_rng(0)
        codes: Counter[str] = Counter()
        for i in chosen:
            found = problems(spoil(lesions.images[i], rng), "dermatoscopic", lesions.masks[i] if name == "as it is" else None)
            codes[found[0].code if found else ""] += 1
        shares = {code or "passed": count / len(chosen) for code, count in codes.most_common()}
        table[name] = {"n": float(len(chosen)), "right": codes[expected] / len(chosen), **shares}
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--split", default="test", choices=("train", "val", "test"))
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    for name, row in quality_report(arguments.data, arguments.split, arguments.limit, progress=True).items():
        rest = ", ".join(f"{code} {share:.3f}" for code, share in row.items() if code not in ("n", "right"))
        print(f"{name:50s} n={row['n']:.0f} right {row['right']:.3f} ({rest})")


if __name__ == "__main__":
    main()
