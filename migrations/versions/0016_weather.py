"""The weather: a person's town, the weather of places by days, and what a person loaded.

Revision 0016_weather, after 0015_diary.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016_weather"
down_revision = "0015_diary"
branch_labels = None
depends_on = None


def key() -> sa.Column[Any]:
    """Every table's own random id."""
    return sa.Column("id", sa.Uuid(), nullable=False)


def person(table: str) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A person's id and its foreign key; a row goes with the person."""
    rule = sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"fk_{table}_person_id_person", ondelete="CASCADE")
    return sa.Column("person_id", sa.Uuid(), nullable=False), rule


def when(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def tenths() -> tuple[sa.Column[Any], sa.Column[Any]]:
    """Latitude and longitude in tenths of a degree."""
    return sa.Column("lat10", sa.Integer(), nullable=False), sa.Column("lon10", sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "person_place",
        key(),
        *person("person_place"),
        *(sa.Column(name, sa.String(100), nullable=False) for name in ("name", "region", "country")),
        *tenths(),
        sa.Column("timezone", sa.String(64), nullable=False),
        when("since"),
        sa.PrimaryKeyConstraint("id", name="pk_person_place"),
        sa.UniqueConstraint("person_id", name="uq_person_place_person_id"),
    )
    op.create_table(
        "weather_day",
        key(),
        *tenths(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("weather_from", sa.String(10), nullable=False),
        when("weather_at", nullable=True),
        when("air_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_weather_day"),
        sa.UniqueConstraint("lat10", "lon10", "day", name="uq_weather_day_lat10_lon10_day"),
    )
    op.create_table(
        "loaded_day",
        key(),
        *person("loaded_day"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("replaces", sa.JSON(), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_loaded_day"),
        sa.UniqueConstraint("person_id", "day", name="uq_loaded_day_person_id_day"),
    )


def downgrade() -> None:
    for name in ("loaded_day", "weather_day", "person_place"):
        op.drop_table(name)
