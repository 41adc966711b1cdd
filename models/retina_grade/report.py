"""Calibrate `retina_grade` on val, measure it on test through the app's own engine, and write its card.

python -m models.retina_grade.report --data DIR [--state checkpoint.pt]

Without a state the weights that ship stay, and only the rule is fitted and measured anew.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.vision.card import card
from core.vision.field import CUT, RIM
from core.vision.networks import OrdinalClassifier
from core.vision.registry import forget
from models.retina_grade.calibrate import fit_cutoffs, fit_rule
from models.retina_grade.graded import Graded
from models.retina_grade.measure import Collected, again, collect, measure
from models.retina_grade.recipe import SIZE
from models.training.command import run_report
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD, normalise
from models.training.publish import LICENCES, NOT_A_DEVICE, PRETRAINED, UNKNOWN_PEOPLE, save_weights, write_card
from models.training.retina import GRADES, SOURCES, Fundus, fundus, levelled
from models.training.support import whitening

log = logging.getLogger("carelens.training")

FOLDER = Path(__file__).parent
INPUT: dict[str, Any] = {
    "size": SIZE,
    "crop": "field",
    "field": {"cut": CUT, "rim": RIM},
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
    "range": "0 to 1",
    "colour": "RGB",
    "flips": True,
}
NAMES = {
    "0": "no diabetic retinopathy",
    "1": "mild diabetic retinopathy",
    "2": "moderate diabetic retinopathy",
    "3": "severe diabetic retinopathy",
    "4": "proliferative diabetic retinopathy",
}
DATA = {
    "aptos2019": {
        "name": "APTOS 2019",
        "source": "Aravind Eye Hospital, India, 2019 blindness detection competition; 224 x 224, squashed",
        "licence": "competition data, no redistribution licence stated",
    },
    "idrid": {"name": "IDRiD", "source": "Porwal et al. 2018, an eye clinic in Nanded, India", "licence": "CC BY 4.0"},
    "eyepacs2015": {
        "name": "EyePACS 2015",
        "source": "EyePACS, screening clinics in the United States, 2015 competition; both eyes of 480 patients",
        "licence": "competition data, no redistribution licence stated",
    },
}
SPLIT = (
    "Fixed, by patient where the patient is known. Trained on train, chosen on val, reported on test. Training photos that are, by "
    "content, in val or test are left out. The outlined photos of IDRiD, 42 of which are also here, are not used."
)


def facts(
    weights: dict[str, Any], counts: dict[str, dict[str, dict[str, int]]], rule: dict[str, Any], figures: dict[str, Any]
) -> dict[str, Any]:
    """The card."""
    return {
        "id": "retina_grade",
        "version": "1.1.0",
        "title": "How far diabetes has harmed the eye",
        "task": "grading",
        "architecture": "mobilenet_v2_ordinal",
        "classes": [str(g) for g in range(GRADES)],
        "class_names": NAMES,
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": "IDRiD: CC BY 4.0; APTOS 2019 and EyePACS 2015: competition data, no licence to pass them on"},
        "data": [*({**DATA[s], "counts": counts[s]} for s in SOURCES), PRETRAINED],
        "split_rule": SPLIT,
        **rule,
        **figures,
        "decision": "The grade is how many of its own cut-offs (ordinal.label_cutoffs) the score reaches. "
        "Referable is grade 2 or more, by a threshold of its own.",
        "intended_use": "To help a clinic without an eye specialist decide which eyes of people with diabetes an eye doctor has to see, "
        "and how soon. Colour photos of the back of the eye. For education and research.",
        "limits": [
            NOT_A_DEVICE,
            "One photo of this kind cannot exclude swelling of the macula (macular oedema).",
            "It knows diabetic retinopathy only. Other illness of the eye (glaucoma, blocked vessels, a detached retina) it does not name.",
            "What lies above and below 0.73 of the field's radius, and its rim, it does not see: all eyes are cut alike. "
            "Signs there are missed.",
            "The photos of APTOS are small and squashed: very small signs (single microaneurysms) cannot be seen in them, and grade 1 is "
            "the hardest to tell.",
            "In APTOS the camera nearly tells the grade. All eyes get one field of view so that its shape says nothing, but colour and "
            "sharpness of a camera may still say something: look at the figures for round and for cut eyes apart, and for each source.",
            "Grades of EyePACS are of one reader and noisy; human graders agree with each other at a kappa of about 0.8.",
            UNKNOWN_PEOPLE,
            "With other cameras, and with photos by phone, it was not tested and may do worse.",
        ],
        "skin_tones": "The photos show no skin, and do not say what skin tone a person has. Most people in them live in India, the others "
        "in the United States. How dark the back of the eye is goes with skin tone; figures by it were not measured.",
    }


@torch.no_grad()
def statistics(network: OrdinalClassifier, data: Fundus) -> dict[str, Tensor]:
    """What the training photos look like to the network, the statistics behind "this photo is unlike them": one centre per grade."""
    network = network.cpu().float().eval()
    images, rows = levelled(data.photos, SIZE), []
    for start in range(0, len(images), 32):
        x = torch.from_numpy(images[start : start + 32]).permute(0, 3, 1, 2).float() / 255
        rows.append(network.maps(normalise(x).contiguous(memory_format=torch.channels_last)).mean((2, 3)))
    return whitening(torch.cat(rows), torch.from_numpy(data.labels))


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again under the card's rule, for `models.evaluate`."""
    return measure(collect(folder, "val"), collect(folder, "test"), dict(card("retina_grade").facts), folder)


def counted(train: Fundus, held: dict[str, Collected]) -> dict[str, dict[str, dict[str, int]]]:
    """Photos per source, split and grade."""
    return {
        source: {
            "train": {str(g): int(((train.labels == g) & (train.sources == source)).sum()) for g in range(GRADES)},
            **{split: rows.counts(source) for split, rows in held.items()},
        }
        for source in SOURCES
    }


def publish(trained: nn.Module, folder: Path, limit: int | None = None) -> None:
    """Cut-offs and temperature on val, statistics, weights, figures on test, card."""
    own: Any = trained  # a `Graded`
    network, learned = own.network.cpu().float().eval(), own.cutoffs.detach().cpu().double().numpy()
    train = fundus(folder, ("train",), limit)
    blank: dict[str, Any] = {"metrics": {}}
    nothing = counted(train, {})

    def install(support: dict[str, Tensor] | None = None) -> dict[str, Any]:
        weights = save_weights(network, FOLDER, support)
        write_card(FOLDER, facts(weights, nothing, {"ordinal": {"cutoffs": learned.tolist()}}, blank))
        forget()
        return weights

    install()
    val = collect(folder, "val", limit)
    cuts, temperature = fit_cutoffs(val.scores, val.labels, learned)
    log.info("learned cut-offs %s, fitted %s, temperature %.3f", learned.round(3).tolist(), cuts.round(3).tolist(), temperature)
    with torch.no_grad():
        network.head.weight /= temperature
        network.head.bias /= temperature
    weights = install(statistics(network, train))
    val = again(val, folder, "val", limit)  # what is rounded in the weights is rounded in the cut-offs
    cuts, _ = fit_cutoffs(val.scores, val.labels, cuts / temperature, warm=False)
    rule = fit_rule(val, cuts)
    test = collect(folder, "test", limit)
    counts = counted(train, {"val": val, "test": test})
    write_card(FOLDER, facts(weights, counts, rule, blank))
    forget()
    found = measure(val, test, rule, folder, limit)
    write_card(FOLDER, facts(weights, counts, rule, found))
    log.info("figures on test: %s", json.dumps({k: v.get("value") for k, v in found["metrics"].items()}))


def refit(folder: Path, limit: int | None = None) -> None:
    """Fit the rule on val anew and measure it on test, with the weights that ship."""
    known = dict(card("retina_grade").facts)
    val, test = (collect(folder, split, limit) for split in ("val", "test"))
    rule = fit_rule(val, np.array(known["ordinal"]["cutoffs"]))
    weights = {name: known[name] for name in ("sha256", "parameters")}
    counts = counted(fundus(folder, ("train",), limit), {"val": val, "test": test})
    write_card(FOLDER, facts(weights, counts, rule, measure(val, test, rule, folder, limit)))
    forget()


def main() -> None:
    """Command line."""
    run_report(__doc__, Graded(OrdinalClassifier()), publish, refit)


if __name__ == "__main__":
    main()
