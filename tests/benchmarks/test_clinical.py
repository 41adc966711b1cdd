"""The checks of phone photos are measured from file to words, by the aims of the skin check."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import clinical, stages
from core.photo import read_photo
from core.settings import settings
from core.vision.looks import LOOKS
from core.vision.registry import forget
from tests.conftest import ROOT
from tests.core.toy_networks import all_skin_network, condition_network

pytestmark = pytest.mark.alone

SMALL = (800, 600)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with the network of the gate alone; everything is as before afterwards."""
    for name, value in (("HOME", str(tmp_path)), ("DEMO", "0"), ("DATABASE_URL", ""), ("PHOTO_STORE", "")):
        monkeypatch.setenv(f"CARELENS_{name}", value)  # demo_house sets these for good
    shutil.copytree(ROOT / "models" / "photo_kind", tmp_path / "models" / "photo_kind")
    monkeypatch.setenv("CARELENS_MODELS", str(tmp_path / "models"))
    forget()
    settings.cache_clear()
    yield tmp_path / "models"
    forget()
    monkeypatch.undo()
    settings.cache_clear()


def test_both_checks_from_the_file_to_words(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    condition_network(models, {"eczema": 0.9})
    all_skin_network(models)
    file = clinical.limb_file(size=SMALL)
    assert read_photo(file).size == SMALL
    monkeypatch.setattr(clinical, "limb_file", lambda: file)
    with stages.demo_house():
        rows = clinical.measure(2)
    titles = [row.group.split(":")[0] for row in rows]
    assert titles == ["Rash and spot check"] * 8 + ["Eczema check"] * 8
    for at in (0, 8):
        own = {row.name: row for row in rows[at : at + 8]}
        networks, whole = own.pop("the networks together"), list(own.values())[-1]
        assert whole.name.startswith("file to finding in words") and whole.aim_ms == 1000 and networks.aim_ms == 150
        # Of two runs the median is the mean, and means add up.
        assert networks.p50_ms == pytest.approx(sum(row.p50_ms for row in own.values() if "(network)" in row.name), abs=0.3)
        assert all(row.n == 2 and 0 < row.p50_ms <= row.p95_ms for row in own.values())
    assert [row.name for row in rows if "looks" in row.name] == [f"outlines, {len(LOOKS)} looks (network)"]


def test_checks_whose_networks_are_not_there_are_left_out(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = clinical.limb_file(size=SMALL)
    monkeypatch.setattr(clinical, "limb_file", lambda: file)
    assert clinical.measure(1) == []
