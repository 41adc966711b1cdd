"""The demo clinic's months: everything of `clinic_people` put into the tables, with the moments at which it would have happened.

The records' own functions write what happens now; a history has to be written row by row. Two resets on one day give the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel, col, select

from core.demo.clinic_people import PEOPLE
from core.demo.clinic_shapes import Comes, Copied, Meeting, Said, Talk, Who, Wrote
from core.demo.eczema import answers
from core.demo.findings import save_visit
from core.instruments import poem, scorad
from core.people.accounts import actor_from, make_account
from core.people.policy import EVERYTHING, Actor
from core.records.appointment_tables import Appointment, Offer
from core.records.chart_tables import DRAFT, SIGNED, Allergy, Medicine, Note, Outcome, SignOff, Task
from core.records.consent_tables import Consent, Opening
from core.records.database import reading, transaction
from core.records.eczema_tables import Score, SignRating, Treatment
from core.records.message_tables import Conversation, Message, ReadMark
from core.records.photos import store
from core.records.record_tables import Record
from core.records.tables import Account, AccountCreate, AccountPerson, Person
from core.records.times import now

_NAMESPACE = UUID("0d6e5e7c-8a52-4b1e-9d0b-5a4f0c6f2d31")
SMALL = (240, 180)
"""Width and height of the moles of everybody but Ana: drawn in a fifteenth of a second each."""
ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Desk:
    """When a doctor of the clinic sees people: weekdays (0 Monday) with a place, from and to (minutes), how long one takes."""

    days: Mapping[int, str]
    starts: int
    ends: int
    length: int
    confirm: bool = False


DESKS: dict[Who, Desk] = {
    "lena": Desk(dict.fromkeys(range(5), "clinic"), 9 * 60, 12 * 60, 20),
    "tomas": Desk({1: "clinic", 3: "video"}, 13 * 60, 17 * 60, 30, confirm=True),
}

Doctors = Mapping[Who, Actor]


def seed_clinic(doctors: Doctors, hashed: str) -> None:
    """Everybody of the clinic with their months, unless they are there. `hashed`: a password that nobody knows.

    Ana's photos must be there: most others have copies of them.
    """
    with transaction() as session:
        if session.exec(select(Offer)).first() is None:
            session.add_all(_offers(doctors))
    for who in PEOPLE:
        actor = _account(who, hashed)
        for mole in who.moles if who.name != PEOPLE[0].name else ():
            save_visit(actor, mole, SMALL)
        with transaction() as session:
            person = _person(session, actor.account_id, who)
            if session.exec(select(Consent).where(Consent.person_id == person.id)).first() is None:
                _Months(session, who, actor, person, doctors).write()


def _account(who: Comes, hashed: str) -> Actor:
    """The patient's account with its persons."""
    with reading() as session:
        row = session.exec(select(Account).where(Account.email == who.email)).first()
        if row is not None:
            return actor_from(session, row)
    with transaction() as session:
        made = make_account(session, AccountCreate(email=who.email, name=who.name, role="patient", password=hashed[:100]), hashed)
        _self(session, made.account_id).birth_year = who.born
        if who.child is not None:
            child = Person(display_name=who.child[0], birth_year=who.child[1])
            session.add(child)
            session.flush()
            session.add(AccountPerson(account_id=made.account_id, person_id=child.id, relation="guardian"))
            session.flush()
        return actor_from(session, session.get_one(Account, made.account_id))


def _self(session: Session, account_id: UUID, relation: str = "self") -> Person:
    link = (AccountPerson.account_id == account_id, AccountPerson.relation == relation)
    return session.exec(select(Person).join(AccountPerson).where(*link)).one()


def _person(session: Session, account_id: UUID, who: Comes) -> Person:
    """Whom the months are of: the patient, or their child."""
    return _self(session, account_id, "guardian" if who.child else "self")


def _offers(doctors: Doctors) -> list[Offer]:
    since = now().date() - timedelta(days=400)
    return [
        Offer(
            account_id=doctors[who].account_id,
            weekday=weekday,
            starts=desk.starts,
            ends=desk.ends,
            length=desk.length,
            zone=ZONE,
            place=place,
            confirm=desk.confirm,
            from_day=since,
            created_at=_at(400),
        )
        for who, desk in DESKS.items()
        for weekday, place in desk.days.items()
    ]


def _day(days_ago: int) -> date:
    return now().date() - timedelta(days=days_ago)


def _at(days_ago: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a day, the same at every hour at which the clinic may be made."""
    return datetime.combine(_day(days_ago), time(hour, minute), UTC)


def visit_times(meeting: Meeting) -> tuple[datetime, datetime, str]:
    """When and where an appointment is: on the next day of the doctor's, in its place of that weekday if none is said."""
    desk, day = DESKS[meeting.who], _day(meeting.days_ago)
    while day.weekday() not in desk.days:
        day += timedelta(days=1) if meeting.days_ago < 0 else -timedelta(days=1)
    begin = desk.starts + meeting.slot * desk.length
    starts = datetime.combine(day, time(begin // 60, begin % 60), ZoneInfo(ZONE)).astimezone(UTC)
    return starts, starts + timedelta(minutes=desk.length), meeting.place


class _Months:
    """The months of one patient, in a transaction that is open."""

    def __init__(self, session: Session, who: Comes, actor: Actor, person: Person, doctors: Doctors) -> None:
        self.session, self.who, self.actor, self.person, self.doctors = session, who, actor, person, doctors
        person.birth_year = person.birth_year or (who.child[1] if who.child else who.born)
        self.mine: dict[str, Any] = {"person_id": person.id}

    def write(self) -> None:
        """All of it."""
        for number, one in enumerate(self.who.copied):
            self._copy(number, one)
        self._let_in()
        self._diary()
        self._chart()
        before: Note | None = None
        for wrote in self.who.notes:
            before = self._note(wrote, before)
        self.session.flush()
        for said in self.who.said:
            self._say(said)
        for talk in self.who.talks:
            self._talk(talk)
        for meeting in self.who.meetings:
            self._meet(meeting)
        for number, signs, area, extent in self.who.rated:
            record = self._records("eczema")[number]
            when = record.taken_at + timedelta(days=1)
            rating = SignRating(**self._by("lena"), record_id=record.id, signs=signs, area=area, extent=extent, created_at=when)
            self.session.add(rating)
        for who, what, days in self.who.tasks:
            self.session.add(Task(**self._by(who), what=what, due_on=_day(days), created_at=_at(12)))

    def _by(self, who: Who) -> dict[str, Any]:
        """The columns of something a doctor wrote of this person."""
        return {**self.mine, "account_id": self.doctors[who].account_id}

    def _add(self, row: SQLModel) -> None:
        self.session.add(row)

    def _copy(self, number: int, one: Copied) -> None:
        """A record like one of Ana's, with pictures of its own: it can be deleted like any other."""
        ana = select(AccountPerson.person_id).join(Account).where(Account.email == PEOPLE[0].email)
        query = select(Record).where(col(Record.person_id).in_(ana), Record.examination == one.examination)
        if one.examination == "eczema":
            query = query.where(Record.region == one.region)
        source = self.session.exec(query.order_by(col(Record.taken_at), col(Record.created_at))).all()[one.number]
        blobs = store()

        def again(key: str) -> str:
            return blobs.put(blobs.get(key))

        when = _at(one.days_ago, 16, number)
        own = {
            "id": uuid4(),
            "token": uuid5(_NAMESPACE, f"{self.who.email} {number}"),
            "spot_id": None,
            "taken_at": when,
            "created_at": when,
        }
        pictures: dict[str, Any] = {
            "photo_key": again(source.photo_key),
            "thumbnail_key": again(source.thumbnail_key),
            "mask_keys": {name: again(key) for name, key in source.mask_keys.items()},
            "heat_key": again(source.heat_key) if source.heat_key else None,
        }
        self._add(Record(**{**source.model_dump(), **own, **pictures, **self.mine}))
        self.session.flush()

    def _records(self, examination: str) -> Sequence[Record]:
        """The person's own, the oldest first."""
        query = select(Record).where(Record.person_id == self.person.id, Record.examination == examination)
        return self.session.exec(query.order_by(col(Record.taken_at), col(Record.created_at))).all()

    def _let_in(self) -> None:
        for one in self.who.let:
            ends = _at(one.ends, 22) if one.ends is not None else None
            back = _at(one.taken_back, 12) if one.taken_back is not None else None
            kinds = one.kinds or EVERYTHING
            self._add(Consent(**self._by(one.who), kinds=kinds, ends_at=ends, created_at=_at(one.days_ago, 7), taken_back_at=back))

    def _diary(self) -> None:
        for weeks, total in enumerate(reversed(self.who.poem), start=1):
            given = answers(total)
            scored = poem.score(poem.in_order(given))
            self._score("poem", 7 * weeks, {**given}, scored.total, scored.missing)
        for months, extent in enumerate(reversed(self.who.po_scorad)):
            signs = {sign: min(3, 1 + extent // 15) for sign in scorad.SIGNS}
            found = scorad.po_scorad(extent, signs, extent / 6, extent / 8)
            self._score("po_scorad", 6 + 30 * months, {"extent": extent, **signs, "itch": extent / 6, "sleep": extent / 8}, found.total)
        for name, kind, first, last in self.who.used:
            ended = _day(last) if last is not None else None
            self._add(Treatment(**self.mine, name=name, kind=kind, started_on=_day(first), ended_on=ended, created_at=_at(first, 18)))

    def _score(self, instrument: str, days_ago: int, given: Mapping[str, float], total: float | None, missing: int = 0) -> None:
        day, when = _day(days_ago), _at(days_ago, 18)
        year, number, _ = day.isocalendar()
        facts: dict[str, Any] = {"instrument": instrument, "day": day, "answers": dict(given), "total": total, "missing": missing}
        self._add(Score(**self.mine, **facts, week=f"{year}-W{number:02}", created_at=when, changed_at=when))

    def _chart(self) -> None:
        own: dict[str, Any] = {**self.mine, "account_id": self.actor.account_id, "role": "patient"}
        since = max((one.days_ago for one in self.who.let), default=0)
        for minute, (name, dose, first, last) in enumerate(self.who.takes):
            ended = _day(last) if last is not None else None
            self._add(Medicine(**own, name=name, dose=dose, started_on=_day(first), ended_on=ended, created_at=_at(since, 8, minute)))
        for minute, (substance, reaction) in enumerate(self.who.allergies):
            self._add(Allergy(**own, substance=substance, reaction=reaction, created_at=_at(since, 8, minute)))

    def _note(self, one: Wrote, before: Note | None) -> Note:
        parts: dict[str, Any] = dict(zip(("observed", "diagnosis", "advice", "plan"), one.parts, strict=True))
        again = _day(one.again) if one.again is not None else None
        state: dict[str, Any] = {"state": DRAFT} if one.draft else {"state": SIGNED, "signed_at": _at(one.days_ago, 11, 20)}
        amends = before.id if one.amends and before is not None else None
        row = Note(**self._by(one.who), **parts, **state, follow_up_on=again, amends_id=amends, created_at=_at(one.days_ago, 11))
        self._add(row)
        self.session.flush()
        self._add(Opening(**self._by(one.who), what="chart", created_at=_at(one.days_ago, 10, 58)))
        return row

    def _say(self, one: Said) -> None:
        record = self._records(one.examination)[one.number]
        own: dict[str, Any] = {
            **self._by(one.who),
            "record_id": record.id,
            "label": one.label,
            "says": one.says,
            "created_at": _at(one.days_ago, 12),
        }
        self._add(Opening(**self._by(one.who), what="finding", record_id=record.id, created_at=_at(one.days_ago, 11, 55)))
        self._add(Outcome(**own, how=one.how, known_on=_day(one.days_ago)) if one.how else SignOff(**own))

    def _talk(self, one: Talk) -> None:
        both = self._by(one.who)
        talk = Conversation(**both, created_at=_at(one.lines[0][0], 13))
        self._add(talk)
        self.session.flush()
        for number, (days_ago, by_patient, text) in enumerate(one.lines, start=1):
            writer = self.actor.account_id if by_patient else both["account_id"]
            side, when = "patient" if by_patient else "doctor", _at(days_ago, 13, number)
            said: dict[str, Any] = {
                **self.mine,
                "conversation_id": talk.id,
                "account_id": writer,
                "number": number,
                "side": side,
                "text": text,
            }
            self._add(Message(**said, created_at=when, token=uuid5(talk.id, str(number))))
        last = _at(one.lines[-1][0], 14)
        for account_id, new in ((self.actor.account_id, one.new_for_patient), (both["account_id"], one.new_for_doctor)):
            self._add(ReadMark(conversation_id=talk.id, account_id=account_id, number=len(one.lines) - new, read_at=last))

    def _meet(self, one: Meeting) -> None:
        starts, ends, place = visit_times(one)
        made = _at(max(one.days_ago + 9, 1), 15)
        facts: dict[str, Any] = {"starts_at": starts, "ends_at": ends, "zone": ZONE, "place": place, "wish": one.wish, "status": one.status}
        self._add(Appointment(**self._by(one.who), **facts, created_at=made, changed_at=made))
