"""The rash and spot check: a photo of skin taken with a phone or camera alone."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.examinations.condition_rule import CLASSES, rule_of
from core.examinations.condition_texts import condition_words, conditions, evidence_of
from core.examinations.eczema import MASKS, OUTLINE, thresholds
from core.examinations.eczema_texts import LARGE_PART, tone_note
from core.examinations.finding import Answers, Context, Finding, Step
from core.examinations.registry import Examination, register, require
from core.examinations.rule import decide, finding_of
from core.examinations.severity import COLOUR_SIDE
from core.examinations.words import Words
from core.photo import Photo, resized
from core.vision.card import card
from core.vision.engine import engine
from core.vision.explanation import heat_map
from core.vision.gate import check_kind, check_quality, kind_of
from core.vision.regions import count_pieces, outlines_of
from core.vision.skin_tone import ita, unaffected

TITLE = "Rash and spot check"
KINDS = frozenset({"clinical"})
NETWORKS = ("photo_kind", "skin_condition")


@cache
def _steps() -> dict[str, Step]:
    """The next step of each class while it cannot be excluded, as the texts have it."""
    return {id: known.step for id, known in conditions().items()}


def examine(photo: Photo, context: Context) -> Finding:
    """Examine one photo.

    Raises PhotoRejected when the gate turns the photo away (never with `context.gate` False) and
    Unavailable when one of the networks cannot be used.
    """
    kind = kind_of(photo.pixels)
    if context.gate and not context.drawn:
        check_kind(kind, KINDS)
    if context.gate:
        check_quality(photo.pixels, "clinical")
    require(NETWORKS, TITLE)
    seen = engine().classify("skin_condition", photo.pixels)
    own, rule = seen.card, rule_of(seen.card.facts)
    decision = decide(seen.logits, seen.distance, kind.chances["clinical"], rule, _steps(), context.answers, drawn=context.drawn)
    return finding_of(
        decision,
        "condition",
        "clinical" if context.drawn else kind.kind,
        context,
        heat=heat_map(seen.maps[rule.classes.index(decision.label)], own.input, photo.pixels.shape),
        numbers=skin_of(photo.pixels),
        versions={id: card(id).version for id in NETWORKS},
    )


def skin_of(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """What is seen of the skin, RGB uint8 (H, W, 3): `ita`, how light it looks, in degrees, of unaffected skin; nothing where
    that is not seen. `skin_parts`: in how many large pieces it is.

    The outlines are those of the eczema check, of one plain look at a copy of at most `COLOUR_SIDE` pixels: the cards
    count and report skin tones by this very function. Without its network both are left out, and the rest stays.
    """
    small = resized(pixels, COLOUR_SIDE)
    try:
        facts, chances = card(OUTLINE).facts, engine().outline(OUTLINE, small)
    except Unavailable:
        return {}
    order = [list(facts["classes"]).index(name) for name in MASKS]
    affected, skin = outlines_of(chances[order], small.shape, thresholds(facts))
    angle = ita(small, unaffected(small, affected, skin))
    return {"skin_parts": float(count_pieces(skin, LARGE_PART))} | ({} if np.isnan(angle) else {"ita": angle})


def examine_condition(photo: Photo, answers: Answers | None = None) -> Finding:
    """Examine a photo; `answers` to the three questions where it is of a spot. See `examine`."""
    return examine(photo, Context(answers=answers or Answers()))


def words(finding: Finding) -> Words:
    """A finding in plain words, with what the card says of the check; without a card the rest of the words stays."""
    try:
        facts = card("skin_condition").facts
    except Unavailable:
        facts = {}
    return condition_words(finding, evidence_of(facts), tone_note(finding.numbers.get("ita"), facts))


register(
    Examination(
        id="condition",
        title=TITLE,
        kinds=KINDS,
        classes=CLASSES,
        numbers=(),
        networks=NETWORKS,
        run=examine,
        words=words,
    )
)
