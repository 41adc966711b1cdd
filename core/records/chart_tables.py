"""The tables of the chart: what doctors write of a patient, sign and find out later, and what the patient takes. See `tables.py`.

`account_id` is of whoever wrote a row; None when that account is gone, the row stays with the person.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = [
    "DRAFT", "OUTCOMES", "SIGNED", "Allergy", "AllergyCreate", "AllergyPublic", "Medicine", "MedicineCreate", "MedicinePublic", "Note",
    "NoteCreate", "NotePublic", "Outcome", "OutcomeCreate", "OutcomePublic", "SignOff", "SignOffCreate", "SignOffPublic", "Task",
    "TaskCreate", "TaskPublic", "metadata",
]  # fmt: skip

DRAFT, SIGNED = "draft", "signed"
LONGEST = 4000
"""Letters of one part of a note."""
OUTCOMES = ("biopsy", "treatment", "course")
"""How it came out what a finding was: a biopsy, the answer to a treatment, how it went on."""


class NoteBase(SQLModel):
    """What a doctor writes of a visit, in its parts; one at least is not empty. `follow_up_on`: when to come again."""

    observed: str = Field(default="", max_length=LONGEST)
    diagnosis: str = Field(default="", max_length=LONGEST)
    advice: str = Field(default="", max_length=LONGEST)
    plan: str = Field(default="", max_length=LONGEST)
    follow_up_on: date | None = None


class NoteCreate(NoteBase):
    """A note to be saved, a draft at first."""


class Note(NoteBase, table=True):
    """A note. A draft is its writer's alone; a signed one never changes. `amends_id`: the signed note that this one sets right."""

    __tablename__ = "note"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'signed')", name="state"),
        Index(None, "person_id", "created_at"),
        Index(None, "account_id"),
        Index(None, "amends_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    amends_id: UUID | None = Field(default=None, foreign_key="note.id", ondelete="CASCADE")
    state: str = Field(default=DRAFT, max_length=10)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NotePublic(NoteBase):
    """A note as shown to those who may read it. `doctor`: the name; empty when they left. `mine`: the reader wrote it."""

    id: UUID
    person_id: UUID
    amends_id: UUID | None = None
    state: str
    created_at: datetime
    signed_at: datetime | None = None
    doctor: str = ""
    mine: bool = False


class MedicineBase(SQLModel):
    """Something that is taken. `ended_on` None: still. `dose` in the writer's words."""

    name: str = Field(min_length=1, max_length=100)
    dose: str = Field(default="", max_length=100)
    started_on: date | None = None
    ended_on: date | None = None


class MedicineCreate(MedicineBase):
    """A new medicine."""


class Medicine(MedicineBase, table=True):
    """A medicine of one person. `role`: of whoever wrote it down."""

    __tablename__ = "medicine"
    __table_args__ = (Index(None, "person_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    role: str = Field(max_length=10)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class MedicinePublic(MedicineBase):
    """A medicine as shown to those who may read it."""

    id: UUID
    role: str
    created_at: datetime


class AllergyBase(SQLModel):
    """What somebody does not bear, and what happens then."""

    substance: str = Field(min_length=1, max_length=100)
    reaction: str = Field(default="", max_length=200)


class AllergyCreate(AllergyBase):
    """A new allergy."""


class Allergy(AllergyBase, table=True):
    """An allergy of one person. `struck_at`: when somebody said that it is none; the row stays. `role`: of whoever wrote it down."""

    __tablename__ = "allergy"
    __table_args__ = (Index(None, "person_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    role: str = Field(max_length=10)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    struck_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AllergyPublic(AllergyBase):
    """An allergy as shown to those who may read it."""

    id: UUID
    role: str
    created_at: datetime


class SignOffBase(SQLModel):
    """A doctor saw a finding. `label`: their own assessment, a class of its examination, or empty; `says`: words for the patient."""

    label: str = Field(default="", max_length=60)
    says: str = Field(default="", max_length=1000)


class SignOffCreate(SignOffBase):
    """A new sign-off."""


class SignOff(SignOffBase, table=True):
    """A sign-off. Those before stay; the newest counts."""

    __tablename__ = "sign_off"
    __table_args__ = (Index(None, "record_id"), Index(None, "person_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    record_id: UUID = Field(foreign_key="record.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SignOffPublic(SignOffBase):
    """A sign-off as shown to those who may read its record. `doctor`: the name; empty when they left."""

    id: UUID
    record_id: UUID
    created_at: datetime
    doctor: str = ""


class OutcomeBase(SQLModel):
    """What a finding turned out to be. `how`: one of OUTCOMES; `label`: a class of its examination, empty where it is none of them."""

    how: str = Field(max_length=10)
    label: str = Field(default="", max_length=60)
    says: str = Field(default="", max_length=1000)
    known_on: date


class OutcomeCreate(OutcomeBase):
    """A new outcome."""


class Outcome(OutcomeBase, table=True):
    """An outcome. Those before stay; the newest counts."""

    __tablename__ = "outcome"
    __table_args__ = (
        CheckConstraint("how IN ('biopsy', 'treatment', 'course')", name="how"),
        Index(None, "record_id"),
        Index(None, "person_id"),
        Index(None, "account_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    record_id: UUID = Field(foreign_key="record.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class OutcomePublic(OutcomeBase):
    """An outcome as shown to those who may read its record. `doctor`: the name; empty when they left."""

    id: UUID
    record_id: UUID
    created_at: datetime
    doctor: str = ""


class TaskBase(SQLModel):
    """Something a doctor is still to do for a patient."""

    what: str = Field(min_length=1, max_length=200)
    due_on: date | None = None


class TaskCreate(TaskBase):
    """A new task."""


class Task(TaskBase, table=True):
    """A task. `done_at` None: still open."""

    __tablename__ = "task"
    __table_args__ = (Index(None, "person_id"), Index(None, "account_id", "done_at"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TaskPublic(TaskBase):
    """A task as shown to those who may read it."""

    id: UUID
    person_id: UUID
    created_at: datetime
    done_at: datetime | None = None
    doctor: str = ""
