"""The Dice index at every threshold at once, from counts of pixels by chance, so that no photo has to be run again."""

from __future__ import annotations

from typing import Any

import numpy as np

LEVELS = 256


def counts(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Pixels of one photo by chance: (classes, 2, 256) int64, of the class first, then all; chances (classes, H, W) 0-1.

    `truth` (H, W) uint8 has a bit per class.
    """
    out = np.zeros((len(chances), 2, LEVELS), np.int64)
    for c, chance in enumerate(chances):
        level = np.clip(chance * LEVELS, 0, LEVELS - 1).astype(np.uint8)
        out[c, 0] = np.bincount(level[(truth >> c & 1) > 0], minlength=LEVELS)
        out[c, 1] = np.bincount(level.ravel(), minlength=LEVELS)
    return out


def dice(found: np.ndarray) -> np.ndarray:
    """Dice (..., 256) by threshold, of counts (..., 2, 256): twice what both outlined, by the sum of what either did.

    At index t a pixel is outlined where its chance is at least t / 256; 1 where neither outlined anything.
    """
    true, said = (found[..., i, ::-1].cumsum(-1)[..., ::-1] for i in (0, 1))
    either = said + found[..., 0, :].sum(-1, keepdims=True)
    return np.where(either > 0, 2 * true / np.maximum(either, 1), 1.0)


def best(found: np.ndarray) -> np.ndarray:
    """The threshold index (classes,) with the best Dice, all pixels of all photos pooled; counts (photos, classes, 2, 256).

    The middle of those within 0.002 of the best, so that it does not hang on one photo. Never 0, which outlines all.
    """
    curve = dice(found.sum(0))[:, 1:]
    good = curve >= curve.max(1, keepdims=True) - 0.002
    return np.array([1 + int(np.median(np.flatnonzero(row))) for row in good])


def figures(found: np.ndarray, cut: np.ndarray, classes: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """By class, at the thresholds `cut` (photos, classes) of counts (photos, classes, 2, 256):

    `pooled`: Dice of all pixels of the photos where the sign was outlined, taken together; `per_photo`: mean of their own Dice;
    `pooled_all`: the same as `pooled` over all photos, those without the sign too, where every outline is a false one;
    `photos`: with the sign; `clean`: share of the photos without it in which nothing was outlined (NaN is left out).
    """
    out: dict[str, dict[str, float]] = {}
    rows = np.arange(len(found))
    for c, name in enumerate(classes):
        one = found[:, c]
        true, said = (one[:, i, ::-1].cumsum(-1)[:, ::-1][rows, cut[:, c]] for i in (0, 1))
        size = one[:, 0].sum(-1)
        has = size > 0
        out[name] = {
            "pooled": _index(true[has].sum(), said[has].sum() + size[has].sum()),
            "per_photo": round(float(np.mean([_index(t, s) for t, s in zip(true[has], (said + size)[has], strict=True)])), 4)
            if has.any()
            else 0.0,
            "pooled_all": _index(true.sum(), said.sum() + size.sum()),
            "photos": int(has.sum()),
        }
        if not has.all():
            out[name]["clean"] = round(float((said[~has] == 0).mean()), 4)
    return out


def on_val(found: np.ndarray, classes: tuple[str, ...]) -> tuple[np.ndarray, dict[str, Any]]:
    """The best threshold index (classes,) on val, and for a card: `thresholds` with why, and the `figures` there as `metrics_val`."""
    cut = best(found)
    why = "best Dice on val, all pixels of all its photos together"
    thresholds = {name: {"value": round(int(t) / LEVELS, 4), "why": why} for name, t in zip(classes, cut, strict=True)}
    return cut, {"thresholds": thresholds, "metrics_val": {"dice": figures(found, np.tile(cut, (len(found), 1)), classes)}}


def intervals(
    found: np.ndarray, cut: np.ndarray, classes: tuple[str, ...], repeats: int = 2000, seed: int = 5
) -> dict[str, dict[str, float]]:
    """`pooled` of `figures` by class as `value`, with its 95 % interval (`low`, `high`; bootstrap over photos) and `n`, the photos."""
    rng, out = np.random.default_rng(seed), {}
    rows = np.arange(len(found))
    for c, name in enumerate(classes):
        true, said = (found[:, c, i, ::-1].cumsum(-1)[:, ::-1][rows, cut[:, c]] for i in (0, 1))
        size = found[:, c, 0].sum(-1)
        both, sizes = 2 * true[size > 0], (said + size)[size > 0]
        if (n := len(both)) == 0:
            continue  # nothing was outlined, so nothing was measured
        pick = rng.integers(0, n, (repeats, n))
        drawn = both[pick].sum(1) / sizes[pick].sum(1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        out[name] = {"value": _index(both.sum() / 2, sizes.sum()), "low": round(float(low), 4), "high": round(float(high), 4), "n": n}
    return out


def _index(both: float, sizes: float) -> float:
    return round(float(2 * both / sizes), 4) if sizes else 1.0
