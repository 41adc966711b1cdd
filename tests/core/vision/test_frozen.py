"""The quick networks say what the plain ones say: on drawn pictures, and on real photographs where they are."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.demo.pictures import lesion
from core.photo import read_photo
from core.vision import frozen, registry
from core.vision.calibration import softmax
from core.vision.card import card, card_ids
from core.vision.engine import InProcess, prepare
from core.vision.networks import Classifier
from core.vision.ordinal import cutoffs_of, ordinal_probabilities
from core.vision.outline import mask_of
from tests.conftest import Dermatoscopic

Pixels = NDArray[np.uint8]


def written(id: str, pixels: Pixels) -> torch.Tensor:
    """What the network as it is written says: view by view, no batch, no folding. Logits, or chances per pixel."""
    known = registry.network(id)
    x = torch.from_numpy(prepare(pixels, known.card.input))[None]
    classifies = isinstance(known.module, Classifier)
    ways: tuple[tuple[int, ...], ...] = ((),)
    if known.card.input.flips:
        ways = ((), (3,), (2,), (2, 3)) if classifies else ((), (3,))
    with torch.inference_mode():
        if classifies:
            return torch.stack([known.module(x.flip(way))[0] for way in ways]).mean(0)
        answer = frozen.plain(known.module)
        return torch.stack([answer(x.flip(way)).flip(way)[0] for way in ways]).mean(0)


def chances(id: str, logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a card makes of its logits."""
    ordinal = card(id).architecture == "mobilenet_v2_ordinal"
    return ordinal_probabilities(logits[0], cutoffs_of(card(id).facts)) if ordinal else softmax(logits)


def overlap(one: Pixels, other: Pixels) -> float:
    """Intersection over union; 1 of two empty masks."""
    either = ((one > 0) | (other > 0)).sum()
    return float(((one > 0) & (other > 0)).sum() / either) if either else 1.0


def agree(pictures: Iterable[Pixels]) -> None:
    """Chances within 1e-3, outlines over 0.995 alike, of every network and picture."""
    engine = InProcess()
    for number, pixels in enumerate(pictures):
        for id in card_ids():
            if number % 8 and card(id).input.size > 640:
                continue  # a second a picture: a few say as much
            plain = written(id, pixels).numpy()
            if card(id).task == "segmentation":
                quick = engine.outline(id, pixels)
                assert np.abs(quick - plain).max() < 1e-3
                assert overlap(mask_of(quick[0], pixels.shape), mask_of(plain[0], pixels.shape)) > 0.995
            else:
                assert np.abs(chances(id, engine.classify(id, pixels).logits) - chances(id, plain)).max() < 1e-3


def test_they_agree_on_drawn_pictures() -> None:
    agree(lesion(seed).pixels for seed in range(8))


def test_they_agree_on_a_hundred_photographs(ham10000: Dermatoscopic) -> None:
    ids = sorted(ham10000.ids("test"))
    agree(read_photo(ham10000.data(id)).pixels for id in ids[:: len(ids) // 100][:100])


def test_freezing_joins_operations() -> None:
    """Else it would be the slow network under another name."""
    known = registry.network("photo_kind")
    assert isinstance(known.run, torch.jit.ScriptModule)
    graph = str(known.run.graph)
    assert "batch_norm" not in graph and graph.count("aten::_convolution") == 53


def test_without_torchscript_the_plain_network_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise AttributeError("no such thing in this PyTorch")

    monkeypatch.setattr(torch.jit, "trace", gone)
    module = registry.network("photo_kind").module
    run = frozen.frozen(module, 1, 64)
    x = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        assert isinstance(run, frozen.Answer)
        torch.testing.assert_close(run(x)[0], module(x))


def test_another_number_of_pictures_than_it_was_frozen_for_gets_the_same_answer() -> None:
    known = registry.network("photo_kind")
    x = torch.rand(3, 3, 96, 128)
    with torch.inference_mode():
        torch.testing.assert_close(known.run(x)[0], known.module(x), atol=1e-4, rtol=1e-4)


def test_nobody_is_warned_of_what_is_deprecated() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frozen.frozen(Classifier(2).eval().requires_grad_(False), 1, 64)
