"""The engine gives what the network gives, prepared as the card says."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.transforms import v2

from core.errors import Unavailable
from core.vision import registry
from core.vision.card import Input, card, card_ids, file_sha256, read_card
from core.vision.engine import InProcess, levelled, prepare, warm
from core.vision.light import gain
from core.vision.networks import Classifier, OrdinalClassifier, OutlineNet, start_from_imagenet
from tests.core.toy_networks import INPUT, card_of, install, kinds_alone

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with a copy of one network, to break."""
    yield from kinds_alone(tmp_path, monkeypatch)


def photo(seed: int = 0, shape: tuple[int, int] = (240, 320)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)


def test_preparation_equals_torchvision() -> None:
    """Smooth pictures, so that the two libraries' resampling agrees."""
    y, x = np.mgrid[0:480, 0:640]
    pixels = np.stack((x * 255 // 640, y * 255 // 480, (x + y) * 255 // 1120), 2).astype(np.uint8)
    ours = prepare(pixels, Input(160, "middle_square", MEAN, STD, flips=False))
    theirs = v2.Compose(
        [
            v2.ToImage(),
            v2.CenterCrop(480),
            v2.Resize((160, 160), antialias=True),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )(pixels)
    np.testing.assert_allclose(ours, theirs.numpy(), atol=0.03)


def test_a_small_photo_is_enlarged_and_a_squashed_one_keeps_its_edges() -> None:
    pixels = np.zeros((64, 200, 3), np.uint8)
    pixels[:, :10] = 255
    way = Input(128, "squash", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)
    assert prepare(pixels, way)[0, 64, 0] == 1.0
    assert prepare(pixels, Input(128, "middle_square", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)).max() == 0.0


def test_every_colour_is_normalised_as_the_card_says() -> None:
    """Pixel by pixel, with a photo that is lifted and one that is not; `size` as the photo's, so that nothing is resampled."""
    for least in ((0.0, 0.0, 0.0), (200.0, 180.0, 160.0)):
        pixels = np.random.default_rng(4).integers(0, 200, (96, 96, 3), np.uint8)
        way = Input(96, "squash", MEAN, STD, flips=False, least_light=least)
        lifted = np.minimum(pixels / 255 * (gain(pixels, least) if any(least) else 1.0), 1)
        expected = ((lifted - np.array(MEAN)) / np.array(STD)).transpose(2, 0, 1)
        ours = prepare(pixels, way)
        assert ours.dtype == np.float32 and ours.flags.c_contiguous
        np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_activation_maps_add_up_to_the_logits() -> None:
    """The mean of a class activation map plus the bias is the logit: the map explains the very number."""
    torch.manual_seed(0)
    network = Classifier(5).eval()
    with torch.inference_mode():
        logits, pooled, maps = network.explain(torch.randn(2, 3, 96, 96))
        torch.testing.assert_close(maps.mean((2, 3)) + network.head.bias, logits, atol=1e-4, rtol=1e-4)
        assert pooled.shape == (2, 1280)


def test_outline_network_answers_at_the_input_size() -> None:
    with torch.inference_mode():
        assert OutlineNet(2).eval()(torch.randn(1, 3, 96, 128)).shape == (1, 2, 96, 128)


def test_imagenet_weights_fill_the_whole_encoder_turned_upright(data_folder: Path) -> None:
    state = torch.load(data_folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True)
    network = Classifier(3)
    assert start_from_imagenet(network, state) == len(network.features.state_dict())
    key = "features.0.0.weight"
    torch.testing.assert_close(network.state_dict()[key], state[key].float().flip(2, 3))


def test_mirrored_photos_get_the_same_answer(models: Path) -> None:
    """With mirrored views in the card, mirroring the photo changes nothing but the order of the views."""
    facts = json.loads((models / "photo_kind" / "card.json").read_text())
    facts["input"]["flips"] = True
    (models / "photo_kind" / "card.json").write_text(json.dumps(facts))
    engine, pixels = InProcess(), photo(1)
    straight, mirrored = engine.classify("photo_kind", pixels), engine.classify("photo_kind", pixels[:, ::-1].copy())
    np.testing.assert_allclose(straight.logits, mirrored.logits, atol=2e-3)
    np.testing.assert_allclose(straight.maps, mirrored.maps[:, :, ::-1], atol=2e-2)


def test_the_engine_says_what_plain_torch_says(models: Path) -> None:
    known = registry.network("photo_kind")
    pixels = photo(2)
    with torch.inference_mode():
        plain = known.module(torch.from_numpy(prepare(pixels, known.card.input))[None])[0]
    np.testing.assert_allclose(InProcess().classify("photo_kind", pixels).logits, plain.numpy(), atol=1e-4)


def test_warming_makes_networks_ready_and_leaves_a_broken_one_with_its_reason(models: Path) -> None:
    shutil.copytree(models / "photo_kind", models / "second")
    facts = json.loads((models / "second" / "card.json").read_text()) | {"id": "second"}
    (models / "second" / "card.json").write_text(json.dumps(facts))
    (models / "second" / "weights.safetensors").unlink()
    assert {s.state for s in registry.states().values()} == {"waiting"}
    warm()
    states = registry.states()
    assert (states["photo_kind"].state, states["second"].state) == ("ready", "unavailable")
    assert "missing" in states["second"].reason


def test_a_wrong_hash_is_refused(models: Path) -> None:
    path = models / "photo_kind" / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(Unavailable, match="not the ones its card describes"):
        registry.network("photo_kind")


def test_weights_that_cannot_be_read_are_unavailable_and_not_warming_for_ever(models: Path) -> None:
    path = models / "photo_kind" / "weights.safetensors"
    path.unlink()
    path.mkdir()
    with pytest.raises(Unavailable, match="could not be loaded"):
        registry.network("photo_kind")
    assert registry.states()["photo_kind"].state == "unavailable"


def test_weights_of_another_shape_are_refused(models: Path) -> None:
    path = models / "photo_kind" / "weights.safetensors"
    save_file({"head.weight": torch.zeros(2, 2)}, path)
    facts = json.loads((models / "photo_kind" / "card.json").read_text())
    facts["sha256"] = file_sha256(path)
    (models / "photo_kind" / "card.json").write_text(json.dumps(facts))
    with pytest.raises(Unavailable, match="do not fit"):
        registry.network("photo_kind")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "x"}', '{"input": {}}'])
def test_a_broken_card_is_unavailable_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(Unavailable, match="cannot be read") as caught:
        read_card(tmp_path)
    assert caught.value.hint


def test_every_shipped_card_is_read() -> None:
    for id in card_ids():
        assert card(id).id == id


def test_a_card_for_eyes_levels_the_field_before_the_network_sees_it() -> None:
    """Two cameras, one eye: the network's input is the same within the fineness of the picture."""
    way = Input(96, "field", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)
    y, x = np.mgrid[0:480, 0:640]
    round_eye = ((np.hypot(x - 320, y - 240) < 200)[..., None] * np.stack((x // 4, y // 4, x // 8), 2)).astype(np.uint8)
    squashed = np.asarray(cv2.resize(round_eye[40:440], (300, 300), interpolation=cv2.INTER_AREA), np.uint8)
    one, other = prepare(round_eye, way), prepare(squashed, way)
    assert one.shape == other.shape == (3, 96, 96) and np.abs(one - other).mean() < 0.01
    seen = levelled(squashed, way)
    assert seen is not None and (prepare(squashed, way, seen) == other).all()
    assert levelled(squashed, Input(96, "squash", MEAN, STD, flips=False)) is None


def test_a_card_may_ask_for_all_that_is_seen_of_an_eye() -> None:
    """The same place as `field`, but without the common cut: what lies near the rim and above is still there."""
    y, x = np.mgrid[0:480, 0:640]
    eye = ((np.hypot(x - 320, y - 240) < 200)[..., None] * np.full(3, 150)).astype(np.uint8)
    cut, all_of_it = (levelled(eye, Input(96, crop, MEAN, STD, flips=False)) for crop in ("field", "eye"))
    assert cut is not None and all_of_it is not None
    np.testing.assert_array_equal(cut.matrix, all_of_it.matrix)
    assert (all_of_it.image[48, 20] == 150).all() and (cut.image[48, 20] == 150).all()
    assert (all_of_it.image[6, 48] == 150).all() and (cut.image[6, 48] != 150).all()


def test_the_maps_of_an_ordinal_network_add_up_to_its_score_over_the_whole_square() -> None:
    torch.manual_seed(0)
    network = OrdinalClassifier().eval()
    with torch.inference_mode():
        x = torch.randn(2, 3, 128, 128)
        score, pooled, maps = network.explain(x)
        assert score.shape == (2, 1) and pooled.shape == (2, 1280) and maps.shape == (2, 1, 4, 4)
        torch.testing.assert_close(network(x), score)
        torch.testing.assert_close(maps.mean((2, 3)) + network.head.bias, score, atol=1e-4, rtol=1e-4)
        x[:, :, :16] = 9
        torch.testing.assert_close(network(x), score)  # what is always blank is not looked at


def test_an_ordinal_network_gives_one_score_and_what_it_saw(models: Path) -> None:
    facts = card_of("retina_toy", "grading", "mobilenet_v2_ordinal", "01234", ordinal={"cutoffs": [-1, 0, 1, 2]})
    network = OrdinalClassifier().eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.fill_(0.5)
    install(models, facts | {"input": INPUT | {"crop": "field"}}, {k: v.clone() for k, v in network.state_dict().items()})
    seen = InProcess().classify("retina_toy", photo(3))
    np.testing.assert_allclose(seen.logits, [0.5], atol=1e-5)
    assert seen.levelled is not None and seen.levelled.image.shape == (96, 96, 3)
