"""The tables of appointments: the times a doctor offers, exceptions to them, and who comes when. See `tables.py`."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = [
    "PLACES", "Appointment", "AppointmentCreate", "AppointmentPublic", "DayException", "DayExceptionPublic", "Offer", "OfferCreate",
    "OfferPublic", "metadata",
]  # fmt: skip

PLACES = ("clinic", "video")


class OfferBase(SQLModel):
    """Times that a doctor offers every week.

    `weekday`: 0 Monday to 6 Sunday; `starts`, `ends`: minutes after midnight on the clock of `zone`; `length`: of one appointment,
    minutes. `confirm`: a patient asks, and the doctor says yes; else the patient books. `from_day`, `until_day`: the first and the
    last day on which it counts; None: no end.
    """

    weekday: int
    starts: int
    ends: int
    length: int
    zone: str = Field(max_length=64)
    place: str = Field(default="clinic", max_length=10)
    confirm: bool = False
    from_day: date
    until_day: date | None = None


class OfferCreate(OfferBase):
    """A new weekly time."""


class Offer(OfferBase, table=True):
    """A weekly time of one doctor."""

    __tablename__ = "offer"
    __table_args__ = (Index(None, "account_id"), CheckConstraint("place IN ('clinic', 'video')", name="place"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class OfferPublic(OfferBase):
    """A weekly time as shown to the doctor."""

    id: UUID


class DayException(SQLModel, table=True):
    """A day, or a part of it, on which a doctor does not offer the weekly times. `starts`, `ends`: minutes on the clock of those times."""

    __tablename__ = "day_exception"
    __table_args__ = (Index(None, "account_id", "day"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    day: date
    starts: int = 0
    ends: int = 1440
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class DayExceptionPublic(SQLModel):
    """An exception as shown to the doctor."""

    id: UUID
    day: date
    starts: int
    ends: int


class AppointmentBase(SQLModel):
    """A person and a doctor meet. `zone`: of the clock on which the doctor offers it; `wish`: what the patient wrote to it."""

    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    zone: str = Field(default="UTC", max_length=64)
    place: str = Field(default="clinic", max_length=10)
    wish: str = Field(default="", max_length=500)


class AppointmentCreate(AppointmentBase):
    """A new appointment."""


class Appointment(AppointmentBase, table=True):
    """An appointment. `status`: asked, booked or cancelled; `version`: counts changes. `account_id`: the doctor's; None when gone.

    `reminded_at`: when its patients were written to (`core.records.reminding`); None until then, and anew when it is moved.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("status IN ('asked', 'booked', 'cancelled')", name="status"),
        Index(None, "person_id", "starts_at"),
        Index(None, "account_id", "starts_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    status: str = Field(default="booked", max_length=10)
    version: int = 0
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    def change(self, **values: object) -> None:
        """Set columns, as one change more: by the `version` a calendar knows which of two copies of it is the newer."""
        self.sqlmodel_update({**values, "version": self.version + 1, "changed_at": now()})


class AppointmentPublic(AppointmentBase):
    """An appointment as shown to both sides. `person`, `doctor`: their names; the doctor's is empty when they left the clinic."""

    id: UUID
    person_id: UUID
    account_id: UUID | None = None
    status: str
    version: int
    changed_at: datetime
    person: str = ""
    doctor: str = ""
