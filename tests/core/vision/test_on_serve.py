"""Networks behind Ray Serve say what they say in this process, also when many ask at once and one of them asks for what there is not."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.demo.pictures import lesion
from core.errors import Unavailable
from core.settings import settings
from core.vision import engine, on_serve
from core.vision.card import card
from core.vision.engine import InProcess, prepare
from core.vision.on_serve import Asked, together
from tests.conftest import missing

THERE = importlib.util.find_spec("ray") is not None
CLASSIFIES, OUTLINES = "photo_kind", "lesion_outline"


def asked(id: str, seed: int, views: int = 1) -> Asked:
    x = prepare(lesion(seed).pixels, card(id).input)[None]
    return Asked(id, card(id).sha256, np.repeat(x, views, 0))


def test_what_goes_together_comes_apart_in_the_order_asked_and_a_bad_one_spoils_no_other() -> None:
    many = [asked(CLASSIFIES, 1), asked(OUTLINES, 2), asked(CLASSIFIES, 3, views=4), asked(CLASSIFIES, 4)]
    wrong = [replace(many[0], sha256="0" * 64), replace(many[0], id="no_such_network")]
    alone = [together([one])[0] for one in many]
    found = together([many[0], wrong[0], many[1], wrong[1], *many[2:]])
    assert "other weights" in found[1].reason and "no_such_network" in found[3].reason and not found[1].arrays
    for answer, own in zip((found[0], found[2], *found[4:]), alone, strict=True):
        assert not answer.reason and len(answer.arrays) == len(own.arrays)
        for array, one in zip(answer.arrays, own.arrays, strict=True):
            np.testing.assert_allclose(array, one, atol=1e-4, rtol=1e-4)
    assert found[4].arrays[0].shape[0] == 4
    assert not np.allclose(found[0].arrays[0], found[5].arrays[0])


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not THERE:
        missing("ray", "Ray is not installed")
    import ray
    from ray import serve

    monkeypatch.setenv("CARELENS_ENGINE", "ray")
    settings.cache_clear()
    engine.engine.cache_clear()
    yield
    serve.shutdown()
    ray.shutdown()
    engine.engine.cache_clear()
    settings.cache_clear()


def test_many_at_once_on_a_local_ray_get_the_answers_of_this_process(ray: None) -> None:
    served, own = engine.engine(), InProcess()
    assert isinstance(served, on_serve.Served)
    pictures = [lesion(seed).pixels for seed in range(12)]
    with ThreadPoolExecutor(12) as pool:
        classified = list(pool.map(lambda pixels: served.classify(CLASSIFIES, pixels), pictures))
        outlined = list(pool.map(lambda pixels: served.outline(OUTLINES, pixels), pictures))
    for pixels, one, chances in zip(pictures, classified, outlined, strict=True):
        here = own.classify(CLASSIFIES, pixels)
        np.testing.assert_allclose(one.logits, here.logits, atol=1e-3)
        np.testing.assert_allclose(one.maps, here.maps, atol=1e-2)
        np.testing.assert_allclose(chances, own.outline(OUTLINES, pixels), atol=1e-3)
    with pytest.raises(Unavailable):
        served.classify("no_such_network", pictures[0])


@pytest.mark.skipif(THERE, reason="Ray is installed")
def test_without_ray_every_examination_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_ENGINE", "ray")
    settings.cache_clear()
    engine.engine.cache_clear()
    try:
        with pytest.raises(Unavailable, match="Ray") as told:
            engine.engine()
        assert "requirements-ray.txt" in told.value.hint
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        engine.engine.cache_clear()
