"""A model card in words and tables for people. Only what the card measured is said; what is missing is left out."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from core.examinations.condition_rule import CLASSES, SPOTS, SUSPICIOUS, URGENT
from core.ui.evidence_says import Topic
from core.ui.evidence_words import COUNTED, KINDS, METRICS, POINTS, TOPICS, says
from core.ui.moments import SPACE, exact_percent
from core.vision.card import Card

NOT_SAID = "not said"
MINUS = "\N{MINUS SIGN}"
FEWEST = 20
"""Photos a group needs to have figures (the same number stands in models/skin_lesion/truth.py and models/*/measure.py)."""
BEHIND: Mapping[str, tuple[str, ...]] = {
    "suspicious_sensitivity": SUSPICIOUS,
    "suspicious_specificity": tuple(name for name in SPOTS if name not in SUSPICIOUS),
    "suspicious_auroc": SPOTS,
    "suspicious_auroc_of_spots": SPOTS,
    **{name: tuple(c for c in CLASSES if c not in {*SPOTS, *URGENT}) for name in ("rash_lists_cancer", "rash_refer")},
    "refer_sensitivity": URGENT,
    **{f"{name}_{what}": (name,) for name in ("impetigo", "herpes") for what in ("refer", "listed")},
}
"""Figures of `skin_condition` that are of the photos of some classes only, though their `n` counts all."""


class Measured(NamedTuple):
    """A figure with its 95 % interval on `n` photos; the interval is NaN and `n` 0 where the card does not say them."""

    value: float
    low: float
    high: float
    n: int

    @property
    def has_interval(self) -> bool:
        """Whether the doubt was measured."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def dot(self, name: str) -> tuple[str, float, float, float]:
        """For a chart: (name, value, low, high), no wider than a point where the doubt was not measured."""
        return (name, self.value, self.low, self.high) if self.has_interval else (name, self.value, self.value, self.value)


TONES = (
    "The photos do not say what skin tone a person has, so there are no figures by skin tone. Nearly all of them show light skin. "
    "On dark skin it may be wrong more often: be more careful there, and show a spot that worries you to a doctor."
)


def _number(it: Any) -> float:
    """A number of a card; NaN when it is none (null, NaN or not there)."""
    return float(it) if isinstance(it, int | float) and not isinstance(it, bool) and math.isfinite(it) else math.nan


def measured(facts: Any) -> Measured | None:
    """A figure of a card, None when it is not one (or was not measured). A bare number is one without an interval."""
    own = facts if isinstance(facts, Mapping) else {"value": facts}
    value = _number(own.get("value"))
    return None if math.isnan(value) else Measured(value, _number(own.get("low")), _number(own.get("high")), int(own.get("n") or 0))


def shown(name: str, value: float) -> str:
    """The value of a figure as people read it: a share in percent, a difference of shares in points, a number with one decimal."""
    if name in COUNTED:
        text = f"{value:.1f}"
    elif name in POINTS:
        text = f"{value * 100:.1f}{SPACE}points"
    else:
        text = f"{value * 100:.1f}{SPACE}%" if value < 0.1 else exact_percent(value)
    return text.replace("-", MINUS)


def between(name: str, it: Measured) -> str:
    """The 95 % interval of a figure as people read it."""
    return f"{shown(name, it.low)} to {shown(name, it.high)}" if it.has_interval else NOT_SAID


def metrics(card: Card) -> dict[str, Measured]:
    """Every figure of the card, known ones first in the order they are told."""
    found = {name: it for name, facts in card.facts.get("metrics", {}).items() if (it := measured(facts)) is not None}
    known = [name for name in METRICS if name in found]
    return {name: found[name] for name in [*known, *sorted(set(found) - set(known))]}


def photos_of(card: Card, classes: Collection[str]) -> int:
    """Photos of the test that show one of the classes; 0 when the card does not say it of each."""
    counts = [int(card.facts.get("recall", {}).get(id, {}).get("n") or 0) for id in classes]
    return sum(counts) if all(counts) else 0


def behind(card: Card, name: str, it: Measured) -> int:
    """Photos behind a figure; 0 when the card does not say it."""
    if card.id == "skin_condition" and name in BEHIND:
        return photos_of(card, BEHIND[name])
    return it.n


def sentence(card: Card, name: str, it: Measured) -> str:
    """One figure as a sentence; one below zero in the words for that, and one of few photos with their number."""
    words, n = says(name, card.id), behind(card, name, it)
    below = it.value < 0 and bool(words.below)
    said = (words.below if below else words.sentence).format(f"**{shown(name, -it.value if below else it.value)}**")
    return f"{said} These are only {n} photos: too few to be sure." if 0 < n < FEWEST else said


def sentences(card: Card, names: Collection[str] | None = None) -> list[str]:
    """The figures as sentences: `names` only, or all that no topic tells."""
    topics = {name for topic in TOPICS for name in topic.names}
    return [sentence(card, name, it) for name, it in metrics(card).items() if (name in names if names is not None else name not in topics)]


def topics(card: Card) -> list[tuple[Topic, list[str]]]:
    """What is told under a title of its own, with its sentences; topics of which nothing was measured are left out."""
    return [(topic, lines) for topic in TOPICS if (lines := sentences(card, topic.names))]


def metrics_table(card: Card) -> dict[str, list[str]]:
    """The figures with their intervals."""
    rows = metrics(card).items()
    return {
        "Figure": [says(name, card.id).title for name, _ in rows],
        "Value": [shown(name, it.value) for name, it in rows],
        "95 % interval": [between(name, it) for name, it in rows],
        "Photos": [f"{n:,}" if (n := behind(card, name, it)) else NOT_SAID for name, it in rows],
    }


def photos_tested(card: Card) -> int:
    """Photos of the test: as the card says, else those behind its first figure; 0 when none says."""
    return int(card.facts.get("photos_tested") or 0) or next((it.n for it in metrics(card).values() if it.n), 0)


def tested(card: Card) -> str:
    """How the photos were kept from the network that was asked about them, in a sentence; empty when the card does not say it."""
    photos, crossed = photos_tested(card), card.facts.get("metrics", {}).get("crossval")
    if isinstance(crossed, Mapping):
        parts = int(crossed.get("folds") or 0)
        return (
            f"There are only **{photos:,} photos**, too few to keep some aside. So we cut them into {parts} parts, and {parts} networks "
            "learned from all parts but one and were asked about that one. The network here learned like them."
        )
    return (
        f"We kept **{photos:,} photos** aside that the network had never seen, and asked it once. These are the answers." if photos else ""
    )


def data_table(card: Card) -> dict[str, list[str]]:
    """Where the photos came from and under which licence."""
    rows = [row for row in card.facts.get("data", []) if isinstance(row, Mapping)]
    return {
        "Photos or weights": [str(row.get("name", "")) for row in rows],
        "From": [str(row.get("source", row.get("use", KINDS.get(str(row.get("kind", "")), "")))) for row in rows],
        "Licence": [str(row.get("licence", "")) for row in rows],
    }


def licences(card: Card) -> list[str]:
    """The licences of code, data and weights, one sentence each."""
    return [f"**{name.capitalize()}:** {text}" for name, text in card.facts.get("licences", {}).items() if text != "see data"]
