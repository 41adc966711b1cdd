"""What the measured share of affected skin comes to: the label, what cannot be excluded, and the next step.

One rule for what the network outlined and for what a person outlined anew, so that the two never speak differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.examinations.eczema_texts import LITTLE_SKIN
from core.examinations.finding import Finding
from core.examinations.severity import CLEAR


def decision(numbers: Mapping[str, float]) -> dict[str, Any]:
    """The fields of a finding that follow from its numbers: status, label, cannot_exclude, refer, step, step_reasons, reason.

    Without `affected_fraction` (0-1; not given below `severity.LEAST_SKIN` of visible skin) it abstains.
    """
    fraction = numbers.get("affected_fraction")
    label = "unclear" if fraction is None else "clear" if fraction < CLEAR else "affected"
    given = fraction is not None
    return {
        "status": "ok" if given else "abstained",
        "label": label,
        "cannot_exclude": (label,) if given else (),
        "refer": False,
        "step": "watch" if label == "clear" else "routine",
        "step_reasons": (label,) if given else ("abstained",),
        "reason": "" if given else LITTLE_SKIN,
    }


def measured_anew(finding: Finding, numbers: Mapping[str, float]) -> Finding:
    """The finding with the numbers of a corrected outline, and what follows from them; the pictures stay as they are."""
    return replace(finding, numbers=dict(numbers), **decision(numbers))
