"""What follows from the share of affected skin, the same for the network's outline and for a person's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.examinations.eczema_rule import decision, measured_anew
from core.examinations.eczema_texts import eczema_words
from core.examinations.finding import Finding
from core.examinations.registry import measured_anew as by_its_examination
from core.examinations.severity import recompute

SIDE = 40


def found(masks: dict[str, np.ndarray] | None = None, **numbers: float) -> Finding:
    return Finding(examination="eczema", kind="clinical", probabilities={}, masks=masks or {}, numbers=numbers, **decision(numbers))


@pytest.mark.parametrize(
    ("fraction", "label", "step", "status"),
    [
        (0.0, "clear", "watch", "ok"),
        (0.0099, "clear", "watch", "ok"),
        (0.01, "affected", "routine", "ok"),  # EASI's first area band begins at 1 %
        (1.0, "affected", "routine", "ok"),
        (None, "unclear", "routine", "abstained"),
    ],
)
def test_the_rule(fraction: float | None, label: str, step: str, status: str) -> None:
    said = decision({} if fraction is None else {"affected_fraction": fraction})
    assert (said["label"], said["step"], said["status"]) == (label, step, status)
    assert said["cannot_exclude"] == ((label,) if status == "ok" else ())
    assert bool(said["reason"]) == (status == "abstained") and not said["refer"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, SIDE * SIDE), st.integers(0, SIDE * SIDE), st.integers(0, SIDE * SIDE))
def test_a_corrected_finding_is_the_finding_of_its_outline(skin: int, before: int, after: int) -> None:
    """Whatever the network outlined: once a person drew, only what they drew counts."""

    def mask(pixels: int) -> np.ndarray:
        return ((np.arange(SIDE * SIDE) < pixels).reshape(SIDE, SIDE) * np.uint8(255)).astype(np.uint8)

    photo = np.full((SIDE, SIDE, 3), 180, np.uint8)
    was, now = ({"lesion": mask(one), "skin": mask(skin)} for one in (before, after))
    corrected = measured_anew(found(was, **recompute(photo, was)), recompute(photo, now))
    assert corrected.facts() == found(now, **recompute(photo, now)).facts()
    shown = max(skin, after) / SIDE**2
    expected = "unclear" if shown < 0.05 else "clear" if after / max(skin, after) < 0.01 else "affected"
    assert corrected.label == expected
    assert ("**clear**" in eczema_words(corrected, {}).looks_like) == (expected == "clear")


def test_an_examination_without_such_a_rule_changes_its_numbers_alone() -> None:
    one = Finding("gone", "clinical", "ok", "a", {}, ("a",), True, "soon", numbers={"affected_fraction": 0.3})
    assert by_its_examination(one, {"affected_fraction": 0.0}).facts() == {**one.facts(), "numbers": {"affected_fraction": 0.0}}
    assert by_its_examination(found(affected_fraction=0.3), {"affected_fraction": 0.0}).label == "clear"
