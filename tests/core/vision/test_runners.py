"""Networks over all cores for one photo, side by side for several: the same answers, and nobody spoils another's."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Unavailable
from core.vision import registry, runners
from core.vision.engine import classify_with
from core.vision.frozen import Beside
from core.vision.networks import Classifier
from core.vision.registry import Network
from core.vision.runners import Forward, Pixels, Runners
from core.vision.turns import Turns
from tests.core.toy_networks import kinds_alone

ID = "photo_kind"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with one network, on a machine of two cores."""
    monkeypatch.setenv("CARELENS_THREADS", "2")
    before = torch.get_num_threads()
    yield from kinds_alone(tmp_path, monkeypatch)
    torch.set_num_threads(before)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """An empty line of photos of this test's own."""
    own = Turns(2)
    monkeypatch.setattr(runners, "turns", lambda: own)
    return own


def photo(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (120, 160, 3), np.uint8)


def where(id: str, pixels: Pixels, forward: Forward) -> tuple[str, int]:
    """The thread that runs it, and how many threads it has."""
    forward(registry.network(id), torch.zeros(1, 3, 160, 160))
    return threading.current_thread().name, torch.get_num_threads()


def test_one_photo_has_all_cores_and_several_have_a_share_each(models: Path, line: Turns) -> None:
    ours = Runners(2)
    with line.turn():
        assert "beside" not in ours.run(where, ID, photo(0))[0]
        with line.turn():
            name, threads = ours.run(where, ID, photo(0))
        assert "beside" in name and threads == 1
        name, threads = ours.run(where, ID, photo(0))
        assert "beside" not in name and threads == 2, "alone again, with all cores"


def test_a_network_that_is_not_loaded_or_large_runs_alone(models: Path, line: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Runners(2)
    with line.turn(), line.turn():
        assert not ours.may_be_beside(ID)
        registry.network(ID)
        assert ours.may_be_beside(ID)
        monkeypatch.setattr(runners, "MOST_BESIDE", 160 * 160 - 1)
        assert not ours.may_be_beside(ID)


def test_photos_at_once_get_the_answers_of_one_after_the_other(models: Path, line: Turns) -> None:
    """Twelve photos, two at a time, against each of them alone; run at the very same moment, over and over."""
    ours, photos = Runners(2), [photo(seed) for seed in range(12)]
    alone = [ours.run(classify_with, ID, one) for one in photos]
    with ExitStack() as full, ThreadPoolExecutor(4) as pool:
        full.enter_context(line.turn())
        full.enter_context(line.turn())
        assert ours.may_be_beside(ID)
        together = list(pool.map(lambda one: ours.run(classify_with, ID, one), photos * 3))
    for one, other in zip(alone * 3, together, strict=True):
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-5)
        np.testing.assert_allclose(one.maps, other.maps, atol=1e-4)
    assert np.std([one.logits for one in alone], axis=0).max() > 0.01, "the photos do differ"


@pytest.mark.parametrize("many", [False, True])
def test_one_that_fails_holds_up_nobody(models: Path, line: Turns, many: bool) -> None:
    def broken(id: str, pixels: Pixels, forward: Forward) -> None:
        raise Unavailable("This one is broken.", "")

    ours = Runners(2)
    expected = ours.run(classify_with, ID, photo(1)).logits
    with ExitStack() as full:
        for _ in range(2 if many else 1):
            full.enter_context(line.turn())
        for _ in range(5):
            with pytest.raises(Unavailable, match="broken"):
                ours.run(broken, ID, photo(1))
        np.testing.assert_allclose(ours.run(classify_with, ID, photo(1)).logits, expected, atol=1e-5)


def test_a_network_made_for_one_thread_takes_one_wherever_it_runs() -> None:
    """So that photos side by side do not wait for each other's threads; the processor's time of the others is looked at."""

    def share_of_this_thread(made_for: int) -> float:
        torch.set_num_threads(made_for)
        run = Beside(Classifier(2).eval().requires_grad_(False), 4, 224)(made_for)
        x = torch.zeros(4, 3, 224, 224).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            own, everybody = time.thread_time(), time.process_time()
            for _ in range(5):
                run(x)
            return (time.thread_time() - own) / (time.process_time() - everybody)

    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(share_of_this_thread, 1).result() > 0.9
            assert pool.submit(share_of_this_thread, 2).result() < 0.75
    finally:
        torch.set_num_threads(before)


def test_it_is_made_once_for_all_who_want_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def slow(*_: object) -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    monkeypatch.setattr("core.vision.frozen.frozen", slow)
    beside = Beside(Classifier(2), 1, 64)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(beside, [1] * 8))) == 1
    assert len(made) == 1 and beside(2) is not made[0]


def test_a_replaced_network_runs_beside_as_it_is_now(models: Path, line: Turns) -> None:
    """A copy belongs to its network: new weights never run as the old ones."""
    ours = Runners(2)
    ours.run(classify_with, ID, photo(0))
    old = registry.loaded(ID)
    (models / ID / "card.json").touch()
    assert registry.loaded(ID) is None
    with line.turn(), line.turn():
        ours.run(classify_with, ID, photo(0))
    new = registry.loaded(ID)
    assert isinstance(new, Network) and new is not old
