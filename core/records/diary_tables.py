"""The tables of the diary: days, what somebody suspects to make it worse, and when they met it. See `tables.py`."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = [
    "DiaryDay", "DiaryDayCreate", "DiaryDayPublic", "Exposure", "ExposureCreate", "ExposurePublic", "Trigger", "TriggerCreate",
    "TriggerPublic", "metadata",
]  # fmt: skip


class DiaryDayBase(SQLModel):
    """One day of a diary, told in the evening of the person's own date `day`.

    `itch`, `sleep` (how bad the night was), `severity`: whole numbers 0 (none) to 10 (the worst), None where nothing was said.
    `treatments`: kinds used that day, of `core.records.treatments.KINDS`.
    """

    day: date
    itch: int | None = Field(default=None, ge=0, le=10)
    sleep: int | None = Field(default=None, ge=0, le=10)
    severity: int | None = Field(default=None, ge=0, le=10)
    treatments: list[str] = Field(default_factory=list, sa_type=JSON)
    note: str = Field(default="", max_length=500)

    @property
    def silent(self) -> bool:
        """It says nothing, but perhaps what was met."""
        return not self.treatments and not self.note.strip() and self.itch is None and self.sleep is None and self.severity is None


class DiaryDayCreate(DiaryDayBase):
    """A day to be saved, without what was met."""


class DiaryDay(DiaryDayBase, table=True):
    """A day; the database itself keeps one of each per person."""

    __tablename__ = "diary_day"
    __table_args__ = (UniqueConstraint("person_id", "day"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TriggerBase(SQLModel):
    """Something that may make it worse. `kind`: one of the six groups of `core.records.triggers.GROUPS`; `name` in the person's words."""

    kind: str = Field(max_length=20)
    name: str = Field(min_length=1, max_length=60)


class TriggerCreate(TriggerBase):
    """A new one."""


class Trigger(TriggerBase, table=True):
    """One of a person. `key`: its name as it is compared; `same_as_id`: another word for that one, and never met itself."""

    __tablename__ = "trigger"
    __table_args__ = (UniqueConstraint("person_id", "kind", "key"), Index(None, "same_as_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    key: str = Field(max_length=60)
    same_as_id: UUID | None = Field(default=None, foreign_key="trigger.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TriggerPublic(TriggerBase):
    """A trigger as shown to those who may read it. `also`: other words for it that the person used."""

    id: UUID
    person_id: UUID
    also: tuple[str, ...] = ()


class ExposureBase(SQLModel):
    """That a trigger was met on a day. `hour`: about when, 0-23 on the person's own clock; None: not said."""

    hour: int | None = Field(default=None, ge=0, le=23)


class ExposureCreate(ExposureBase):
    """A trigger met, to be saved with its day."""

    trigger_id: UUID


class Exposure(ExposureBase, table=True):
    """A trigger met on a day of the diary, once a day."""

    __tablename__ = "exposure"
    __table_args__ = (UniqueConstraint("day_id", "trigger_id"), Index(None, "trigger_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day_id: UUID = Field(foreign_key="diary_day.id", ondelete="CASCADE")
    trigger_id: UUID = Field(foreign_key="trigger.id", ondelete="CASCADE")


class ExposurePublic(ExposureBase):
    """A trigger met, as shown to those who may read the diary."""

    trigger_id: UUID
    kind: str
    name: str


class DiaryDayPublic(DiaryDayBase):
    """A day as shown to those who may read it, with what was met."""

    id: UUID
    person_id: UUID
    created_at: datetime
    changed_at: datetime
    met: tuple[ExposurePublic, ...] = ()
