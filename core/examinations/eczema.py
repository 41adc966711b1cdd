"""The eczema check: how much of the skin in a clinical photo is affected, and how red it is. It names no disease."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.errors import PhotoRejected, Unavailable
from core.examinations.eczema_rule import decision, measured_anew
from core.examinations.eczema_texts import NO_SKIN, eczema_words
from core.examinations.finding import Context, Finding
from core.examinations.registry import Examination, register, require
from core.examinations.severity import Interval, severity
from core.examinations.words import Words
from core.photo import Photo
from core.vision.card import card
from core.vision.gate import check_kind, check_quality, kind_of
from core.vision.looks import look
from core.vision.regions import outlines_of

TITLE = "Eczema check"
KINDS = frozenset({"clinical"})
OUTLINE = "eczema_outline"
NETWORKS = ("photo_kind", OUTLINE)
MASKS = ("affected", "skin")
"""What the network outlines, as its card calls it."""
NUMBERS = ("affected_fraction", "lesions")
ANY_SKIN = 0.005
"""Below this share of the picture no skin was found: what is there may be a speck that only looks like it."""


def thresholds(facts: Mapping[str, Any]) -> tuple[float, float]:
    """The chances from which a pixel counts as affected and as skin, by the facts of the network's card; 0.5 where it says none."""
    known = facts.get("thresholds", {})
    affected, skin = (float(known.get(name, {}).get("value", 0.5)) for name in MASKS)
    return affected, skin


def examine(photo: Photo, context: Context) -> Finding:
    """Examine one photo.

    Raises PhotoRejected when the gate turns the photo away or it shows no skin (never with `context.gate` False) and
    Unavailable when a network cannot be used. Below `severity.LEAST_SKIN` of visible skin it abstains and gives no fraction.
    """
    require(NETWORKS, TITLE)
    kind = kind_of(photo.pixels)
    if context.gate and not context.drawn:
        check_kind(kind, KINDS)
    if context.gate:
        check_quality(photo.pixels, "clinical")
    facts = card(OUTLINE).facts
    seen, cuts = look(OUTLINE, photo.pixels), thresholds(facts)
    order = [list(facts["classes"]).index(name) for name in MASKS]
    lesion, skin = outlines_of(seen.mean[order], photo.pixels.shape, cuts)
    if context.gate and np.count_nonzero(skin) < ANY_SKIN * skin.size:
        raise PhotoRejected(NO_SKIN.reason, NO_SKIN.hint, code="no_skin", kind=kind.kind)
    views = [outlines_of(one[order], one.shape[1:], cuts) for one in seen.each]
    numbers = severity(photo.pixels, lesion, skin, [(a, b) for a, b in views], Interval.of(facts)).numbers()
    return Finding(
        examination="eczema",
        kind="clinical" if context.drawn else kind.kind,
        probabilities={},
        masks={"lesion": lesion, "skin": skin},
        numbers=numbers,
        versions={id: card(id).version for id in NETWORKS},
        **decision(numbers),
    )


def words(finding: Finding) -> Words:
    """A finding in plain words, with what the card says of the check; without a card the rest of the words stays."""
    try:
        facts = card(OUTLINE).facts
    except Unavailable:
        facts = {}
    return eczema_words(finding, facts)


register(
    Examination(
        id="eczema",
        title=TITLE,
        kinds=KINDS,
        classes=(),
        numbers=NUMBERS,
        networks=NETWORKS,
        run=examine,
        words=words,
        measured_anew=measured_anew,
    )
)
