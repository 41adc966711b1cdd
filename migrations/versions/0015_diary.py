"""The diary: days, what somebody suspects to make it worse, and when they met it.

Revision 0015_diary, after 0014_reminders.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015_diary"
down_revision = "0014_reminders"
branch_labels = None
depends_on = None


def key() -> sa.Column[Any]:
    """Every table's own random id."""
    return sa.Column("id", sa.Uuid(), nullable=False)


def when(name: str) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def belongs(table: str, column: str, other: str, nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A column and its foreign key; a row goes with the one it belongs to."""
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete="CASCADE")
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def upgrade() -> None:
    op.create_table(
        "diary_day",
        key(),
        *belongs("diary_day", "person_id", "person"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("itch", sa.Integer(), nullable=True),
        sa.Column("sleep", sa.Integer(), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("treatments", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        when("created_at"),
        when("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_diary_day"),
        sa.UniqueConstraint("person_id", "day", name="uq_diary_day_person_id_day"),
    )
    op.create_table(
        "trigger",
        key(),
        *belongs("trigger", "person_id", "person"),
        *belongs("trigger", "same_as_id", "trigger", nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_trigger"),
        sa.UniqueConstraint("person_id", "kind", "key", name="uq_trigger_person_id_kind_key"),
    )
    op.create_index("ix_trigger_same_as_id", "trigger", ["same_as_id"])
    op.create_table(
        "exposure",
        key(),
        *belongs("exposure", "day_id", "diary_day"),
        *belongs("exposure", "trigger_id", "trigger"),
        sa.Column("hour", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exposure"),
        sa.UniqueConstraint("day_id", "trigger_id", name="uq_exposure_day_id_trigger_id"),
    )
    op.create_index("ix_exposure_trigger_id", "exposure", ["trigger_id"])


def downgrade() -> None:
    for name in ("exposure", "trigger", "diary_day"):
        op.drop_table(name)
