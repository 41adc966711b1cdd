"""For whom the skin check does how well: figures by age, sex, place, skin tone and size, and of one spot in two photos."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.examinations.rule import Decision, Rule, decide
from core.examinations.skin_rule import URGENT, rule_of
from core.examinations.texts import skin_classes
from core.vision.engine import InProcess
from core.vision.outline import mask_of
from models.skin_lesion.measure import Collected, decisions
from models.skin_lesion.robustness import robustness
from models.skin_lesion.skin_tone import BANDS, NOT_SEEN, angle, band
from models.training.data import SKIN_CLASSES, Lesions, ham10000
from models.training.metrics import bootstrap, recalls, share

FEWEST = 20
"""Photos a group needs before it gets figures."""
FEWEST_OF_A_KIND = 5
"""Photos a kind needs within a group before it counts there."""
AGES = ((0, "under_30"), (30, "30_to_49"), (50, "50_to_69"), (70, "70_and_over"))
SIZES = ("small", "middle", "large")
UNKNOWN = "not_known"


def tones(data: Lesions) -> list[str]:
    """The skin-tone band of each photo, the spot outlined by the app's own network."""
    engine = InProcess()
    return [band(angle(image, mask_of(engine.outline("lesion_outline", image)[0], image.shape))) for image in data.images]


def described(data: Lesions, bands: list[str]) -> pd.DataFrame:
    """One row per photo: age, sex, site, skin_tone and size as names of groups; `data` with masks.

    Size is the share of the photo that the outlined spot covers, in thirds of these photos.
    """
    assert data.masks is not None
    table = data.table
    share = (data.masks > 0).mean((1, 2))
    third = np.digitize(share, np.quantile(share, (1 / 3, 2 / 3)))
    age = [next((name for least, name in reversed(AGES) if years >= least), UNKNOWN) for years in table["age"]]
    known = {"unknown": UNKNOWN}
    return pd.DataFrame(
        {
            "age": age,
            "sex": table["sex"].fillna("unknown").replace(known).to_numpy(),
            "site": table["localization"].fillna("unknown").replace(known).str.replace(" ", "_").to_numpy(),
            "skin_tone": bands,
            "size": [SIZES[i] for i in third],
        }
    )


def order(about: str, names: set[str]) -> list[str]:
    """The groups in the order people expect; places by name. Bands nobody has are named too: none is an answer."""
    told = {
        "age": [name for _, name in AGES],
        "sex": ["female", "male"],
        "site": sorted(names - {UNKNOWN}),
        "skin_tone": [name for name, _ in BANDS],
        "size": list(SIZES),
    }[about]
    return told + [name for name in (UNKNOWN, NOT_SEEN) if name in names]


def figures(rows: Collected, decided: list[Decision], inside: np.ndarray) -> dict[str, Any]:
    """The figures of one group, `inside` (N,) bool. Only `n` when it has too few photos; a figure with too few of its own is left out."""
    at = np.flatnonzero(inside)
    found: dict[str, Any] = {"n": len(at)}
    if len(at) < FEWEST:
        return found
    truth, lesions = rows.labels[at], rows.lesions[at]
    labels = np.array([SKIN_CLASSES.index(decided[i].label) for i in at])
    refer = np.array([decided[i].refer for i in at])
    listed = np.array(["mel" in decided[i].cannot_exclude for i in at])
    urgent = np.isin(truth, [SKIN_CLASSES.index(c) for c in URGENT])
    melanoma = truth == SKIN_CLASSES.index("mel")
    counts = np.bincount(truth, minlength=len(SKIN_CLASSES))
    counted = np.flatnonzero(counts >= FEWEST_OF_A_KIND)

    def over(figure: Any, n: int) -> dict[str, Any]:
        return bootstrap(len(at), figure, groups=lesions) | {"n": n}

    def balanced(r: np.ndarray) -> float:
        own = recalls(truth[r], labels[r], len(SKIN_CLASSES))[counted]
        return float(np.nanmean(own)) if not np.isnan(own).all() else float("nan")

    found["accuracy"] = over(lambda r: float((truth[r] == labels[r]).mean()), len(at))
    if len(counted) >= 2:
        found["balanced_accuracy"] = over(balanced, int(counts[counted].sum())) | {"classes": [SKIN_CLASSES[c] for c in counted]}
    for name, hit, of in (
        ("melanoma_sensitivity", listed, melanoma),
        ("refer_sensitivity", refer, urgent),
        ("refer_specificity", ~refer, ~urgent),
    ):
        if of.sum() >= FEWEST_OF_A_KIND:
            found[name] = over(lambda r, hit=hit, of=of: share(hit[r][of[r]]), int(of.sum()))
    return found


def groups(rows: Collected, decided: list[Decision], who: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The card's `metrics.groups`: what the groups are about, group, figures."""
    return {
        about: {name: figures(rows, decided, (who[about] == name).to_numpy()) for name in order(about, set(who[about]))}
        for about in who.columns
    }


def repeatability(rows: Collected, rule: Rule) -> dict[str, Any]:
    """The card's `metrics.repeatability`: spots with several photos, how often the app says the same of two of them.

    Averaged over the pairs of photos of one spot, then over spots, so that a spot with many photos counts once.
    `chance_difference`: by how much the chance of a photo's own answer is another in the other photo.
    """
    steps = {id: known.step for id, known in skin_classes().items()}
    decided = [decide(*row, rule, steps) for row in zip(rows.logits, rows.distance, rows.kind_chance, strict=True)]
    together = [np.flatnonzero(rows.lesions == name) for name in pd.unique(rows.lesions)]
    together = [members for members in together if len(members) > 1]
    same = np.array([np.mean([_alike(decided[a], decided[b]) for a, b in combinations(members, 2)], 0) for members in together])
    found: dict[str, Any] = {"n": len(together), "photos": int(sum(map(len, together)))}
    if len(together) >= FEWEST:
        for i, name in enumerate(("same_label", "same_refer", "same_step", "chance_difference")):
            found[name] = bootstrap(len(same), lambda r, i=i: float(same[r, i].mean()))
    return found


def _alike(a: Decision, b: Decision) -> tuple[float, float, float, float]:
    apart = (abs(one.probabilities[one.label] - other.probabilities[one.label]) for one, other in ((a, b), (b, a)))
    return float(a.label == b.label), float(a.refer == b.refer), float(a.step == b.step), sum(apart) / 2


def truth(rows: Collected, facts: dict[str, Any], folder: Path, split: str = "test", limit: int | None = None) -> dict[str, Any]:
    """`groups`, `robustness` and `repeatability` of one split, under the rule in `facts`; `rows` as collected from it."""
    data = ham10000(folder, masks=True, splits=(split,), limit=limit)
    if list(data.table["lesion_id"]) != list(rows.lesions):
        raise ValueError("these answers belong to other photos")
    rule = rule_of({"classes": SKIN_CLASSES, **facts})
    who = described(data, tones(data))
    return {
        "groups": groups(rows, decisions(rows, rule), who),
        "robustness": robustness(data, rule),
        "repeatability": repeatability(rows, rule),
    }
