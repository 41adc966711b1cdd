"""`models.evaluate` finds every number and shouts when one differs."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.vision.card import card
from models import evaluate


def test_every_number_is_found_with_its_path() -> None:
    found = dict(evaluate.numbers({"a": {"value": 0.5, "n": 3}, "b": [[1, 2], [3, 4]], "c": "text", "d": True}))
    assert found == {"a.value": 0.5, "a.n": 3.0, "b[0][0]": 1.0, "b[0][1]": 2.0, "b[1][0]": 3.0, "b[1][1]": 4.0}


@pytest.mark.parametrize("change,status", [(0.0, 0), (0.0019, 0), (0.01, 1), (math.nan, 1)])
def test_a_figure_that_differs_is_shown(
    change: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = card("photo_kind").facts
    moved = {**shown["metrics"]["accuracy_test"], "value": shown["metrics"]["accuracy_test"]["value"] + change}
    again = {**{k: shown[k] for k in ("recall", "confusion")}, "metrics": {**shown["metrics"], "accuracy_test": moved}}
    monkeypatch.setattr(evaluate, "recompute", lambda id, folder: again)
    monkeypatch.setattr(sys, "argv", ["evaluate", "photo_kind"])
    assert evaluate.main() == status
    out = capsys.readouterr().out
    assert "recall.fundus_test.value" in out and ("<- differs" in out) == bool(status)


def test_figures_of_networks_that_do_not_ship_are_not_asked_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = card("photo_kind")
    once = {"alternatives": {"mask_rcnn": {"seconds_per_photo": 0.1}}}
    monkeypatch.setattr(evaluate, "card", lambda id: replace(kept, facts={**kept.facts, "metrics": {**kept.facts["metrics"], **once}}))
    monkeypatch.setattr(evaluate, "recompute", lambda id, folder: dict(kept.facts))
    rows, worst = evaluate.compare("photo_kind", tmp_path)
    assert worst == 0 and not any("alternatives" in name for name, _, _ in rows)


def test_an_unknown_network_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluate", "teeth"])
    with pytest.raises(SystemExit) as stop:
        evaluate.main()
    assert stop.value.code == 2
