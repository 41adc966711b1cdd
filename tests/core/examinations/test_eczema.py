"""The eczema check as a whole: what comes of a photo, of a bad one, and what while its network is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from core.demo.limbs import DrawnLimb, limb
from core.errors import PhotoRejected, Unavailable
from core.examinations import eczema
from core.examinations.finding import Context, Finding
from core.photo import Photo, encode_png, read_photo
from core.vision import looks, skin_tone
from core.vision.card import card
from core.vision.engine import Classified, InProcess, prepare
from core.vision.networks import OutlineNet
from tests.core.toy_networks import INPUT, card_of, install, kinds_alone

UNGATED, DRAWN = Context(gate=False), Context(drawn=True)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house that has the network of the kinds, and no other."""
    yield from kinds_alone(tmp_path, monkeypatch)


def toy(models: Path, affected: float = 0.5, skin: float = 0.5, **more: Any) -> Path:
    """`eczema_outline` that gives every pixel these chances."""
    network = OutlineNet(2).eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.logit(torch.tensor((affected, skin))))
    facts = card_of("eczema_outline", "segmentation", "mobilenet_v2_unet", eczema.MASKS, **more)
    return install(models, facts | {"input": INPUT | {"crop": "squash"}}, dict(network.state_dict()))


class ByColour:
    """An engine that outlines the drawn limbs by their colours: bare skin is warm on cool cloth, and patches are redder than skin."""

    def classify(self, id: str, pixels: np.ndarray) -> Classified:
        return InProcess().classify(id, pixels)

    def outline(self, id: str, pixels: np.ndarray) -> np.ndarray:
        way = card(id).input
        seen = prepare(pixels, way) * np.reshape(way.std, (3, 1, 1)) + np.reshape(way.mean, (3, 1, 1))
        red, green, blue = seen
        chances = np.stack(((red - green) / np.maximum(red, 0.01) - 0.295, (red - blue) - 0.07)) * 30
        return (1 / (1 + np.exp(-chances))).astype(np.float32)


@pytest.fixture
def by_colour(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy(models)
    monkeypatch.setattr(looks, "engine", ByColour)


def photo_of(one: DrawnLimb) -> Photo:
    return read_photo(encode_png(one.pixels))


@pytest.fixture
def anything() -> Photo:
    return read_photo(encode_png(np.random.default_rng(3).integers(0, 256, (200, 300, 3), np.uint8)))


def test_patches_on_an_arm_are_measured(by_colour: None) -> None:
    one = limb(5, "arm", 0.25, size=(640, 480))
    found = eczema.examine(photo_of(one), DRAWN)
    assert (found.examination, found.kind, found.status, found.label) == ("eczema", "clinical", "ok", "affected")
    assert found.numbers["affected_fraction"] == pytest.approx(0.25, abs=0.05)
    assert found.numbers["affected_low"] <= found.numbers["affected_fraction"] <= found.numbers["affected_high"]
    assert found.numbers["redness"] > 5 and found.numbers["lesions"] >= 3 and "ita" in found.numbers
    assert set(found.masks) == {"lesion", "skin"}
    for mask in found.masks.values():
        assert mask.shape == (480, 640) and mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 255}
    assert not found.refer and found.step == "routine" and found.cannot_exclude == ("affected",)
    assert found.versions.keys() == {"photo_kind", "eczema_outline"}
    assert Finding.from_facts(json.loads(json.dumps(found.facts()))).numbers == found.numbers, "no number is NaN"


def test_clear_skin_is_called_clear(by_colour: None) -> None:
    found = eczema.examine(photo_of(limb(5, "arm", 0.0, size=(640, 480))), DRAWN)
    assert (found.label, found.step, found.status) == ("clear", "watch", "ok")
    assert found.numbers["affected_fraction"] < 0.01 and "redness" not in found.numbers


def test_from_far_away_no_share_is_given(by_colour: None) -> None:
    found = eczema.examine(photo_of(limb(5, "arm", 0.25, distance=2.2, size=(640, 480))), DRAWN)
    assert found.status == "abstained" and "Too little skin" in found.reason and found.step == "routine"
    assert set(found.numbers) == {"skin_fraction"} and 0.005 < found.numbers["skin_fraction"] < 0.05


def test_a_picture_without_skin_is_refused_in_a_sentence(models: Path) -> None:
    toy(models, skin=0.01)
    photo = photo_of(limb(5, "arm", 0.25, size=(640, 480)))
    with pytest.raises(PhotoRejected, match="No skin was found") as refused:
        eczema.examine(photo, DRAWN)
    assert refused.value.code == "no_skin" and refused.value.hint
    assert eczema.examine(photo, UNGATED).status == "abstained", "without the gate it answers, and gives no share"


def test_thresholds_interval_and_order_of_classes_are_those_of_the_card(models: Path, anything: Photo) -> None:
    cuts = {"affected": {"value": 0.35}, "skin": {"value": 0.8}}
    folder = toy(models, 0.4, 0.9, thresholds=cuts, interval={"factor": 2.0, "least_fraction": 0.04})
    numbers = eczema.examine(anything, UNGATED).numbers
    assert (numbers["affected_fraction"], numbers["affected_low"], numbers["affected_high"]) == (1, pytest.approx(0.96), 1)
    facts = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(facts | {"classes": ["skin", "affected"]}))
    assert eczema.examine(anything, UNGATED).status == "abstained", "0.9 is now affected and 0.4, under 0.8, skin"


def test_a_card_without_thresholds_means_a_half() -> None:
    assert eczema.thresholds({}) == (0.5, 0.5) and eczema.thresholds({"thresholds": {"skin": {"value": 0.6}}}) == (0.5, 0.6)


def test_without_its_network_it_says_so_in_a_sentence(models: Path, anything: Photo) -> None:
    with pytest.raises(Unavailable, match="eczema check"):
        eczema.examine(anything, UNGATED)
    folder = toy(models)
    (folder / "weights.safetensors").write_bytes(b"")
    with pytest.raises(Unavailable) as said:
        eczema.examine(anything, UNGATED)
    assert said.value.reason.endswith(".") and said.value.hint


def test_what_is_no_photo_of_skin_is_told_what_it_looks_like(models: Path, unpacked: Callable[[str], dict[str, bytes]]) -> None:
    toy(models)
    files = unpacked("other/images.tar.gz")
    thing = files[sorted(name for name in files if name.endswith(".webp"))[5]]
    with pytest.raises(PhotoRejected) as refused:
        eczema.examine(read_photo(thing), Context())
    assert (refused.value.code, refused.value.kind) == ("wrong_kind", "other") and refused.value.hint


def test_a_cartoon_is_told_to_be_no_photo_of_skin(models: Path) -> None:
    """Flat colours and black lines."""
    toy(models)
    page = np.full((480, 640, 3), 255, np.uint8)
    cv2.circle(page, (320, 200), 120, (255, 214, 170), -1)
    cv2.circle(page, (320, 200), 120, (0, 0, 0), 5)
    for x in (275, 365):
        cv2.circle(page, (x, 170), 12, (0, 0, 0), -1)
    cv2.ellipse(page, (320, 230), (50, 30), 0, 0, 180, (0, 0, 0), 5)
    cv2.line(page, (320, 320), (320, 460), (0, 0, 0), 5)
    with pytest.raises(PhotoRejected) as refused:
        eczema.examine(read_photo(encode_png(page)), Context())
    assert refused.value.reason.startswith(("This looks like", "The photo is")) and refused.value.hint


def test_a_real_photo_passes_the_gate(models: Path, unpacked: Callable[[str], dict[str, bytes]]) -> None:
    toy(models, 0.01, 0.99)
    files = unpacked("eczema/data.tar.gz")
    photo = read_photo(files[sorted(name for name in files if "images/" in name and name.endswith(".webp"))[0]])
    found = eczema.examine(photo, Context())
    assert (found.kind, found.label) == ("clinical", "clear") and skin_tone.band(found.numbers["ita"]) != skin_tone.NOT_SEEN
