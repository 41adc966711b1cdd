"""The tables of the weather: a person's town, the weather of places by days, and what a person loaded. See `tables.py`."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = ["LoadedDay", "PersonPlace", "PersonPlaceCreate", "PersonPlacePublic", "WeatherDay", "metadata"]


class PersonPlaceBase(SQLModel):
    """The town whose weather a person follows.

    `lat10`, `lon10`: tenths of a degree as `core.weather.towns.rounded` gives them; nothing finer is ever kept. `timezone`: of the
    IANA list.
    """

    name: str = Field(min_length=1, max_length=100)
    region: str = Field(default="", max_length=100)
    country: str = Field(default="", max_length=100)
    lat10: int
    lon10: int
    timezone: str = Field(max_length=64)


class PersonPlaceCreate(PersonPlaceBase):
    """A town to be kept."""


class PersonPlace(PersonPlaceBase, table=True):
    """A person's town; there is one. `since`: when it was chosen."""

    __tablename__ = "person_place"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    since: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PersonPlacePublic(PersonPlaceBase):
    """A person's town as shown to those who may read their diary."""

    person_id: UUID
    since: datetime


class WeatherDay(SQLModel, table=True):
    """What the services said of a place and day, for all who have that place: no row says whose it is.

    `factors`: id of `core.weather.daily.FACTORS` to its value; what is not there was missing. `weather_from`: `archive`, `forecast`,
    or empty: not asked yet. `weather_at`, `air_at`: when the one of the two, and when the air-quality service, was asked last.
    """

    __tablename__ = "weather_day"
    __table_args__ = (UniqueConstraint("lat10", "lon10", "day"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    lat10: int
    lon10: int
    day: date
    factors: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    weather_from: str = Field(default="", max_length=10)
    weather_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    air_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoadedDay(SQLModel, table=True):
    """The weather of one day as a person loaded it. `factors`: as in `WeatherDay`; `replaces`: those that count before the services'."""

    __tablename__ = "loaded_day"
    __table_args__ = (UniqueConstraint("person_id", "day"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    day: date
    factors: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    replaces: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
