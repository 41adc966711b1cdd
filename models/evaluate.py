"""Recompute every figure of the cards from the data set and print it beside the card's.

python -m models.evaluate [ID...] --data DIR
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.vision.card import card, card_ids
from models.training.data import data_folder

TOLERANCE = 0.002
"""Figures may differ by this much between machines: rounding in other processors' instructions."""

FIGURES = ("metrics", "metrics_val", "recall", "coverage", "confusion", "reliability", "thresholds")


MEASURED_ONCE = ("metrics.alternatives.",)
"""Figures of networks that do not ship, and of their speed: only training them again measures those again."""


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number in nested mappings and lists, with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from numbers(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from numbers(inner, f"{path}[{i}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)


def recompute(id: str, folder: Path) -> dict[str, Any]:
    """The figures of one network under the rule its card ships."""
    figures: dict[str, Any] = importlib.import_module(f"models.{id}.report").recompute(folder)
    return figures


def compare(id: str, folder: Path) -> tuple[list[tuple[str, float, float]], float]:
    """(figure, in the card, recomputed) of one network, and the largest difference."""
    shown = dict(numbers({k: v for k, v in card(id).facts.items() if k in FIGURES}))
    again = dict(numbers({k: v for k, v in recompute(id, folder).items() if k in FIGURES}))
    rows = [
        (name, shown.get(name, float("nan")), again.get(name, float("nan")))
        for name in {**shown, **again}
        if not name.startswith(MEASURED_ONCE)
    ]
    worst = max((abs(a - b) if abs(a - b) == abs(a - b) else float("inf") for _, a, b in rows), default=0.0)
    return rows, worst


def main() -> int:
    """Command line; 0 when every figure is within the tolerance, else 1."""
    line = argparse.ArgumentParser(description=__doc__)
    line.add_argument("ids", nargs="*", metavar="ID", help="networks; all by default: " + ", ".join(card_ids()))
    line.add_argument("--data", type=Path, default=data_folder())
    line.add_argument("--json", type=Path, help="write all rows here too")
    options = line.parse_args()
    logging.basicConfig(level=logging.WARNING)
    unknown = set(options.ids) - set(card_ids())
    if unknown:
        line.error(f"there is no network {', '.join(sorted(unknown))}")
    status, everything = 0, {}
    for id in options.ids or card_ids():
        rows, worst = compare(id, options.data)
        everything[id] = rows
        sys.stdout.write(f"\n{id} {card(id).version}\n{'figure':52} {'card':>10} {'now':>10}\n")
        for name, shown, again in rows:
            if "confusion" not in name and "reliability" not in name:
                sys.stdout.write(f"{name:52} {shown:10.4f} {again:10.4f}{'' if abs(shown - again) <= TOLERANCE else '   <- differs'}\n")
        sys.stdout.write(f"largest difference {worst:.4f}\n")
        status |= worst > TOLERANCE
    if options.json:
        options.json.write_text(json.dumps(everything))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
