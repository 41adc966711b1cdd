"""The rash and spot check as a whole, through toy networks: what comes of a photo, and what while its network is missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import PhotoRejected, Unavailable
from core.examinations.condition import examine, examine_condition
from core.examinations.condition_rule import CLASSES
from core.examinations.finding import Answers, Context, Finding
from core.examinations.registry import examination, examinations, require
from core.photo import Photo, encode_png, read_photo
from core.vision.skin_tone import BANDS, band
from models.training.data import decode
from tests.conftest import Dermatoscopic
from tests.core.toy_networks import all_skin_network, condition_network, kinds_alone

UNGATED = Context(gate=False)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house that has the network of the kinds, and no other."""
    yield from kinds_alone(tmp_path, monkeypatch)


@pytest.fixture
def anything() -> Photo:
    """A picture of no kind, for what is examined without the gate."""
    return read_photo(encode_png(np.random.default_rng(3).integers(0, 256, (200, 300, 3), np.uint8)))


@pytest.fixture
def clinical(unpacked: Callable[[str], dict[str, bytes]]) -> Photo:
    """A photograph of eczema, taken with a camera alone."""
    files = unpacked("eczema/data.tar.gz")
    return read_photo(files[sorted(name for name in files if "images/" in name and name.endswith(".webp"))[0]])


def test_a_clinical_photo_is_examined_by_its_card(models: Path, clinical: Photo) -> None:
    condition_network(models, {"eczema": 0.6, "psoriasis": 0.2})
    found = examine_condition(clinical)
    assert (found.examination, found.kind, found.status, found.label) == ("condition", "clinical", "ok", "eczema")
    assert found.cannot_exclude == ("eczema", "psoriasis") and not found.refer and found.step == "routine"
    assert tuple(found.probabilities) == CLASSES and sum(found.probabilities.values()) == pytest.approx(1)
    assert found.probabilities["eczema"] == pytest.approx(0.6, abs=0.01)
    assert found.versions == {"photo_kind": "1.0.0", "skin_condition": "0.1.0"}
    assert found.heat is not None and found.heat.shape[0] / found.heat.shape[1] == pytest.approx(
        clinical.pixels.shape[0] / clinical.pixels.shape[1], rel=0.05
    )
    assert Finding.from_facts(json.loads(json.dumps(found.facts()))).cannot_exclude == found.cannot_exclude


def test_a_spot_with_a_yes_is_shown_to_a_doctor(models: Path, clinical: Photo) -> None:
    condition_network(models, {"naevus": 0.9})
    assert examine_condition(clinical).step == "watch"
    found = examine_condition(clinical, Answers(bleeds_or_does_not_heal=True))
    assert found.step == "soon" and found.answers.bleeds_or_does_not_heal and not found.refer


def test_it_abstains_far_away_and_still_gives_its_probabilities_and_its_advice(models: Path, anything: Photo) -> None:
    condition_network(models, {"melanoma": 0.9}, distance=4.0)
    found = examine(anything, UNGATED)
    assert found.status == "abstained" and found.reason and found.step == "soon" and found.refer
    assert found.probabilities["melanoma"] == pytest.approx(0.9, abs=0.01)


def test_a_photo_through_a_dermatoscope_is_sent_to_the_skin_check(models: Path, ham10000: Dermatoscopic) -> None:
    condition_network(models, {"naevus": 0.9})
    photo = read_photo(ham10000.data(ham10000.ids("val", "nv")[0]))
    with pytest.raises(PhotoRejected) as caught:
        examine(photo, Context())
    assert (caught.value.code, caught.value.kind) == ("wrong_kind", "dermatoscopic") and "skin check" in caught.value.hint


def test_a_dark_photo_is_told_what_helps_with_a_phone(models: Path, clinical: Photo) -> None:
    condition_network(models, {"eczema": 0.9})
    dark = read_photo(encode_png((clinical.pixels * 0.12).astype(np.uint8)))
    with pytest.raises(PhotoRejected) as caught:
        examine(dark, Context(drawn=True))  # so that only the quality counts, whatever kind the dark makes of it
    assert caught.value.code == "dark" and "dermatoscope" not in caught.value.hint


def test_without_its_network_it_says_so_and_everything_else_works(models: Path, clinical: Photo, ham10000: Dermatoscopic) -> None:
    with pytest.raises(Unavailable, match="rash and spot check is not installed"):
        examine(clinical, Context())
    with pytest.raises(PhotoRejected):
        examine(read_photo(ham10000.data(ham10000.ids("val", "nv")[0])), Context())  # the gate still tells where it belongs
    assert list(examinations())[:3] == ["skin", "condition", "eczema"], "in this order, whichever was imported first"
    condition_network(models, {"eczema": 0.9})
    assert examine(clinical, Context()).label == "eczema", "installed without a restart"


def test_a_network_that_is_broken_is_unavailable_and_an_old_finding_can_still_be_read(models: Path, anything: Photo) -> None:
    folder = condition_network(models, {"eczema": 0.9})
    found = examine(anything, UNGATED)
    (folder / "weights.safetensors").write_bytes(b"broken")
    with pytest.raises(Unavailable, match="not the ones its card describes"):
        examine(anything, UNGATED)
    shutil.rmtree(folder)
    words = examination("condition").words(found)
    assert "**Eczema**" in words.cannot_exclude and words.disclaimer


def test_what_is_needed_and_not_there_is_told_by_the_name_of_the_check(models: Path) -> None:
    require(["photo_kind"], "Toy check")
    with pytest.raises(Unavailable) as caught:
        require(["photo_kind", "nothing"], "Toy check")
    assert caught.value.reason == "The toy check is not installed here yet." and caught.value.hint


def test_the_card_tells_the_evidence(models: Path, anything: Photo) -> None:
    folder = condition_network(models, {"eczema": 0.9})
    facts = json.loads((folder / "card.json").read_text())
    facts["metrics"] = {"balanced_accuracy": {"value": 0.6, "n": 4321}}
    (folder / "card.json").write_text(json.dumps(facts))
    assert "tested on 4321 photos" in examination("condition").words(examine(anything, UNGATED)).how_we_know


def test_a_tone_that_was_rare_in_training_is_told(models: Path, clinical: Photo) -> None:
    """The tone is measured with the outlines of the eczema check; where that is not installed, the finding is there without it."""
    folder = condition_network(models, {"eczema": 0.9})
    assert "ita" not in examine(clinical, Context()).numbers
    all_skin_network(models)
    found = examine(clinical, Context())
    assert found.numbers["skin_parts"] == 1 and "parts" not in examination("condition").words(found).looks_like
    several = replace(found, numbers={**found.numbers, "skin_parts": 2.0})
    assert "The skin in this picture is in 2 parts, and all of it is looked at." in examination("condition").words(several).looks_like
    tone = band(found.numbers["ita"])
    facts = json.loads((folder / "card.json").read_text())
    for photos, told in ((3, True), (300, False)):
        facts["tones"] = {"train": {name: photos if name == tone else 500 for name, _ in BANDS}}
        (folder / "card.json").write_text(json.dumps(facts))
        assert ("Only 3 of the 2503 photos" in examination("condition").words(found).how_we_know) == told


def test_the_gate_of_the_data_keeps_clinical_photos(models: Path, unpacked: Callable[[str], dict[str, bytes]]) -> None:
    """Photographs of conditions that the gate turned away would be lost to the patient: at most a few of a hundred."""
    condition_network(models, {"eczema": 0.9})
    files = unpacked("conditions/images.tar.gz")
    taken = 0
    for name in (names := sorted(n for n in files if n.endswith(".webp"))[::130]):
        try:
            examine(read_photo(encode_png(decode(files[name]))), Context())
            taken += 1
        except PhotoRejected:
            pass
    assert taken >= 0.9 * len(names)
