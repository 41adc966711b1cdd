"""The marks of drawn pictures: kept, shared between processes, worth nothing outside the demo."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.marks import is_drawn, mark
from core.settings import settings

ONE, TWO, THREE = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture(autouse=True)
def demo_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("CARELENS_DEMO", "1")
    monkeypatch.setenv("CARELENS_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    settings.cache_clear()


def test_marks_are_kept() -> None:
    assert not is_drawn(ONE)
    mark(ONE)
    mark(TWO)
    mark(ONE)
    assert is_drawn(ONE) and is_drawn(TWO) and not is_drawn(THREE)


def test_no_mark_counts_outside_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    mark(ONE)
    monkeypatch.setenv("CARELENS_DEMO", "0")
    settings.cache_clear()
    assert not is_drawn(ONE)


def test_another_process_marks() -> None:
    mark(ONE)
    assert is_drawn(ONE) and not is_drawn(TWO)
    subprocess.run([sys.executable, "-c", f"from core.demo.marks import mark; mark('{TWO}')"], check=True, cwd=Path(__file__).parents[3])
    assert is_drawn(ONE) and is_drawn(TWO)


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "7", '"' + ONE + '"'])
def test_a_broken_file_marks_nothing(demo_home: Path, content: str) -> None:
    demo_home.mkdir()
    (demo_home / "drawn.json").write_text(content)
    assert not is_drawn(ONE)
    mark(TWO)
    assert is_drawn(TWO)
