"""The tables of what was found: spots on the body and records of examinations. See `tables.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

import core.records.appointment_tables
import core.records.chart_tables
import core.records.consent_tables
import core.records.diary_tables  # noqa: F401 - as below
import core.records.eczema_tables  # noqa: F401 - so that `metadata` has every table
import core.records.message_tables  # noqa: F401 - as above
import core.records.pool_tables  # noqa: F401 - as above
import core.records.screening_tables  # noqa: F401 - as above
import core.records.token_tables  # noqa: F401 - likewise
import core.records.weather_tables  # noqa: F401 - likewise
from core.records.tables import Person, metadata
from core.records.times import UtcDateTime, now

__all__ = [
    "SIDES", "Erasure", "Record", "RecordBase", "RecordCreate", "RecordPublic", "Spot", "SpotBase", "SpotCreate", "SpotPublic",
    "metadata",
]  # fmt: skip


SIDES = ("left", "right", "both")


class SpotBase(SQLModel):
    """The same place on the body, followed over time. `site` is a body site, `name` the person's own word for it."""

    site: str = Field(min_length=1, max_length=60)
    name: str = Field(min_length=1, max_length=80)


class SpotCreate(SpotBase):
    """A new spot."""


class Spot(SpotBase, table=True):
    """A spot of one person."""

    __tablename__ = "spot"
    __table_args__ = (Index(None, "person_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    person: Person = Relationship(back_populates="spots")
    records: list["Record"] = Relationship(back_populates="spot", passive_deletes="all")


class SpotPublic(SpotBase):
    """A spot as shown to those who act for the person."""

    id: UUID
    person_id: UUID
    created_at: datetime


class RecordBase(SQLModel):
    """One examination of one photo.

    `facts` is `Finding.facts()`; `examination`, `status`, `label`, `step` and `refer` repeat parts of
    it so that lists can be filtered: as the check left them, also where a person corrected an outline.
    `width` and `height`: the full upright photo, in pixels. `outline_accepted`: what the person said of the outline; None:
    not asked or not said. `photo_tags`: `Photo.tags`.
    `region`: one of `core.instruments.easi.REGIONS`, or `eye`; None: not said. `side`: of the body, one of SIDES; an eye always has
    one. `whole_region`: a person confirmed, or was guided so, that the photo shows the whole region.
    """

    site: str | None = Field(default=None, max_length=60)
    region: str | None = Field(default=None, max_length=20)
    side: str | None = Field(default=None, max_length=10)
    whole_region: bool = False
    taken_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    examination: str = Field(max_length=40)
    status: str = Field(max_length=20)
    label: str = Field(max_length=60)
    step: str = Field(max_length=10)
    refer: bool = False
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    outline_accepted: bool | None = None
    width: int
    height: int
    photo_tags: dict[str, str] | None = Field(default=None, sa_type=JSON)


class RecordCreate(RecordBase):
    """A record to be saved, without its pictures."""

    spot_id: UUID | None = None
    token: UUID | None = None


class Record(RecordBase, table=True):
    """A saved record. The keys name blobs in the photo store; the row is written after them, so it never points at nothing.

    `token` makes saving repeatable: one person's token has one record. `heat_key`: an 8-bit grey PNG, 0-255 for 0-1.
    `mask_keys`: mask name to the key of an 8-bit grey PNG, 0 or 255.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("person_id", "token"),
        Index(None, "person_id", "taken_at"),
        Index(None, "person_id", "examination", "taken_at"),
        Index(None, "person_id", "region", "taken_at"),
        Index(None, "spot_id", "taken_at"),
        Index(None, "step", "person_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    spot_id: UUID | None = Field(default=None, foreign_key="spot.id", ondelete="SET NULL")
    token: UUID | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    photo_key: str = Field(max_length=100)
    photo_sha256: str = Field(max_length=64)
    media_type: str = Field(max_length=40)
    thumbnail_key: str = Field(max_length=100)
    mask_keys: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    heat_key: str | None = Field(default=None, max_length=100)

    person: Person = Relationship(back_populates="records")
    spot: Spot | None = Relationship(back_populates="records")

    @property
    def has_mask(self) -> bool:
        """At least one outline was saved."""
        return bool(self.mask_keys)

    def blobs(self) -> list[str]:
        """The keys of every picture of this record."""
        found = [self.photo_key, self.thumbnail_key, *self.mask_keys.values()]
        return [*found, self.heat_key] if self.heat_key else found


class RecordPublic(RecordBase):
    """A record as shown to those who may read it."""

    id: UUID
    person_id: UUID
    spot_id: UUID | None = None
    created_at: datetime
    has_mask: bool = False
    corrected: bool = False
    """A person drew an outline anew; `facts`, `status`, `label` and `step` are then those of the newest one."""


class Erasure(SQLModel, table=True):
    """Something that was erased and is not gone to the last byte yet: written with the rows' deletion, so that a crash forgets nothing.

    `blob_key`: a picture to take out of the store; None: the database's own file is still to be scrubbed.
    """

    __tablename__ = "erasure"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    blob_key: str | None = Field(default=None, max_length=100)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
