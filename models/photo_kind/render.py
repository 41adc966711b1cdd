"""Render a photo again at a random size, crop, aspect and JPEG quality.

The folders of the data differ in pixel size and aspect; a network that sees the files as they
are learns the folder. Training and every reported figure go through this.
"""

from __future__ import annotations

import cv2
import numpy as np


def render(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """uint8 RGB (H, W, 3) to uint8 RGB of another size: crop, stretch, resize, JPEG."""
    height, width = image.shape[:2]
    area = rng.uniform(0.45, 1.0)
    aspect = float(np.exp(rng.uniform(-0.35, 0.35)))  # of the crop, against the photo's own
    w = int(min(width, max(24.0, width * np.sqrt(area * aspect))))
    h = int(min(height, max(24.0, height * np.sqrt(area / aspect))))
    x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
    image = image[y : y + h, x : x + w]
    if rng.random() < 0.15:  # a border, as screenshots and dermatoscopes leave
        pad = int(0.15 * rng.random() * max(h, w)) + 1
        image = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(int(rng.choice((0, 255))),) * 3)
    longer = int(np.exp(rng.uniform(np.log(120), np.log(448))))
    factor = longer / max(image.shape[:2])
    squash = float(np.exp(rng.uniform(-0.15, 0.15)))
    size = (max(24, int(image.shape[1] * factor * squash)), max(24, int(image.shape[0] * factor / squash)))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    if rng.random() < 0.15:
        image = vignette(image, rng)
    ok, data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))])
    if not ok:
        raise ValueError("JPEG encoding failed")
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


def vignette(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Darken outside a circle, as a dermatoscope's tube does; on every kind, so that it is no cue."""
    height, width = image.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    x = x * width / max(height, width)
    y = y * height / max(height, width)
    radius, soft = rng.uniform(0.8, 1.1), rng.uniform(0.01, 0.15)
    keep = 1 / (1 + np.exp((np.hypot(x, y) - radius) / soft))
    return (image * keep[:, :, None]).astype(np.uint8)
