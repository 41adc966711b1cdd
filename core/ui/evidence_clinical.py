"""What only the cards of phone photos tell: figures by skin tone and by source, two people beside the network, what it learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.ui.evidence import FEWEST, Measured, between, measured, shown
from core.ui.evidence_kinds import class_name
from core.ui.evidence_truth import name_of, part
from core.ui.evidence_words import SOURCES, says
from core.ui.moments import exact_percent, upper
from core.vision.card import Card
from core.vision.skin_tone import BANDS, NOT_SEEN

TOO_FEW = "too few photos to say"
TONE_FIGURES = (
    "top3_accuracy",
    "balanced_accuracy",
    "accuracy",
    "set_coverage",
    "refer_sensitivity",
    "affected_iou",
    "fraction_error",
    "skin_iou",
    "redness_error",
)
"""In the order they are told; of a card those that it has."""
FIRST = 2
"""Figures of a skin tone that stand in the small table."""
TONES = (
    "The photos do not say what skin tone a person has. So we measured how light the skin beside the rash looks in each photo: the angle "
    "called ITA, in the bands of Chardon 1991 and Del Bino 2013. The light in such photos is not calibrated: a dark photo of light skin "
    "counts as darker skin. Nearly all the photos show light skin. On dark skin it may be wrong more often: redness shows less there. "
    "Be more careful, and show skin that worries you to a doctor."
)


def tones(card: Card) -> str:
    """What is known about skin tones in the photos it was tested on; empty for a card that has no figures by skin tone."""
    return TONES if part(card, "by_skin_tone") else ""


def _tone_rows(found: Mapping[str, Any]) -> list[str]:
    order = [*(name for name, _ in BANDS), NOT_SEEN]
    return [*(name for name in order if name in found), *sorted(set(found) - set(order))]


def _put(name: str, facts: Any, few: bool, whole: bool) -> str:
    it = measured(facts)
    if few or it is None or 0 < it.n < FEWEST:
        return TOO_FEW
    return shown(name, it.value) + (f" ({between(name, it)})" if whole and it.has_interval else "")


def tone_table(card: Card, whole: bool = False) -> dict[str, list[str]]:
    """The figures by skin tone: the two that matter most, narrow enough for a phone, or all with their 95 % intervals.

    A group under `FEWEST` photos, or a figure without a value, says that there are too few photos. A column that would
    say nothing else is left out, but for the first.
    """
    found = part(card, "by_skin_tone")
    ids = _tone_rows(found)
    ns = {id: int(found[id].get("n") or 0) for id in ids}
    columns = {
        says(name, card.id).title: [_put(name, found[id].get(name), ns[id] < FEWEST, whole) for id in ids]
        for name in TONE_FIGURES
        if any(name in found[id] for id in ids)
    }
    said = {title: cells for title, cells in columns.items() if set(cells) != {TOO_FEW}} or {"Figures": [TOO_FEW] * len(ids)}
    return {"Skin tone (photos)": [f"{name_of(id)} ({ns[id]:,})" for id in ids], **dict(list(said.items())[: None if whole else FIRST])}


def _source(id: str) -> str:
    return SOURCES.get(id, name_of(id))


def _share_of(row: Mapping[str, Any], name: str) -> str:
    it, n = measured(row.get(name)), int(row.get("n") or 0)
    if not n:
        return "no photos"
    return f"{TOO_FEW} ({n:,})" if it is None or n < FEWEST else f"{shown(name, it.value)} ({n:,})"


def source_table(card: Card, whole: bool = False) -> dict[str, list[str]]:
    """The figures by the collection the photos came from, with photos in brackets; empty when the card has none.

    A card tells either one figure of each source, or how many of each kind it finds in each source. Then the first row is
    all these kinds together, and kinds with too few photos in every source are there in the `whole` table only.
    """
    found = part(card, "by_source")
    if not found:
        return {}
    if all("n" in row for row in found.values()):
        return {
            "Photos from": [_source(id) for id in found],
            says("affected_iou", card.id).title: [_share_of(row, "affected_iou") for row in found.values()],
        }
    sources = sorted({source for row in found.values() for source in row})
    rows = {"All of these kinds": {source: _together([row[source] for row in found.values() if source in row]) for source in sources}}
    enough = {id for id, row in found.items() if any(int(one.get("n") or 0) >= FEWEST for one in row.values())}
    rows |= {class_name(card, id): row for id, row in found.items() if whole or id in enough}
    return {
        "Kind": list(rows),
        **{_source(source): [_share_of(row.get(source, {}), "recall") for row in rows.values()] for source in sources},
    }


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The share found in all rows taken together, by their photos."""
    known = [(int(row.get("n") or 0), it) for row in rows if (it := measured(row.get("recall"))) is not None]
    n = sum(count for count, _ in known)
    return {"n": n, "recall": sum(count * it.value for count, it in known) / n if n else None}


def two_people(card: Card) -> str:
    """The network beside two people who outlined the same photos, as Markdown; empty when nobody did."""
    found = part(card, "two_annotators")
    n = int(found.get("n") or 0)
    each, own = (measured(found.get(name)) for name in ("each_other", "network_and_second"))
    if not n or each is None:
        return ""
    lines = [f"Two people outlined the same **{n:,} photos**, each alone.", "", f"- Their outlines share {_share(each)} of the area."]
    if own is not None:
        lines.append(f"- The outline of the network and that of the second person share {_share(own)}.")
    if n < FEWEST:
        lines += ["", f"These are {TOO_FEW} more: take it as a hint."]
    return "\n".join(lines)


def _share(it: Measured) -> str:
    return f"**{exact_percent(it.value)}**"


def learned_table(card: Card) -> dict[str, list[str]]:
    """Photos it learned from by how light the skin looks in them; empty when the card does not count them."""
    counts = card.facts.get("tones", {}).get("train", {})
    if not counts:
        return {}
    ids = _tone_rows(counts)
    return {"Skin tone": [name_of(id) for id in ids], "Photos it learned from": [f"{int(counts[id] or 0):,}" for id in ids]}


def range_wanted(card: Card) -> str:
    """How often the ranges are made to hold; empty when the card has none."""
    wanted = measured(card.facts.get("interval", {}).get("held_wanted"))
    return upper(f"it gives a range beside each figure, made to hold in {exact_percent(wanted.value)} of photos.") if wanted else ""
