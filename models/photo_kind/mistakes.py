"""What people send by mistake, made by code: screenshots, documents, plain colours, drawings, charts."""

from __future__ import annotations

import cv2
import numpy as np

WORDS = tuple(
    "the of and to in is you that it he was for on are as with his they at be this have from or one had by "  # noqa: SIM905
    "word but not what all were we when your can said there use an each which she do how their if will up other".split()
)
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    r, g, b = rng.integers(0, 256, 3).tolist()
    return r, g, b


def _pair(rng: np.random.Generator) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Ground and ink that can be told apart."""
    if rng.random() < 0.6:
        light, dark = int(rng.integers(225, 256)), int(rng.integers(0, 60))
        pair = ((light,) * 3, (dark,) * 3)
        return pair if rng.random() < 0.75 else pair[::-1]
    while True:
        a, b = _colour(rng), _colour(rng)
        if abs(sum(a) - sum(b)) > 200:
            return a, b


def _text(image: np.ndarray, rng: np.random.Generator, box: tuple[int, int, int, int], ink: tuple[int, int, int]) -> None:
    x0, y0, x1, y1 = box
    scale = float(rng.uniform(0.35, 1.1))
    font, line = FONTS[rng.integers(len(FONTS))], int(34 * scale)
    for y in range(y0 + line, y1, line):
        if rng.random() < 0.1:
            continue
        words = " ".join(rng.choice(WORDS, int(rng.integers(2, 14))))
        cv2.putText(image, words[: max(3, int((x1 - x0) / (17 * scale)))], (x0, y), font, scale, ink, 1 + int(scale > 0.8), cv2.LINE_AA)


def document(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Lines of text, at times a table, at times photographed at an angle on a table top."""
    ground, ink = _pair(rng)
    page = np.full((height, width, 3), ground, np.uint8)
    _text(page, rng, (width // 12, height // 14, width - width // 12, height - height // 14), ink)
    if rng.random() < 0.3:
        for x in np.linspace(width // 10, width - width // 10, int(rng.integers(3, 7))):
            cv2.line(page, (int(x), height // 2), (int(x), height - height // 10), ink, 1)
    if rng.random() < 0.4:
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        moved = (corners + rng.uniform(-0.15, 0.15, (4, 2)) * (width, height)).astype(np.float32)
        page = cv2.warpPerspective(page, cv2.getPerspectiveTransform(corners, moved), (width, height), borderValue=_colour(rng))
    return page


def screenshot(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Bars, cards, buttons, pictures in boxes, text."""
    ground, ink = _pair(rng)
    image = np.full((height, width, 3), ground, np.uint8)
    accent = _colour(rng)
    cv2.rectangle(image, (0, 0), (width, int(height * rng.uniform(0.04, 0.12))), accent, -1)
    for _ in range(int(rng.integers(2, 12))):
        x, y = int(rng.integers(0, width)), int(rng.integers(height // 10, height))
        w, h = int(rng.integers(width // 10, width)), int(rng.integers(height // 30, height // 3))
        cv2.rectangle(image, (x, y), (x + w, y + h), _colour(rng), -1 if rng.random() < 0.5 else 2)
    for _ in range(int(rng.integers(1, 5))):
        x, y = int(rng.integers(0, width // 2)), int(rng.integers(height // 10, height - height // 6))
        _text(image, rng, (x, y, width, int(y + height * rng.uniform(0.1, 0.5))), ink)
    return image


def plain(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """One colour (skin's too), a gradient, or noise: a covered lens, a wall, a sheet."""
    a = np.array(_colour(rng), np.float32)
    if rng.random() < 0.3:
        a = np.array((rng.uniform(150, 245), rng.uniform(110, 200), rng.uniform(90, 180)), np.float32)
    b = np.array(_colour(rng), np.float32) if rng.random() < 0.5 else a + rng.uniform(-25, 25)
    ramp = np.linspace(0, 1, width)[None, :, None] * rng.random() + np.linspace(0, 1, height)[:, None, None] * rng.random()
    image = a + (b - a) * ramp.clip(0, 1)
    if rng.random() < 0.5:
        image = image + rng.normal(0, rng.uniform(1, 40), (height, width, 1 if rng.random() < 0.5 else 3))
    if rng.random() < 0.1:
        image = image * rng.uniform(0, 0.15)
    return image.clip(0, 255).astype(np.uint8)


def drawing(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Coloured shapes and lines, a cartoon; discs too, so that a disc alone is no eye and no mole."""
    ground, ink = _pair(rng)
    image = np.full((height, width, 3), ground, np.uint8)
    for _ in range(int(rng.integers(1, 14))):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        axes = (int(rng.integers(4, max(5, width // 3))), int(rng.integers(4, max(5, height // 3))))
        fill = -1 if rng.random() < 0.6 else int(rng.integers(1, 6))
        what = rng.integers(4)
        if what == 0:
            cv2.ellipse(image, centre, axes, float(rng.uniform(0, 180)), 0, 360, _colour(rng), fill, cv2.LINE_AA)
        elif what == 1:
            points = (np.array(centre) + rng.normal(0, 0.2, (int(rng.integers(3, 7)), 2)) * (width, height)).astype(np.int32)
            cv2.fillPoly(image, [points], _colour(rng), cv2.LINE_AA)
        elif what == 2:
            points = (np.array(centre) + np.cumsum(rng.normal(0, 0.05, (30, 2)), 0) * (width, height)).astype(np.int32)
            cv2.polylines(image, [points], False, ink, int(rng.integers(1, 6)), cv2.LINE_AA)
        else:
            cv2.rectangle(image, centre, (centre[0] + axes[0], centre[1] + axes[1]), _colour(rng), fill)
    return image


def chart(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Bars or curves on axes."""
    ground, ink = _pair(rng)
    image = np.full((height, width, 3), ground, np.uint8)
    left, bottom = width // 8, height - height // 8
    cv2.line(image, (left, height // 10), (left, bottom), ink, 2)
    cv2.line(image, (left, bottom), (width - width // 12, bottom), ink, 2)
    n = int(rng.integers(3, 20))
    xs = np.linspace(left, width - width // 8, n)
    ys = bottom - rng.random(n) * height * 0.7
    if rng.random() < 0.5:
        colour = _colour(rng)
        for x, y in zip(xs, ys, strict=True):
            cv2.rectangle(image, (int(x), int(y)), (int(x + width / (1.5 * n)), bottom), colour, -1)
    else:
        for _ in range(int(rng.integers(1, 4))):
            ys = bottom - np.abs(np.cumsum(rng.normal(0, 0.1, n))).clip(0, 1) * height * 0.7
            cv2.polylines(image, [np.stack((xs, ys), 1).astype(np.int32)], False, _colour(rng), 2, cv2.LINE_AA)
    _text(image, rng, (left, 0, width, height // 8), ink)
    return image


MAKERS = (document, screenshot, plain, drawing, chart)


def mistake(rng: np.random.Generator) -> np.ndarray:
    """One random picture, uint8 RGB, 160 to 420 pixels a side."""
    height, width = (int(v) for v in rng.integers(160, 420, 2))
    maker = MAKERS[rng.integers(len(MAKERS))]
    return maker(rng, height, width)
