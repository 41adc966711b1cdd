"""What a network does with each kind it knows: how many it finds, what it mixes up, whether its chances hold. For people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.examinations.condition_rule import SUSPICIOUS
from core.examinations.condition_texts import conditions
from core.examinations.texts import SkinClass, skin_classes
from core.ui.evidence import FEWEST, NOT_SAID, Measured, measured, photos_of
from core.ui.evidence_words import KINDS
from core.ui.moments import exact_percent, lower, upper
from core.vision.card import Card

MANY = 10
"""With more kinds than this a matrix has no room for words over its columns."""


def class_name(card: Card, id: str) -> str:
    """The name of a class in plain words."""
    told: Mapping[str, SkinClass] = {**conditions(), **skin_classes()}
    if id in told:
        return told[id].name
    named = card.facts.get("class_names", {})
    return upper(str(KINDS.get(id) or named.get(id, id.replace("_", " "))).strip())


def code(card: Card, id: str) -> str:
    """A short name of a class for the head of a column: its code where people use one, its number where there are many."""
    if len(card.classes) > MANY:
        return str(card.classes.index(id) + 1)
    return id.upper() if len(id) < 6 else class_name(card, id)


def row_name(card: Card, id: str) -> str:
    """The name of a class before its row, with its number where the columns have numbers."""
    name = class_name(card, id)
    return f"{code(card, id)} {name}" if len(card.classes) > MANY else name


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


def worst(rows: Sequence[tuple[str, Measured]]) -> tuple[str, Measured]:
    """The kind of which it finds the smallest share: among those with enough photos to say so, where there are any."""
    return min([row for row in rows if row[1].n >= FEWEST] or rows, key=lambda row: row[1].value)


def recall_table(rows: Sequence[tuple[str, Measured]]) -> dict[str, list[str]]:
    """`recall` as a table."""
    return {
        "Kind": [name for name, _ in rows],
        "Found": [exact_percent(it.value) for _, it in rows],
        "95 % interval": [f"{exact_percent(it.low)} to {exact_percent(it.high)}" if it.has_interval else NOT_SAID for _, it in rows],
        "Photos": [f"{it.n:,}" for _, it in rows],
    }


def confusion_table(card: Card) -> dict[str, list[str]]:
    """The confusion matrix: one row for what it was, and what the network said, in columns or, with many kinds, in words."""
    counts = card.facts["confusion"]
    names = [class_name(card, id) for id in card.classes]
    if len(names) <= MANY:
        table = {"It was": names}
        for at, id in enumerate(card.classes):
            table[f"said {id.upper() if len(id) < 6 else lower(names[at])}"] = [f"{row[at]:,}" for row in counts]
        return table

    def said(row: Sequence[int]) -> str:
        often = sorted((to for to in range(len(row)) if row[to]), key=lambda to: -row[to])
        return ", ".join(f"{lower(names[to])} {row[to]:,}" for to in often) or "no photos"

    return {"It was": names, "It said (photos)": [said(row) for row in counts]}


def mixed_up(card: Card, most: int = 6) -> dict[str, list[str]]:
    """The pairs it mixes up most often, by photos."""
    counts = card.facts["confusion"]
    names = [class_name(card, id) for id in card.classes]
    pairs = [(row[to], at, to) for at, row in enumerate(counts) for to in range(len(row)) if at != to and row[to]]
    first = sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))[:most]
    return {
        "It was": [names[at] for _, at, _ in first],
        "It said": [names[to] for *_, to in first],
        "Photos": [f"{n:,} of {sum(counts[at]):,}" for n, at, _ in first],
    }


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
        "Kind": [_watched(card, id) for id in rows],
        "On the list when it is there": [_share(facts["sensitivity_test"]) for facts in rows.values()],
        "Off the list when it is not": [_share(facts.get("specificity_test")) for facts in rows.values()],
    }


def _watched(card: Card, id: str) -> str:
    """A kind with a safety threshold, and how few its photos are where they are few."""
    n = photos_of(card, SUSPICIOUS if id == "suspicious" else (id,))
    return f"{class_name(card, id)} (only {n} photos)" if 0 < n < FEWEST else class_name(card, id)


def _share(facts: object) -> str:
    return exact_percent(it.value) if (it := measured(facts)) else NOT_SAID
