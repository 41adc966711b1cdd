"""The README keeps its word: settings, commands, files and licences are the ones that are there."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from core.settings import ROOT, Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(CARELENS_[A-Z_]+)` \| (.+)$", README, re.MULTILINE))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_table(name: str) -> None:
    row = ROWS.get(f"CARELENS_{name.upper()}")
    assert row, f"README.md has no row for CARELENS_{name.upper()}"
    field = Settings.model_fields[name]
    shown, described = (part.strip() for part in row.rstrip("| ").split(" | ", 1))
    assert described == field.description
    default = field.default.get_secret_value() if hasattr(field.default, "get_secret_value") else field.default
    if isinstance(default, bool):
        assert shown == f"`{int(default)}`"
    elif isinstance(default, Path):
        assert shown == f"`{default.relative_to(ROOT)}`"
    elif default == "":
        assert shown == "empty"
    else:
        assert f"`{default}`" in shown


def test_no_setting_is_told_that_does_not_exist() -> None:
    known = {f"CARELENS_{name.upper()}" for name in Settings.model_fields}
    assert set(ROWS) == known
    assert set(re.findall(r"CARELENS_[A-Z_]+", README)) <= known | {"CARELENS_DATA", "CARELENS_REQUIRE"}


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE))
    assert {"run", "serve", "test", "lint", "bench", "demo-reset"} <= told <= targets


def test_every_module_that_is_run_exists() -> None:
    modules = set(re.findall(r"python -m ([a-z_.]+)", README))
    assert modules >= {"core.examine", "core.admin", "models.evaluate"}
    for name in modules:
        assert importlib.util.find_spec(name), name


def test_every_file_it_names_is_there() -> None:
    folders = "core|models|tests|docs|pages|data|benchmarks|migrations"
    named = set(re.findall(rf"`((?:{folders})/[A-Za-z0-9_./*-]*|Home\.py|LICENSE)`", README))
    assert len(named) > 10
    for name in named:
        assert list(ROOT.glob(name.rstrip("/"))), name


def test_the_picture_is_there() -> None:
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README)
    assert pictures
    for alt, path in pictures:
        assert len(alt) > 20 and (ROOT / path).is_file(), path


def test_the_commands_tell_their_time_and_disk() -> None:
    for command in ("make run", "make test"):
        row = next(line for line in README.splitlines() if line.startswith(f"| `{command}`"))
        assert re.search(r"(second|minute)s", row) and "GB" in row


def test_limits_and_licences_are_told() -> None:
    for said in ("not a medical device", "light skin", "no clinician has reviewed", "not for commercial use", "CC BY-NC 4.0", "MIT"):
        assert said in README.replace("\n  ", " "), said
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_the_cards_say_the_same_of_the_weights() -> None:
    cards = sorted((ROOT / "models").glob("*/card.json"))
    assert cards
    for path in cards:
        weights = json.loads(path.read_text(encoding="utf-8"))["licences"]["weights"].lower()
        assert "research and education" in weights and "non-commercial" in weights


def test_nothing_is_left_unfinished() -> None:
    assert not re.search(r"TODO|TBD|FIXME|XXX|@@|lorem", README, re.IGNORECASE)
