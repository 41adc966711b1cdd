"""How right a network was in this clinic: what its findings turned out to be, against what it said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959964
"""Of the normal distribution, for a 95 % interval."""

Pair = tuple[str, str, tuple[str, ...]]
"""What a finding was, what the network said, and what it could not exclude."""


@dataclass(frozen=True)
class Share:
    """`k` of `n` (n over 0) with the 95 % interval of Wilson (J Am Stat Assoc 1927;22:209), 0-1."""

    k: int
    n: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.k / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high."""
        middle = (self.k + Z * Z / 2) / (self.n + Z * Z)
        half = Z / (self.n + Z * Z) * math.sqrt(self.k * (self.n - self.k) / self.n + Z * Z / 4)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Agreement:
    """`named`: it said what it was. `kept`: what it was stood among what it could not exclude. `by_class`: the same of each class."""

    named: Share
    kept: Share
    by_class: tuple[tuple[str, Share, Share], ...]


def agreement(pairs: Sequence[Pair]) -> Agreement | None:
    """What the outcomes say of a network, the class with most of them first; None without any."""
    if not pairs:
        return None
    classes = sorted({was for was, _, _ in pairs}, key=lambda name: (-sum(was == name for was, _, _ in pairs), name))
    rows = tuple((name, *_shares([pair for pair in pairs if pair[0] == name])) for name in classes)
    return Agreement(*_shares(pairs), rows)


def _shares(pairs: Sequence[Pair]) -> tuple[Share, Share]:
    named = sum(was == said for was, said, _ in pairs)
    kept = sum(was == said or was in kept for was, said, kept in pairs)
    return Share(named, len(pairs)), Share(kept, len(pairs))
