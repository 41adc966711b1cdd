"""What pictures are drawn with: smooth noise, cells, blobs, hairs. Every brush takes its own random generator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Map = NDArray[np.float32]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Strand:
    """A curved line from (x, y) along `angle`, in units and radians; `bend`: how far it turns over its length; `strength` 0-1."""

    x: float
    y: float
    angle: float
    length: float
    width: float
    bend: float
    strength: float = 1.0


@dataclass
class Canvas:
    """A picture being drawn: `ink` float32 RGB (height, width, 3), 0-255 before it is finished.

    Lengths are given in `unit`, a hundredth of the shorter side, so that a picture looks the same at any size.
    `growth` enlarges blobs and nothing else.
    """

    rng: np.random.Generator
    width: int
    height: int
    growth: float = 1.0

    def __post_init__(self) -> None:
        self.unit = min(self.width, self.height) / 100
        self.ink = np.zeros((self.height, self.width, 3), np.float32)
        self.y, self.x = (a.astype(np.float32) / self.unit for a in np.mgrid[: self.height, : self.width])

    @property
    def middle(self) -> tuple[float, float]:
        """(x, y) of the centre, in units."""
        return self.width / self.unit / 2, self.height / self.unit / 2

    def mix(self, colour: ArrayLike, amount: ArrayLike) -> None:
        """Lay a colour over the picture; `amount` a map (h, w) or a number, 0-1."""
        share = np.clip(np.asarray(amount, np.float32), 0, 1)
        if share.ndim == 2:
            share = share[..., None]
        self.ink += (np.asarray(colour, np.float32) - self.ink) * share

    def blur(self, values: NDArray[np.floating[Any]], sigma: float) -> Map:
        """Gaussian blur, sigma in units."""
        return np.asarray(cv2.GaussianBlur(np.asarray(values, np.float32), (0, 0), max(sigma * self.unit, 0.3)), np.float32)

    def noise(self, *scales: float) -> Map:
        """Smooth noise about 0 of standard deviation 1, an octave for each scale in units, each half as strong as the one before."""
        total = np.zeros((self.height, self.width), np.float32)
        for i, scale in enumerate(scales):
            step = max(scale * self.unit, 1.0)
            shape = (int(self.height / step) + 4, int(self.width / step) + 4)
            octave = cv2.resize(self.rng.standard_normal(shape).astype(np.float32), None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
            octave = octave[: self.height, : self.width]
            total += octave / max(float(octave.std()), 1e-6) / 2**i
        return total / max(float(total.std()), 1e-6)

    def cells(self, step: float, width: float, warp: float = 0.5) -> Map:
        """Edges 0-1 of uneven cells `step` units wide with lines `width` units thick: skin furrows, or a pigment network."""
        columns, rows = self.width / self.unit / step, self.height / self.unit / step
        net = cv2.Subdiv2D((-9 * self.width, -9 * self.height, 19 * self.width, 19 * self.height))
        down, across = np.arange(-1, rows + 2, 0.87), np.arange(-1, columns + 2)
        at = np.stack((across[None] + np.arange(len(down))[:, None] % 2 / 2, np.broadcast_to(down[:, None], (len(down), len(across)))), 2)
        at = (at.reshape(-1, 2) + self.rng.normal(0, 0.17, (at.size // 2, 2))) * step * self.unit
        net.insert(at.astype(np.float32).tolist())
        edges = np.zeros((self.height, self.width), np.uint8)
        thick = max(1, round(width * self.unit))
        found = net.getVoronoiFacetList([])[0]
        every = np.round(np.clip(np.concatenate(found), -self.width, 2 * self.width) * 8).astype(np.int32)
        ends = np.cumsum([len(one) for one in found]).tolist()
        facets = [every[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]  # np.split takes ten times as long
        cv2.polylines(edges, facets, True, 255, thick, cv2.LINE_AA, shift=3)
        bend = warp * step * self.unit
        pull = [self.noise(step * 1.6, step * 0.7) * bend * 0.35 for _ in range(2)]
        across, down = self.x * self.unit + pull[0], self.y * self.unit + pull[1]
        warped = cv2.remap(edges, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return self.blur(np.asarray(warped, np.float32) / 255, width * 0.5)

    def blob(self, x: float, y: float, radius: float, rough: float, soft: float, stretch: float = 1.0, angle: float = 0.0) -> Map:
        """How far inside an uneven round shape each pixel is, 0-1, 0.5 on its outline; `soft`: border by radius."""
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        u = ((self.x - x) * cos + (self.y - y) * sin) / np.float32(stretch)
        v = (self.y - y) * cos - (self.x - x) * sin
        turn, distance = np.arctan2(v, u), np.hypot(u, v) / np.float32(self.growth)
        edge = np.zeros_like(turn)
        for k in range(2, 8):
            edge += np.float32(self.rng.normal(0, rough / k)) * np.cos(k * turn + np.float32(self.rng.uniform(0, 2 * np.pi)))
        edge += self.noise(radius * 0.5, radius * 0.2, radius * 0.08) * np.float32(rough * 0.4)
        depth = (radius * (1 + edge) - distance) / (radius * soft)
        return np.asarray(1 / (1 + np.exp(-np.clip(depth, -30, 30))), np.float32)

    def dots(self, where: NDArray[np.bool_], count: int, small: float, large: float) -> Map:
        """`count` round spots of `small` to `large` units radius, their centres where `where` is true."""
        layer = np.zeros((self.height, self.width), np.float32)
        rows, columns = np.nonzero(where)
        for i in (self.rng.random(count) * len(rows)).astype(int) if len(rows) else ():
            radius = float(small + (large - small) * self.rng.random() ** 2) * self.unit
            axes = (max(1, round(radius)), max(1, round(radius * self.rng.uniform(0.7, 1.0))))
            centre = (int(columns[i]), int(rows[i]))
            cv2.ellipse(layer, centre, axes, float(self.rng.uniform(0, 180)), 0, 360, float(self.rng.uniform(0.6, 1)), -1, cv2.LINE_AA)
        return self.blur(layer, small * 0.5)

    def strands(self, strands: Iterable[Strand]) -> Map:
        """Curved lines that taper at their ends, 0-1: hairs or small vessels. One layer for all: each layer costs time."""
        layer = np.zeros((self.height, self.width), np.uint8)
        t = np.linspace(0, 1, 40)
        for one in strands:
            heading = one.angle + one.bend * t + np.cumsum(self.rng.normal(0, 0.012, 40))
            step = one.length * self.unit / 40
            line = np.stack(
                [one.x * self.unit + np.cumsum(np.cos(heading)) * step, one.y * self.unit + np.cumsum(np.sin(heading)) * step], 1
            )
            side = np.stack([-np.sin(heading), np.cos(heading)], 1) * (one.width * self.unit / 2 * (1 - 0.85 * t))[:, None]
            ribbon = np.concatenate([line + side, (line - side)[::-1]])
            cv2.fillPoly(layer, [np.round(ribbon * 16).astype(np.int32)], round(255 * one.strength), cv2.LINE_AA, shift=4)
        return self.blur(np.asarray(layer, np.float32) / 255, 0.09)

    def finished(self, grain: float) -> NDArray[np.uint8]:
        """The picture as a camera writes it: `grain` levels of noise, mostly the same in all colours."""
        shape = (self.height, self.width)
        noisy = self.ink + self.rng.normal(0, grain, shape)[..., None] + self.rng.normal(0, grain * 0.4, (*shape, 3))
        return np.clip(noisy, 0, 255).astype(np.uint8)
