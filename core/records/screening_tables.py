"""The tables of the screening desk: the clinic's own patients, batches, the photos of a batch, grades that people gave. See `tables.py`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = [
    "EYES", "STATES", "ScreeningBatch", "ScreeningBatchCreate", "ScreeningBatchPublic", "ScreeningGrade", "ScreeningGradeCreate",
    "ScreeningGradePublic", "ScreeningPatient", "ScreeningPatientCreate", "ScreeningPatientPublic", "ScreeningPhoto",
    "ScreeningPhotoCreate", "ScreeningPhotoPublic", "metadata",
]  # fmt: skip

EYES = ("right", "left")
"""Sides of an eye, as doctors list them."""
STATES = ("waiting", "leased", "done", "failed")
"""Of a photo of a batch: not begun, in the hands of a worker, examined (whatever came of it), cannot be examined at all."""


class ScreeningPatientBase(SQLModel):
    """Somebody whom the clinic screens; no account is needed. `code`: the clinic's own number, as file names carry it."""

    code: str = Field(min_length=1, max_length=60)
    name: str = Field(default="", max_length=100)
    birth_date: date | None = None


class ScreeningPatientCreate(ScreeningPatientBase):
    """A new patient of the desk."""


class ScreeningPatient(ScreeningPatientBase, table=True):
    """A patient of the desk.

    `code_key`: the code without regard to capitals, so that there is one of each. `person_id`: the person of an account it
    was linked to with a code that works once, until `link_expires_at`, and is kept as a keyed hash only.
    """

    __tablename__ = "screening_patient"
    __table_args__ = (UniqueConstraint("code_key"), UniqueConstraint("link_hash"), Index(None, "person_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    code_key: str = Field(max_length=120)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    link_hash: str | None = Field(default=None, max_length=64)
    link_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    @property
    def linked(self) -> bool:
        """A person of an account sees these results too."""
        return self.person_id is not None


class ScreeningPatientPublic(ScreeningPatientBase):
    """A patient as the desk shows them. `linked`: to the person of an account; the desk does not learn to whom."""

    id: UUID
    created_at: datetime
    linked: bool = False


class ScreeningBatchBase(SQLModel):
    """Photos that came together. `examination`: which looks at them; `pattern`: how their file names were read."""

    name: str = Field(min_length=1, max_length=100)
    examination: str = Field(max_length=40)
    pattern: str = Field(default="", max_length=100)


class ScreeningBatchCreate(ScreeningBatchBase):
    """A new batch."""


class ScreeningBatch(ScreeningBatchBase, table=True):
    """A batch. `paused`: no worker takes its photos. `account_id`: who made it; None when that account is gone."""

    __tablename__ = "screening_batch"
    __table_args__ = (Index(None, "account_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    paused: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ScreeningBatchPublic(ScreeningBatchBase):
    """A batch as the desk shows it."""

    id: UUID
    paused: bool
    created_at: datetime


class ScreeningPhotoBase(SQLModel):
    """One file of a batch, from the drop to the answer.

    `side`: one of EYES; None: nobody said. `taken_on`: the day of the photo; None: nobody said. `attempts`: how often a
    worker took it. `status`, `label`, `step`, `refer`: parts of `facts` (`Finding.facts()`), so that lists can be sorted; the
    status is `rejected` for a photo that can be read but not graded. `reason`, `hint`: why there is no grade, in sentences.
    """

    filename: str = Field(default="", max_length=255)
    side: str | None = Field(default=None, max_length=10)
    taken_on: date | None = None
    state: str = Field(default="waiting", max_length=10)
    attempts: int = 0
    status: str = Field(default="", max_length=20)
    label: str = Field(default="", max_length=60)
    step: str = Field(default="", max_length=10)
    refer: bool = False
    facts: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    reason: str = Field(default="", max_length=400)
    hint: str = Field(default="", max_length=400)
    width: int | None = None
    height: int | None = None
    photo_tags: dict[str, str] | None = Field(default=None, sa_type=JSON)


class ScreeningPhotoCreate(ScreeningPhotoBase):
    """A file to be put into a batch."""

    patient_id: UUID | None = None


class ScreeningPhoto(ScreeningPhotoBase, table=True):
    """A row of the queue. It is examined once: the result is written in the transaction that ends the lease, by who holds `lease_token`.

    `raw_key`: the file as it was sent, only until it is examined; then `photo_key` names the photo without metadata. The
    other keys are those of `Record`. `patient_id` None: the file name did not say, and nobody was asked yet.
    """

    __tablename__ = "screening_photo"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'leased', 'done', 'failed')", name="state"),
        Index(None, "batch_id", "state"),
        Index(None, "patient_id", "taken_on"),
        Index(None, "state", "attempts", "created_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    batch_id: UUID = Field(foreign_key="screening_batch.id", ondelete="CASCADE")
    patient_id: UUID | None = Field(default=None, foreign_key="screening_patient.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_token: UUID | None = None
    leased_by: str | None = Field(default=None, max_length=80)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    raw_key: str | None = Field(default=None, max_length=100)
    raw_sha256: str | None = Field(default=None, max_length=64)
    photo_key: str | None = Field(default=None, max_length=100)
    photo_sha256: str | None = Field(default=None, max_length=64)
    media_type: str | None = Field(default=None, max_length=40)
    thumbnail_key: str | None = Field(default=None, max_length=100)
    mask_keys: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    heat_key: str | None = Field(default=None, max_length=100)

    @property
    def has_photo(self) -> bool:
        """There is a picture to look at."""
        return self.thumbnail_key is not None

    def named(self) -> list[tuple[str, str]]:
        """The key of every picture of this row, and what it is in words."""
        outlines = [(key, "outline") for key in (self.mask_keys or {}).values()]
        known = [
            (self.raw_key, "file"),
            (self.photo_key, "photo"),
            (self.thumbnail_key, "thumbnail"),
            *outlines,
            (self.heat_key, "heat map"),
        ]
        return [(key, what) for key, what in known if key]

    def blobs(self) -> list[str]:
        """The keys of every picture of this row."""
        return [key for key, _ in self.named()]


class ScreeningPhotoPublic(ScreeningPhotoBase):
    """A photo of a batch as the desk shows it."""

    id: UUID
    batch_id: UUID
    patient_id: UUID | None = None
    created_at: datetime
    finished_at: datetime | None = None
    has_photo: bool = False


class ScreeningGradeBase(SQLModel):
    """What a person says of a photo beside the network; a later one stands beside it too, nothing is overwritten.

    `grade`: a label of the examination, or `ungradable`. `network`: the network's label at that time, empty where it gave
    none. `reason`: why it differs. `role`: of the account that gave it, at that time.
    """

    grade: str = Field(max_length=60)
    network: str = Field(default="", max_length=60)
    reason: str = Field(default="", max_length=300)
    role: str = Field(max_length=10)


class ScreeningGradeCreate(ScreeningGradeBase):
    """A grade to be saved."""


class ScreeningGrade(ScreeningGradeBase, table=True):
    """A grade. `account_id`: who gave it; None when that account is gone, the grade stays."""

    __tablename__ = "screening_grade"
    __table_args__ = (Index(None, "photo_id", "created_at"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    photo_id: UUID = Field(foreign_key="screening_photo.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ScreeningGradePublic(ScreeningGradeBase):
    """A grade as the desk shows it. `by`: the name of who gave it; empty when that account is gone."""

    id: UUID
    photo_id: UUID
    created_at: datetime
    by: str = ""
