"""The grades of an examination as the desk shows them: in order, with a name, a next step and advice for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.examinations.finding import Step
from core.examinations.registry import examination

UNGRADABLE = "ungradable"
"""The grade of a photo that cannot be graded; the same word as in `core.records.screening_grades`."""


@dataclass(frozen=True)
class Advice:
    """What to do at one grade, for the patient's letter. `means`: what the grade is. `title`, `sentence`: what to do."""

    means: str = ""
    title: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Scale:
    """Grades from the mildest to the worst. `names`: a word or two each; `steps`: the house's next step of each.

    `caveat`: what a photo of this kind cannot show, at any grade. `ungradable`: the advice for a photo without a grade.
    """

    labels: tuple[str, ...]
    names: Mapping[str, str]
    steps: Mapping[str, Step] = field(default_factory=dict)
    advice: Mapping[str, Advice] = field(default_factory=dict)
    caveat: str = ""
    ungradable: Advice = Advice(title="Take the photo again.")

    def name(self, label: str) -> str:
        """`2 Moderate`, `Not gradable`."""
        if label == UNGRADABLE:
            return "Not gradable"
        word = self.names.get(label, label)
        return f"{label} {word}" if label.isdigit() else word

    def level(self, label: str) -> int:
        """Where a grade stands, 0 the mildest; -1 for none."""
        return self.labels.index(label) if label in self.labels else -1


def scale(examination_id: str) -> Scale:
    """The scale of an examination; NotFound when there is none of that id."""
    if examination_id == "retina":
        return _icdr()
    labels = examination(examination_id).classes
    return Scale(labels, {label: label.capitalize() for label in labels})


def _icdr() -> Scale:
    """ICDR with the house's words for the retina."""
    from core.examinations.texts import read
    from core.instruments.icdr import GRADES

    texts = read("retina.json")
    words, next = texts["grades"], texts["next"]
    again = next["abstained"]
    return Scale(
        labels=tuple(one.label for one in GRADES),
        names={one.label: one.name for one in GRADES},
        steps={one.label: one.step for one in GRADES},
        advice={one.label: Advice(words[one.label]["means"], next[one.label]["title"], next[one.label]["sentence"]) for one in GRADES},
        caveat=texts["oedema"],
        ungradable=Advice("The photo cannot be graded.", again["title"], again["sentence"]),
    )
