"""The retina check: how far diabetes has harmed an eye, from a colour photo of its back (ICDR, grades 0-4)."""

from __future__ import annotations

from core.errors import PhotoRejected, Unavailable
from core.examinations import retina_disc, retina_quality, retina_signs
from core.examinations.finding import Context, Eye, Finding
from core.examinations.registry import Examination, register, require
from core.examinations.retina_rule import CLASSES, Rule, chance_referable, decide, label_of
from core.examinations.retina_texts import ACROSS, REFERABLE, retina_words
from core.examinations.rule import finding_of
from core.examinations.words import Words
from core.photo import Photo
from core.vision.card import card
from core.vision.engine import engine
from core.vision.explanation import heat_map
from core.vision.gate import check_kind, hint, kind_of
from core.vision.ordinal import cutoffs_of, ordinal_probabilities

TITLE = "Retina check"
KINDS = frozenset({"fundus"})
NETWORK = "retina_grade"
NETWORKS = ("photo_kind", NETWORK)
"""What a grade needs. Those of quality, disc and signs are used where they are installed, and the finding says where they are not."""
SIGNS_FROM = 1
"""From this grade on the signs are outlined without being asked for."""


def examine(photo: Photo, context: Context) -> Finding:
    """Examine one photo.

    Raises PhotoRejected when the gate turns the photo away (never with `context.gate` False: then a poor photo is graded, and
    abstained from) and Unavailable when the network of the kinds or of the grades cannot be used. Signs are outlined from
    grade 1 on, or for every eye with `context.signs`; where the photo is too small for it, the finding has the number `across` and
    the disc alone is outlined (never with `context.whatever_size`).
    The disc is looked for with them, or to guess the eye where `context.eye` does not say.
    """
    require(NETWORKS, TITLE)
    kind = kind_of(photo.pixels)
    if context.gate and not context.drawn:
        check_kind(kind, KINDS)
    poor = retina_quality.problem_of(photo.pixels, context.drawn)
    if poor is not None and context.gate:
        raise PhotoRejected(poor.reason, hint(poor, "fundus"), code=poor.code, kind="fundus")
    seen = engine().classify(NETWORK, photo.pixels)
    own = seen.card
    score = float(seen.logits[0])
    chances = [float(p) for p in ordinal_probabilities(score, cutoffs_of(own.facts))]
    label = label_of(score, own.facts)
    signs = context.signs or label >= SIGNS_FROM
    # Where a healthy eye's side is known the disc tells nothing more, and costs as much as all the rest of a batch.
    disc = retina_disc.look(photo.pixels) if signs or context.eye is None else None
    found, small = None, {}
    if signs and retina_signs.installed():
        size = retina_signs.across(photo.pixels)
        if context.whatever_size or size >= retina_signs.fewest(card(retina_signs.NETWORK).facts):
            found = retina_signs.outline(photo.pixels, context.eye, disc)
        else:
            small = {ACROSS: size}
    masks = found.masks if found else retina_signs.disc_alone(photo.pixels, disc) if small and disc else {}
    decision = decide(
        chances,
        label,
        seen.distance,
        kind.chances["fundus"],
        Rule.of(own.facts),
        found.counted if found else None,
        macular=found is not None and found.macular,
        poor=poor is not None,
        drawn=context.drawn,
    )
    used = [*NETWORKS, *(one.NETWORK for one in (retina_quality, retina_disc, retina_signs) if one.installed())]
    return finding_of(
        decision,
        "retina",
        "fundus" if context.drawn else kind.kind,
        context,
        reason=poor.reason if poor else "",
        masks=masks,
        heat=heat_map(seen.maps[0], own.input, photo.pixels.shape, field=seen.levelled),
        numbers={REFERABLE: chance_referable(chances), **(disc.numbers if disc else {}), **(found.numbers if found else small)},
        versions={id: card(id).version for id in used},
        eye=context.eye,
    )


def examine_retina(photo: Photo, eye: Eye | None = None) -> Finding:
    """Examine a photo of the left or right `eye`, None where nobody said which; see `examine`."""
    return examine(photo, Context(eye=eye))


def words(finding: Finding) -> Words:
    """A finding in plain words, with what the card says of the check; without a card the rest of the words stays."""
    try:
        facts = card(NETWORK).facts
    except Unavailable:
        facts = {}
    return retina_words(finding, facts)


register(
    Examination(
        id="retina",
        title=TITLE,
        kinds=KINDS,
        classes=CLASSES,
        numbers=(REFERABLE,),
        networks=NETWORKS,
        run=examine,
        words=words,
    )
)
