"""What a letter to the next doctor holds about one person, read once and by the policy: only what the person who asks may see.

Pure reading: `summary_pdf` and `summary_fhir` put it on paper and into a file for another system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from core.consult.summary_words import place_of, said_of
from core.errors import CareLensError, InvalidInput, NotFound
from core.examinations.words import Words
from core.insight.follow_up import follow_up_of
from core.insight.rated import Rated, age_for_easi, easi_of, together
from core.instruments.easi import Easi
from core.people import consent, persons
from core.people.policy import Actor, Role, allowed, kinds_of
from core.records import findings, medicines, notes, openings, ratings, scores, sign_offs, spots, treatments
from core.records.chart_tables import SIGNED, AllergyPublic, MedicinePublic, NotePublic, OutcomePublic, SignOffPublic
from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.record_tables import RecordPublic
from core.records.tables import PersonPublic
from core.records.thumbnails import outlined_thumbnail
from core.records.times import now

MOST = 40
"""Findings in one letter, the newest: nobody reads more."""
READ = 500
"""Findings looked through, the newest."""


@dataclass(frozen=True)
class Seen:
    """A finding: where it is, what the network said in the words of its examination, and what doctors said of it.

    `picture`: a JPEG with the outline drawn in, longer side at most 480 pixels; None: it could not be read.
    `sign_offs`: oldest first. `outcome`: the one that counts.
    """

    record: RecordPublic
    place: str
    words: Words
    picture: bytes | None = None
    sign_offs: tuple[SignOffPublic, ...] = ()
    outcome: OutcomePublic | None = None


@dataclass(frozen=True)
class Rating:
    """The EASI of one doctor. `at`: of the newest of its photos, aware."""

    doctor: str
    at: datetime
    score: Easi


@dataclass(frozen=True)
class Summary:
    """All that a letter about a person holds.

    `by`, `role`: whoever asked for it. `made_at`: aware; `zone`: whose clock days are of. `since`, `until`: the days that were asked
    for, both with them; None: open. `kinds`: of which kinds of records it is; None: of every kind. `more`: older findings of these
    days are left out. `findings` and `ratings`, the newest first; all others, the oldest first. `notes`: signed ones alone.
    `diary`, `chart`: these kinds could be read at all.
    """

    person: PersonPublic
    by: str
    role: Role
    made_at: datetime
    zone: tzinfo
    since: date | None = None
    until: date | None = None
    kinds: frozenset[str] | None = None
    findings: tuple[Seen, ...] = ()
    more: bool = False
    diary: bool = False
    scores: tuple[ScorePublic, ...] = ()
    treatments: tuple[TreatmentPublic, ...] = ()
    ratings: tuple[Rated, ...] = ()
    easi: tuple[Rating, ...] = ()
    notes: tuple[NotePublic, ...] = ()
    chart: bool = False
    medicines: tuple[MedicinePublic, ...] = ()
    allergies: tuple[AllergyPublic, ...] = ()

    @property
    def follow_up_on(self) -> date | None:
        """When the notes of these days say to come again."""
        return follow_up_of(self.notes, self.zone)

    def day(self, moment: datetime) -> date:
        """The day of a moment on the clock of the letter."""
        return moment.astimezone(self.zone).date()

    def may_have(self, actor: Actor) -> bool:
        """Whether somebody may still be handed what was gathered for them, as the policy says at this moment."""
        if not allowed(actor, "read_person", self.person.id):
            return False
        kinds = kinds_of(actor, "read_records", self.person.id)
        return kinds is None or (self.kinds is not None and self.kinds <= kinds)


def gather(actor: Actor, person_id: UUID, where: tzinfo, *, since: date | None = None, until: date | None = None) -> Summary:
    """Everything of a person that the actor may read, of the days from `since` to `until`.

    A doctor's reading is written down for the person. What still goes on (a treatment, a medicine) is of every day since it
    began; allergies are of no day.
    Raises NotAllowed or NotFound for a stranger, InvalidInput (days in the wrong order), Unavailable.
    """
    if since is not None and until is not None and until < since:
        raise InvalidInput("The last day is before the first.", "Correct one of them.")
    kinds = kinds_of(actor, "read_records", person_id)
    person = _person(actor, person_id)
    diary, chart = (allowed(actor, action, person_id) for action in ("read_diary", "read_chart"))

    def inside(day: date, end: date | None = None) -> bool:
        return (since is None or (end or day) >= since) and (until is None or day <= until)

    def then(moment: datetime) -> date:
        return moment.astimezone(where).date()

    def lasting(one: TreatmentPublic | MedicinePublic) -> bool:
        return inside(one.started_on or date.min, one.ended_on or date.max)

    records = findings.list_records(actor, person_id, limit=READ)
    found = [one for one in records if inside(then(one.taken_at))]
    rated = sorted((one for one in ratings.ratings_of(actor, person_id) if inside(then(one.taken_at))), key=lambda one: one.taken_at)
    signed = [one for one in notes.list_notes(actor, person_id) if one.state == SIGNED and one.signed_at is not None]
    signed.sort(key=lambda one: one.signed_at or one.created_at)
    return Summary(
        person=person,
        by=actor.name,
        role=actor.role,
        made_at=now(),
        zone=where,
        since=since,
        until=until,
        kinds=kinds,
        findings=_seen(actor, person_id, found[:MOST]),
        more=len(found) > MOST or (len(records) == READ and found[-1:] == records[-1:]),
        diary=diary,
        scores=tuple(one for one in scores.list_scores(actor, person_id) if inside(one.day)) if diary else (),
        treatments=tuple(filter(lasting, treatments.list_treatments(actor, person_id))) if diary else (),
        ratings=tuple(rated[::-1]),
        easi=_easi(rated, person),
        notes=tuple(one for one in signed if inside(then(one.signed_at or one.created_at))),
        chart=chart,
        medicines=tuple(filter(lasting, medicines.list_medicines(actor, person_id))) if chart else (),
        allergies=tuple(medicines.list_allergies(actor, person_id)) if chart else (),
    )


def _person(actor: Actor, person_id: UUID) -> PersonPublic:
    known = consent.patients(actor) if actor.role == "doctor" else persons.persons(actor)
    found = next((one for one in known if one.id == person_id), None)
    if found is None:
        raise NotFound("This patient does not let you in, or does not any more.", "Ask them, or go back to your patients.")
    return found


def _seen(actor: Actor, person_id: UUID, records: Sequence[RecordPublic]) -> tuple[Seen, ...]:
    known = {spot.id: spot.name for spot in spots.list_spots(actor, person_id)}
    said, outcomes = sign_offs.sign_offs_of(actor, person_id), sign_offs.outcomes_of(actor, person_id)
    found = []
    for record in records:
        openings.note(actor, person_id, "finding", record.id)  # what it says is handed out, not only that there is one
        of_it = tuple(one for one in said if one.record_id == record.id)
        outcome = next((one for one in reversed(outcomes) if one.record_id == record.id), None)
        place = place_of(record, known.get(record.spot_id, "") if record.spot_id else "")
        found.append(Seen(record, place, said_of(record), _picture(actor, record.id), of_it, outcome))
    return tuple(found)


def _picture(actor: Actor, record_id: UUID) -> bytes | None:
    try:
        return outlined_thumbnail(actor, record_id)
    except CareLensError:  # a letter without its picture still says what was found
        return None


def _easi(found: Sequence[Rated], person: PersonPublic) -> tuple[Rating, ...]:
    """The EASI of each doctor who is still here and rated all four regions of one week, where the age is known well enough."""
    made = []
    for account_id in dict.fromkeys(one.account_id for one in found if one.account_id is not None):
        own = [one for one in found if one.account_id == account_id]
        last = max((one.taken_at for one in together(own).values()), default=None)
        age = age_for_easi(person.birth_date, person.birth_year, last.date()) if last is not None else None
        score = easi_of(own, age) if age is not None else None
        if score is not None and last is not None:
            made.append(Rating(own[0].doctor, last, score))
    return tuple(made)
