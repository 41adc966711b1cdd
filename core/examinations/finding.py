"""What an examination found. No Streamlit, no database, no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Eye = Literal["left", "right"]
EYES: tuple[Eye, ...] = ("left", "right")
Step = Literal["watch", "routine", "soon", "today"]
STEPS: tuple[Step, ...] = ("watch", "routine", "soon", "today")
"""Next steps from the least to the most urgent: keep an eye on it, at your next visit, within two weeks, today."""


def most_urgent(*steps: Step) -> Step:
    """The most urgent of the steps given (at least one)."""
    return max(steps, key=STEPS.index)


@dataclass(frozen=True)
class Answers:
    """The three questions asked before a spot is examined; None: not answered."""

    new_or_changed: bool | None = None
    bleeds_or_does_not_heal: bool | None = None
    unlike_the_others: bool | None = None

    @property
    def any_yes(self) -> bool:
        """At least one answer is yes."""
        return True in (self.new_or_changed, self.bleeds_or_does_not_heal, self.unlike_the_others)


@dataclass(frozen=True)
class Context:
    """What is known beside the photo."""

    answers: Answers = field(default_factory=Answers)
    gate: bool = True
    """False: examine whatever comes (the command line's --no-gate)."""
    drawn: bool = False
    """True for a picture CareLens drew itself (known by its hash, in the demo only): it passes the
    kind gate and the out-of-distribution check, and nothing else."""
    age: float | None = None
    sex: str | None = None
    site: str | None = None
    eye: Eye | None = None
    """Which eye a photo of the back of an eye shows, where a person or the file said so."""
    signs: bool = False
    """True: outline the signs of diabetes in an eye whatever its grade (the second stage of the retina check)."""
    whatever_size: bool = False
    """True: and however small the photo is, for who asks for the masks themselves and not for a finding to be read."""


@dataclass(frozen=True)
class Finding:
    """The result of one examination of one photo.

    `probabilities`: class to calibrated probability 0-1, to the prior named in the card; empty for
    examinations without classes. `label`: the decision by the card's rule (need not be the argmax).
    `cannot_exclude`: the set that is shown, worst first, always holding the label when `status` is ok.
    `masks`: name to uint8 (height, width) of the photo's working pixels, 0 or 255.
    `heat`: float32 (h, w) 0-1, what the network looked at, over the whole photo; None without one.
    `numbers`: further measurements, name to value (for eczema: affected_fraction, lesions).
    `step_reasons`: codes why the step is what it is (`set:mel`, `answers`, `abstained`).
    """

    examination: str
    kind: str
    status: Literal["ok", "abstained"]
    label: str
    probabilities: Mapping[str, float]
    cannot_exclude: tuple[str, ...]
    refer: bool
    step: Step
    step_reasons: tuple[str, ...] = ()
    reason: str = ""
    """Why it abstained, one plain sentence; empty when ok."""
    answers: Answers = field(default_factory=Answers)
    masks: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    heat: NDArray[np.float32] | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    """Network id to version of its card."""
    eye: Eye | None = None
    """Which eye it is, as said; never a guess."""

    def facts(self) -> dict[str, Any]:
        """Everything but the pictures, as plain JSON types: what the record stores."""
        return {
            "examination": self.examination,
            "kind": self.kind,
            "status": self.status,
            "label": self.label,
            "probabilities": dict(self.probabilities),
            "cannot_exclude": list(self.cannot_exclude),
            "refer": self.refer,
            "step": self.step,
            "step_reasons": list(self.step_reasons),
            "reason": self.reason,
            "answers": {
                "new_or_changed": self.answers.new_or_changed,
                "bleeds_or_does_not_heal": self.answers.bleeds_or_does_not_heal,
                "unlike_the_others": self.answers.unlike_the_others,
            },
            "numbers": dict(self.numbers),
            "versions": dict(self.versions),
            "eye": self.eye,
        }

    @classmethod
    def from_facts(
        cls,
        facts: Mapping[str, Any],
        masks: Mapping[str, NDArray[np.uint8]] | None = None,
        heat: NDArray[np.float32] | None = None,
    ) -> Finding:
        """The finding back from `facts()` and its pictures."""
        return cls(
            **{
                **facts,
                "cannot_exclude": tuple(facts["cannot_exclude"]),
                "step_reasons": tuple(facts["step_reasons"]),
                "answers": Answers(**facts["answers"]),
                "masks": masks or {},
                "heat": heat,
            }
        )
