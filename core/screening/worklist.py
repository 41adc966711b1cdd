"""The worklist: whose grade counts, what is most urgent, what is left to ask, how long it will take. Pure functions on what was saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from core.examinations.finding import STEPS, Step
from core.records.screening_batches import Progress
from core.records.screening_grades import Listed, network_grade
from core.screening.agreement import Agreement, agreement
from core.screening.filenames import same_eye_and_day
from core.screening.grades import UNGRADABLE, Scale

RETAKE: Step = "routine"
"""The step of a photo without a grade: it has to be taken again, which must not be forgotten."""
NOT_GRADED, TO_ASK, NOT_READ = "not graded yet", "to ask", "not read"
"""Further groups of the list: still in the queue, whose eye or which eye is not known, no photo at all."""


def grade_of(one: Listed) -> str:
    """The grade that counts: a person's, or else the network's; empty while there is none."""
    return one.grade.grade if one.grade else network_grade(one.photo)


def step_of(one: Listed, scale: Scale) -> Step:
    """The next step: that of the person's grade where there is one, else the finding's own."""
    if one.grade is not None:
        return RETAKE if one.grade.grade == UNGRADABLE else scale.steps.get(one.grade.grade, "watch")
    if one.photo.state == "done" and one.photo.step:
        return one.photo.step  # type: ignore[return-value]
    return RETAKE if one.photo.state == "done" else "watch"


def by_urgency(rows: Iterable[Listed], scale: Scale) -> list[Listed]:
    """The most urgent first; at the same urgency the worse grade, then who was not seen by a person yet, then as they came."""

    def key(one: Listed) -> tuple[int, int, int, bool, bool]:
        graded = one.photo.state == "done"
        refer = one.photo.refer and one.grade is None
        return (-graded, -STEPS.index(step_of(one, scale)), -scale.level(grade_of(one)), not refer, one.grade is not None)

    return sorted(rows, key=key)


def unclear(one: Listed) -> bool:
    """Somebody has to say whose eye it is, or which one."""
    return one.photo.state != "failed" and (one.photo.patient_id is None or one.photo.side is None)


def groups(rows: Sequence[Listed], scale: Scale) -> dict[str, list[Listed]]:
    """The rows by grade, the worst first, then those without one; groups that are empty are left out."""
    found: dict[str, list[Listed]] = {label: [] for label in (*reversed(scale.labels), UNGRADABLE, NOT_GRADED, NOT_READ)}
    for one in rows:
        if one.photo.state == "failed":
            found[NOT_READ].append(one)
        else:
            found[grade_of(one) or NOT_GRADED].append(one)
    asked = [one for one in rows if unclear(one)]
    return {name: some for name, some in {**found, TO_ASK: asked}.items() if some}


def of_network_and_person(rows: Iterable[Listed], scale: Scale) -> Agreement:
    """How far people agree with the network, over photos that both gave a grade of the scale."""
    pairs = [(scale.level(one.grade.network), scale.level(one.grade.grade)) for one in rows if one.grade is not None]
    return agreement([pair for pair in pairs if min(pair) >= 0], len(scale.labels))


def twice(rows: Iterable[Listed]) -> list[list[Listed]]:
    """Photos of the same eye on the same day, in groups."""
    usable = (one for one in rows if one.photo.state != "failed" and one.patient is not None)
    return same_eye_and_day((one, str(one.photo.patient_id), one.photo.side, one.photo.taken_on) for one in usable)


def worst_of_each_eye(rows: Iterable[Listed], scale: Scale) -> Mapping[str, Listed]:
    """Of one patient: for each side the photo of the newest day that has an answer, the most urgent where there are several."""
    found: dict[str, Listed] = {}
    for one in by_urgency(rows, scale):
        side = one.photo.side
        if side is None or one.photo.state != "done":
            continue
        if side not in found or _day(one) > _day(found[side]):
            found[side] = one
    return found


def _day(one: Listed) -> str:
    return (one.photo.taken_on or one.photo.created_at.date()).isoformat()


def seconds_left(progress: Progress, now: datetime) -> float | None:
    """Seconds until a batch is through, at the pace of its latest results; None while there are too few, or they came to a halt."""
    moments = progress.finished
    left = progress.total - progress.over
    if len(moments) < 3 or not left:
        return None
    span = (moments[-1] - moments[0]).total_seconds()
    silence = (now - moments[-1]).total_seconds()
    pace = span / (len(moments) - 1)
    return None if silence > 60 + 10 * pace else max(pace, 0.01) * left


def in_words(seconds: float | None) -> str:
    """`about 2 minutes left`; empty where nobody knows."""
    if seconds is None:
        return ""
    if seconds < 50:
        return "less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 60:
        return "about a minute left" if minutes <= 1 else f"about {minutes} minutes left"
    hours = round(seconds / 3600)
    return "about an hour left" if hours == 1 else f"about {hours} hours left"
