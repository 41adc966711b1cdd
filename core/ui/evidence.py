"""A model card in words and tables for people. Only what the card measured is said; what is missing is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.examinations.condition_texts import conditions
from core.examinations.texts import SkinClass, skin_classes
from core.ui.moments import SPACE, exact_percent, upper
from core.vision.card import Card


class Measured(NamedTuple):
    """A figure with its 95 % interval on `n` photos."""

    value: float
    low: float
    high: float
    n: int


class Says(NamedTuple):
    """How one figure is put: short title (a tile), and a sentence with `{}` for the value."""

    title: str
    sentence: str


METRICS = {
    "balanced_accuracy": Says("Right on average", "It names the right kind in {} of the photos, when every kind counts the same."),
    "refer_sensitivity": Says("Urgent flagged", "It sends {} of the spots that need a doctor to a doctor."),
    "refer_specificity": Says("Harmless spared", "It leaves {} of the harmless spots alone. The others it sends to a doctor to be safe."),
    "set_coverage": Says("Truth in its list", "The true kind is on its list of what cannot be excluded in {} of the photos."),
    "ece": Says("Off in certainty", "The chances it gives are off by {} on average."),
    "ece_label": Says("Off in what is shown", "The chance it shows for its answer is off by {} on average."),
    "accuracy": Says("Right in all", "It names the right kind in {} of all photos. Most are ordinary moles, so this alone says little."),
    "set_size": Says("Length of its list", "Its list of what cannot be excluded holds {} kinds on average."),
    "heat_peak_inside": Says("Looks at the spot", "The place it looked at most lies on the spot in {} of the photos."),
    "abstains_test": Says("Declines good photos", "It says “I can’t tell” on {} of the photos that are right for it."),
    # The folder of other photos has no part kept for the test, so these are the ones that the photo check was chosen on.
    "abstains_other": Says(
        "Declines other photos",
        "It says “I can’t tell” on {} of photos that show no skin, when it is made to look. "
        "These photos were also used while it was built.",
    ),
    "abstains_clinical": Says("Declines phone photos", "It says “I can’t tell” on {} of phone photos, when it is made to look."),
    "jaccard": Says("Overlap with experts", "Its outline and the outline of an expert share {} of the area that either covers."),
    "under_065": Says("Poor outlines", "The overlap with the expert is poor in {} of the photos."),
    "dice": Says("Dice", "In another measure of overlap, called Dice, it reaches {}."),
    "accuracy_test": Says("Right kind", "It tells the kind of photo right in {} of the photos."),
    "accuracy_val": Says("Right while building", "While it was built, it told the kind of photo right in {} of the photos."),
}
"""In the order they are told; figures of a card that are not here come after, by their own name."""
COUNTED = frozenset({"set_size"})
"""Figures that are counts, not shares."""
KINDS = {
    "dermatoscopic": "Through a dermatoscope",
    "clinical": "Skin, camera alone",
    "fundus": "Back of the eye",
    "other": "Something else",
    "made": "Drawings and documents",
    "lesion": "The spot",
}
TONES = (
    "The photos do not say what skin tone a person has, so there are no figures by skin tone. Nearly all of them show light skin. "
    "On dark skin it may be wrong more often: be more careful there, and show a spot that worries you to a doctor."
)


def measured(facts: Any) -> Measured | None:
    """A figure of a card, None when it is not one (or was not measured)."""
    if not isinstance(facts, Mapping) or facts.get("value") is None:
        return None
    value = float(facts["value"])
    return Measured(value, float(facts.get("low", value)), float(facts.get("high", value)), int(facts.get("n", 0)))


def shown(name: str, value: float) -> str:
    """The value of a figure as people read it: a share in percent, a count with one decimal."""
    return f"{value:.1f}" if name in COUNTED else (f"{value * 100:.1f}{SPACE}%" if value < 0.1 else exact_percent(value))


def metrics(card: Card) -> dict[str, Measured]:
    """Every figure of the card, known ones first in the order they are told."""
    found = {name: it for name, facts in card.facts.get("metrics", {}).items() if (it := measured(facts)) is not None}
    known = [name for name in METRICS if name in found]
    return {name: found[name] for name in [*known, *sorted(set(found) - set(known))]}


def says(name: str) -> Says:
    """How a figure is put; one that is not known here by its own name."""
    plain = upper(name.replace("_", " "))
    return METRICS.get(name, Says(plain, f"{plain}: {{}}."))


def sentences(card: Card) -> list[str]:
    """The figures as sentences."""
    return [says(name).sentence.format(f"**{shown(name, it.value)}**") for name, it in metrics(card).items()]


def metrics_table(card: Card) -> dict[str, list[str]]:
    """The figures with their intervals."""
    rows = metrics(card).items()
    return {
        "Figure": [says(name).title for name, _ in rows],
        "Value": [shown(name, it.value) for name, it in rows],
        "95 % interval": [f"{shown(name, it.low)} to {shown(name, it.high)}" for name, it in rows],
        "Photos": [f"{it.n:,}" if it.n else "not said" for _, it in rows],
    }


def class_name(card: Card, id: str) -> str:
    """The name of a class in plain words."""
    told: Mapping[str, SkinClass] = {**conditions(), **skin_classes()}
    if id in told:
        return told[id].name
    named = card.facts.get("class_names", {})
    return upper(str(KINDS.get(id) or named.get(id, id.replace("_", " "))).strip())


def recall(card: Card) -> list[tuple[str, Measured]]:
    """Share found per class: (name, figure). Photos kept for the test where there are any, else those of the building."""
    own = {name: it for name, facts in card.facts.get("recall", {}).items() if (it := measured(facts)) is not None}
    rows = []
    for name, it in own.items():
        stem, _, split = name.rpartition("_")
        if split == "val" and f"{stem}_test" in own:
            continue
        told = class_name(card, stem if split in ("val", "test") else name)
        rows.append((f"{told} (while building)" if split == "val" else told, it))
    return rows


def recall_table(rows: Sequence[tuple[str, Measured]]) -> dict[str, list[str]]:
    """`recall` as a table."""
    return {
        "Kind": [name for name, _ in rows],
        "Found": [exact_percent(it.value) for _, it in rows],
        "95 % interval": [f"{exact_percent(it.low)} to {exact_percent(it.high)}" for _, it in rows],
        "Photos": [f"{it.n:,}" for _, it in rows],
    }


def confusion_table(card: Card) -> dict[str, list[str]]:
    """The confusion matrix: one row for what it was, one column for what the network said."""
    counts = card.facts["confusion"]
    table = {"It was": [class_name(card, id) for id in card.classes]}
    for at, id in enumerate(card.classes):
        table[f"said {id.upper() if len(id) < 6 else class_name(card, id).lower()}"] = [f"{row[at]:,}" for row in counts]
    return table


def reliability_table(card: Card) -> dict[str, list[str]]:
    """The reliability curve as a table."""
    bins = card.facts["reliability"]
    return {
        "It said": [exact_percent(row["confidence"]) for row in bins],
        "It was right": [exact_percent(row["accuracy"]) for row in bins],
        "Photos": [f"{row['n']:,}" for row in bins],
    }


def thresholds_table(card: Card) -> dict[str, list[str]]:
    """For the kinds with a safety threshold: how often each is caught, and how often the others are let go."""
    rows = {id: facts for id, facts in card.facts.get("thresholds", {}).items() if "sensitivity_test" in facts}
    return {
        "Kind": [class_name(card, id) for id in rows],
        "On the list when it is there": [exact_percent(facts["sensitivity_test"]) for facts in rows.values()],
        "Off the list when it is not": [exact_percent(facts["specificity_test"]) for facts in rows.values()],
    }


def photos_tested(card: Card) -> int:
    """Photos behind the first figure of the card; 0 when none says."""
    return next((it.n for it in metrics(card).values() if it.n), 0)


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
