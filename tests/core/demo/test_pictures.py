"""Drawn pictures: the same on every call, with the outline where the lesion is, and good enough for the quality gate."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.demo.marks import is_drawn
from core.demo.pictures import LOOKS, TONES, WHAT, lesion, lesion_jpeg, main
from core.photo import read_photo
from core.settings import settings
from core.vision.quality import problems

SMALL = (400, 300)


@pytest.fixture
def demo_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("CARELENS_DEMO", "1")
    monkeypatch.setenv("CARELENS_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("tone", TONES)
def test_outline_and_quality(look: str, tone: str) -> None:
    drawn = lesion(14, look, SMALL, tone)
    assert drawn.pixels.shape == (300, 400, 3) and drawn.pixels.dtype == np.uint8
    assert drawn.mask.shape == (300, 400) and set(np.unique(drawn.mask)) == {0, 255}
    assert 0.02 < (drawn.mask > 0).mean() < 0.5
    assert not drawn.mask[[0, -1]].any() and not drawn.mask[:, [0, -1]].any(), "the whole lesion is in the picture"
    inside, around = drawn.pixels[drawn.mask > 0].mean(0), drawn.pixels[(drawn.mask == 0) & (drawn.pixels.max(2) > 60)].mean(0)
    assert np.linalg.norm(inside - around) > 12, "what the outline holds looks different from the skin"
    assert problems(drawn.pixels, "dermatoscopic", drawn.mask) == ()


def test_quality_at_full_size() -> None:
    drawn = lesion(5)
    assert drawn.pixels.shape == (900, 1200, 3)
    assert problems(read_photo(lesion_jpeg(5)).pixels, "dermatoscopic", drawn.mask) == ()


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert lesion_jpeg(7, size=SMALL) == lesion_jpeg(7, size=SMALL)
    assert lesion_jpeg(7, size=SMALL) != lesion_jpeg(8, size=SMALL)


def test_seeds_give_every_look_and_several_tones() -> None:
    drawn = [lesion(seed, size=(64, 64)) for seed in range(30)]
    assert {d.look for d in drawn} == set(LOOKS) and len({d.tone for d in drawn}) >= 3


def test_size_does_not_change_what_is_drawn() -> None:
    large, small = lesion(9, "plain", (800, 600)), lesion(9, "plain", SMALL)
    assert large.look == small.look and abs((large.mask > 0).mean() - (small.mask > 0).mean()) < 0.05


def test_a_spot_that_grows_stays_the_same_spot() -> None:
    masks = [lesion(12, "irregular", SMALL, "light", g).mask > 0 for g in (0.8, 1.0, 1.2)]
    areas = [m.sum() for m in masks]
    assert areas[0] < areas[1] < areas[2]
    assert areas[2] / areas[0] == pytest.approx((1.2 / 0.8) ** 2, rel=0.15), "the growth is one of the diameter"
    centres = [np.argwhere(m).mean(0) for m in masks]
    assert np.abs(centres[0] - centres[2]).max() < 10
    before, after = (lesion(12, "irregular", SMALL, "light", g).pixels.astype(int) for g in (0.8, 1.0))
    outside = ~(masks[1] | masks[2])
    assert np.abs(before - after)[outside].mean() < 4, "the skin around it is the same"


def test_unknown_looks_are_refused() -> None:
    with pytest.raises(ValueError):
        lesion(1, "spotted")
    with pytest.raises(ValueError):
        lesion(1, tone="green")


@pytest.mark.parametrize("what", WHAT)
def test_command_writes_marked_pictures(what: str, demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "drawn"), "--what", what, "--count", "1", "--seed", "30"]) == 0
    files = sorted((tmp_path / "drawn").iterdir())
    assert [str(f) for f in files] == capsys.readouterr().out.split()
    for file in files:
        assert is_drawn(read_photo(file.read_bytes()).sha256)
    again = Image.open(io.BytesIO(files[0].read_bytes()))
    altered = np.asarray(again.convert("RGB")).copy()
    altered[0, 0] ^= 1
    other = io.BytesIO()
    Image.fromarray(altered).save(other, "JPEG")
    assert not is_drawn(read_photo(other.getvalue()).sha256), "only that very picture"
