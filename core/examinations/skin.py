"""The skin check: one spot, photographed through a dermatoscope."""

from __future__ import annotations

from functools import cache

from core.errors import Unavailable
from core.examinations.finding import Answers, Context, Finding, Step
from core.examinations.registry import Examination, register
from core.examinations.rule import decide, finding_of
from core.examinations.skin_rule import rule_of
from core.examinations.texts import evidence_of, skin_classes, skin_words
from core.examinations.words import Words
from core.photo import Photo
from core.vision.card import card
from core.vision.engine import engine
from core.vision.explanation import heat_map
from core.vision.gate import check_kind, check_quality, check_subject, kind_of
from core.vision.outline import mask_of

KINDS = frozenset({"dermatoscopic"})
CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
NETWORKS = ("photo_kind", "skin_lesion", "lesion_outline")


@cache
def _steps() -> dict[str, Step]:
    """The next step of each class while it cannot be excluded, as the texts have it."""
    return {id: known.step for id, known in skin_classes().items()}


def examine(photo: Photo, context: Context) -> Finding:
    """Examine one photo.

    Raises PhotoRejected when the gate turns the photo away (never with `context.gate` False) and
    Unavailable when one of the networks cannot be used.
    """
    kind = kind_of(photo.pixels)
    if context.gate and not context.drawn:
        check_kind(kind, KINDS)
    if context.gate:
        check_quality(photo.pixels, "dermatoscopic")
    seen = engine().classify("skin_lesion", photo.pixels)
    mask = mask_of(engine().outline("lesion_outline", photo.pixels)[0], photo.pixels.shape)
    if context.gate:
        check_subject(mask, "dermatoscopic")
    own, rule = seen.card, rule_of(seen.card.facts)
    decision = decide(seen.logits, seen.distance, kind.chances["dermatoscopic"], rule, _steps(), context.answers, drawn=context.drawn)
    return finding_of(
        decision,
        "skin",
        "dermatoscopic" if context.drawn else kind.kind,
        context,
        masks={"lesion": mask},
        heat=heat_map(seen.maps[rule.classes.index(decision.label)], own.input, photo.pixels.shape),
        numbers={"area_fraction": float((mask > 0).mean())},
        versions={id: card(id).version for id in NETWORKS},
    )


def examine_skin(photo: Photo, answers: Answers | None = None) -> Finding:
    """Examine a photo with the answers to the three questions; see `examine`."""
    return examine(photo, Context(answers=answers or Answers()))


def words(finding: Finding) -> Words:
    """A finding in plain words, with what the card says of the check; without a card the rest of the words stays."""
    try:
        facts = card("skin_lesion").facts
    except Unavailable:
        facts = {}
    return skin_words(finding, evidence_of(facts))


register(
    Examination(
        id="skin",
        title="Skin check",
        kinds=KINDS,
        classes=CLASSES,
        numbers=(),
        networks=NETWORKS,
        run=examine,
        words=words,
    )
)
