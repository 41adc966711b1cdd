"""New weights under a running server: nobody is told anything by weights that do not belong to the card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import Unavailable
from core.settings import ROOT, settings
from core.vision import registry
from core.vision.card import file_sha256
from core.vision.engine import InProcess

PHOTO = np.random.default_rng(5).integers(0, 256, (240, 320, 3), np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the one network of a house."""
    own = tmp_path / "models" / "photo_kind"
    shutil.copytree(ROOT / "models" / "photo_kind", own, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setenv("CARELENS_MODELS", str(own.parent))
    settings.cache_clear()
    registry.forget()
    yield own
    monkeypatch.undo()
    settings.cache_clear()
    registry.forget()


def other_weights(folder: Path) -> torch.Tensor:
    """Write weights with another bias; returns by how much every logit is larger."""
    tensors = load_file(folder / "weights.safetensors")
    more = torch.tensor([1.0, -2.0, 3.0, 0.5])
    tensors["head.bias"] = (tensors["head.bias"].float() + more).to(tensors["head.bias"].dtype)
    save_file(tensors, folder / "new")
    (folder / "new").replace(folder / "weights.safetensors")
    return more


def other_card(folder: Path, version: str) -> None:
    """A card that describes the weights that lie there now."""
    facts = json.loads((folder / "card.json").read_text())
    facts |= {"version": version, "sha256": file_sha256(folder / "weights.safetensors")}
    (folder / "card.json").write_text(json.dumps(facts))


def test_new_weights_with_their_card_run_without_a_restart(folder: Path) -> None:
    before = InProcess().classify("photo_kind", PHOTO)
    more = other_weights(folder)
    other_card(folder, "9.9")
    assert registry.states()["photo_kind"].state == "waiting"
    after = InProcess().classify("photo_kind", PHOTO)
    np.testing.assert_allclose(after.logits - before.logits, more.numpy(), atol=0.02)
    assert (before.card.version, after.card.version) == ("1.0.0", "9.9")
    assert (registry.states()["photo_kind"].state, registry.states()["photo_kind"].version) == ("ready", "9.9")


def test_between_the_two_files_nothing_is_answered_and_then_it_is(folder: Path) -> None:
    """Weights come before their card: until both are there, the old card must not judge the new weights."""
    InProcess().classify("photo_kind", PHOTO)
    other_weights(folder)
    with pytest.raises(Unavailable, match="not the ones its card describes"):
        InProcess().classify("photo_kind", PHOTO)
    assert registry.states()["photo_kind"].state == "unavailable"
    other_card(folder, "2.0")
    assert InProcess().classify("photo_kind", PHOTO).card.version == "2.0"


def test_a_network_taken_away_is_gone_and_comes_back(folder: Path) -> None:
    InProcess().classify("photo_kind", PHOTO)
    kept = (folder / "card.json").read_bytes()
    (folder / "card.json").unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        InProcess().classify("photo_kind", PHOTO)
    assert "cannot be read" in registry.states()["photo_kind"].reason
    (folder / "card.json").write_bytes(kept)
    assert InProcess().classify("photo_kind", PHOTO).card.version == "1.0.0"


def test_nothing_is_loaded_twice_while_nothing_changes(folder: Path) -> None:
    assert registry.network("photo_kind") is registry.network("photo_kind")
