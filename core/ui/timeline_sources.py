"""Where the events of a patient's timeline come from: every list that the person looking may read, once, as events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from uuid import UUID

from core.examinations.condition_texts import conditions
from core.examinations.retina_texts import grades
from core.examinations.texts import skin_classes
from core.insight.rated import Rated
from core.insight.timeline import Event, unplanned
from core.people.policy import Actor, allowed
from core.records import findings, medicines, notes, ratings, scores, sign_offs, spots, tasks, treatments
from core.records.chart_tables import SIGNED, AllergyPublic, MedicinePublic, NotePublic, OutcomePublic, SignOffPublic, TaskPublic
from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.record_tables import RecordPublic, SpotPublic
from core.records.times import now
from core.ui import timeline_diary, timeline_meeting

MOST = 500
"""Findings of one patient in the stream, the newest."""
URGENT = ("soon", "today")
VISIT = "appointment"
"""The kind of event that counts as a visit."""
NAMES = {
    "finding": "Findings",
    "score": "Scores",
    "diary": "Diary",
    "treatment": "Treatments",
    "rating": "Ratings",
    "note": "Notes",
    "sign_off": "Signed",
    "outcome": "Outcomes",
    "medicine": "Medicines",
    "message": "Messages",
    VISIT: "Appointments",
}
"""Kinds of events, as the filter calls them."""

FURTHER: tuple[Callable[[Actor, UUID], Iterable[Event]], ...] = (
    timeline_meeting.messages_of,
    timeline_meeting.visits_of,
    timeline_diary.weeks_of,
)
"""Further sources: functions of who looks and whose timeline it is; each asks the policy itself."""


@dataclass(frozen=True)
class Gathered:
    """All that is shown of a patient, as the person looking may read it."""

    records: Sequence[RecordPublic]
    spots: Mapping[UUID, SpotPublic]
    scores: Sequence[ScorePublic]
    treatments: Sequence[TreatmentPublic]
    ratings: Sequence[Rated]
    notes: Sequence[NotePublic]
    sign_offs: Sequence[SignOffPublic]
    outcomes: Sequence[OutcomePublic]
    medicines: Sequence[MedicinePublic]
    allergies: Sequence[AllergyPublic]
    tasks: Sequence[TaskPublic]
    further: Sequence[Sequence[Event]]
    chart: bool
    """The allergies and medicines may be read at all."""

    def signed(self, record_id: UUID) -> list[SignOffPublic]:
        """The sign-offs of a finding, the newest first."""
        return [one for one in reversed(self.sign_offs) if one.record_id == record_id]

    def outcome(self, record_id: UUID) -> OutcomePublic | None:
        """The outcome of a finding that counts."""
        return next((one for one in reversed(self.outcomes) if one.record_id == record_id), None)


def gather(actor: Actor, person_id: UUID) -> Gathered:
    """Read everything once. NotAllowed for a stranger, Unavailable."""
    diary, chart, tasked = (allowed(actor, action, person_id) for action in ("read_diary", "read_chart", "write_chart"))
    return Gathered(
        records=findings.list_records(actor, person_id, limit=MOST),
        spots={spot.id: spot for spot in spots.list_spots(actor, person_id)},
        scores=scores.list_scores(actor, person_id) if diary else [],
        treatments=treatments.list_treatments(actor, person_id) if diary else [],
        ratings=ratings.ratings_of(actor, person_id),
        notes=notes.list_notes(actor, person_id),
        sign_offs=sign_offs.sign_offs_of(actor, person_id),
        outcomes=sign_offs.outcomes_of(actor, person_id),
        medicines=medicines.list_medicines(actor, person_id) if chart else [],
        allergies=medicines.list_allergies(actor, person_id) if chart else [],
        tasks=tasks.list_tasks(actor, person_id) if tasked else [],
        further=[list(source(actor, person_id)) for source in FURTHER],
        chart=chart,
    )


def finding_event(record: RecordPublic) -> Event:
    """A finding as an event; urgent where its next step is today or within two weeks."""
    return Event(record.taken_at, "finding", record.id, record, record.step in URGENT)


def sources(found: Gathered, where: tzinfo) -> list[list[Event]]:
    """One list of events for each kind. A day counts at its noon on the clock of `where`, a questionnaire at the end of its day."""

    def at(day: date, hour: time = time(12)) -> datetime:
        return datetime.combine(day, hour, where).astimezone(UTC)

    started = [(one, day) for one in found.medicines for day in (one.started_on, one.ended_on) if day is not None]
    given = [(one, day) for one in found.treatments for day in (one.started_on, one.ended_on) if day is not None]
    return [
        [finding_event(record) for record in found.records],
        [Event(at(one.day, time(23, 59)), "score", one.id, one) for one in found.scores],
        [Event(at(day), "treatment", one.id, (one, day)) for one, day in given],
        [Event(one.rated_at, "rating", one.record_id, one) for one in found.ratings],
        [Event(one.signed_at or one.created_at, "note", one.id, one) for one in found.notes if one.state == SIGNED],
        [Event(one.created_at, "sign_off", one.id, one) for one in found.sign_offs],
        [Event(at(one.known_on), "outcome", one.id, one) for one in found.outcomes],
        [Event(at(day), "medicine", one.id, (one, day)) for one, day in started],
        *map(list, found.further),
    ]


def waiting(found: Gathered) -> list[RecordPublic]:
    """Urgent findings that nobody settled and for which no visit is near, the oldest first.

    What a patient only asked for is no visit: nobody said yes, and when its time is past nobody came.
    """
    settled = {one.record_id for one in found.sign_offs} | {one.record_id for one in found.outcomes}
    visits = [event.at for source in found.further for event in source if event.kind == VISIT and timeline_meeting.is_agreed(event)]
    events = unplanned(map(finding_event, found.records), settled, visits, now())
    return [event.what for event in events if isinstance(event.what, RecordPublic)]


def label_name(examination: str, label: str) -> str:
    """What a class of an examination is called."""
    known: Mapping[str, Mapping[str, object]] = {"skin": skin_classes(), "condition": conditions(), "retina": grades()}
    named = known.get(examination, {}).get(label)
    return str(getattr(named, "name", "")) or (f"Grade {label}" if label.isdigit() else label.replace("_", " ").capitalize())
