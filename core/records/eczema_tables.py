"""The tables of what is followed over weeks: scores, treatments, corrected outlines, a doctor's ratings. See `tables.py`."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = [
    "DRAFT", "Correction", "CorrectionCreate", "CorrectionPublic", "Score", "ScoreCreate", "ScorePublic", "SignRating", "SignRatingCreate",
    "SignRatingPublic", "Treatment", "TreatmentCreate", "TreatmentPublic", "metadata",
]  # fmt: skip

DRAFT = "draft"
"""In the place of a week: the form is not finished yet."""


class ScoreBase(SQLModel):
    """A questionnaire of one day, filled in by the person.

    `answers`: item to what was answered, None where nothing was. `total` by the instrument's own rule; None: not
    scored (or not finished). `missing`: items without an answer. `day`: the person's own date, at the end of the
    week that was asked about.
    """

    instrument: str = Field(max_length=20)
    day: date
    answers: dict[str, int | float | None] = Field(default_factory=dict, sa_type=JSON)
    total: float | None = None
    missing: int = 0


class ScoreCreate(ScoreBase):
    """A score to be saved."""


class Score(ScoreBase, table=True):
    """A score. `week`: of the ISO calendar, `2026-W07`, or DRAFT; the database itself keeps one of each per instrument."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("person_id", "instrument", "week"), Index(None, "person_id", "instrument", "day"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    week: str = Field(max_length=10)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    @property
    def draft(self) -> bool:
        """Half filled and left: not part of any list yet."""
        return self.week == DRAFT


class ScorePublic(ScoreBase):
    """A score as shown to those who may read it."""

    id: UUID
    person_id: UUID
    created_at: datetime
    changed_at: datetime
    draft: bool = False


class TreatmentBase(SQLModel):
    """What somebody used and from when to when. `kind`: one of `core.records.treatments.KINDS`; `ended_on` None: still."""

    name: str = Field(min_length=1, max_length=80)
    kind: str = Field(max_length=20)
    started_on: date
    ended_on: date | None = None


class TreatmentCreate(TreatmentBase):
    """A new treatment."""


class Treatment(TreatmentBase, table=True):
    """A treatment of one person."""

    __tablename__ = "treatment"
    __table_args__ = (Index(None, "person_id", "started_on"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TreatmentPublic(TreatmentBase):
    """A treatment as shown to those who may read it."""

    id: UUID
    person_id: UUID
    created_at: datetime


class CorrectionBase(SQLModel):
    """An outline as a person drew it, beside the network's, which stays.

    `name`: which of the finding's masks; `version` counts from 1 for each. `numbers`: every measurement of the
    finding, computed anew with this outline. `for_training`: the person lets it be used to train networks;
    `said_at`: when they last said so or not.
    """

    name: str = Field(max_length=40)
    version: int
    numbers: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    for_training: bool = False
    said_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CorrectionCreate(CorrectionBase):
    """A correction to be saved, without its mask."""


class Correction(CorrectionBase, table=True):
    """A correction. `mask_key`: an 8-bit grey PNG in the photo store, 0 or 255, as large as the network's mask."""

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("record_id", "name", "version"), Index(None, "person_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    record_id: UUID = Field(foreign_key="record.id", ondelete="CASCADE")
    mask_key: str = Field(max_length=100)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CorrectionPublic(CorrectionBase):
    """A correction as shown to those who may read its record."""

    id: UUID
    record_id: UUID
    created_at: datetime


class SignRatingBase(SQLModel):
    """How strong a doctor finds the signs of eczema on one photo.

    `signs`: sign to 0-3 in steps of a half. `area`: the EASI area score 0-6 of the whole region, where the doctor gave one.
    `extent`: percent of the body 0-100, with the six signs of the SCORAD.
    """

    signs: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    area: int | None = None
    extent: float | None = None


class SignRatingCreate(SignRatingBase):
    """A new rating."""


class SignRating(SignRatingBase, table=True):
    """A rating. `account_id`: the doctor's; None when that account is gone, the rating stays with the person."""

    __tablename__ = "sign_rating"
    __table_args__ = (Index(None, "record_id"), Index(None, "person_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    record_id: UUID = Field(foreign_key="record.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SignRatingPublic(SignRatingBase):
    """A rating as shown to those who may read its record."""

    id: UUID
    record_id: UUID
    created_at: datetime
