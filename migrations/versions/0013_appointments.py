"""The times a doctor offers, exceptions to them, and appointments.

Revision 0013_appointments, after 0012_messages.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013_appointments"
down_revision = "0012_messages"
branch_labels = None
depends_on = None


def belongs(table: str, other: str, ondelete: str = "CASCADE", nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A column `<other>_id` and its foreign key."""
    column = f"{other}_id"
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def when(name: str) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def number(name: str) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("offer", "account"),
        *(number(name) for name in ("weekday", "starts", "ends", "length")),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("place", sa.String(10), nullable=False),
        sa.Column("confirm", sa.Boolean(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
        sa.CheckConstraint("place IN ('clinic', 'video')", name=op.f("ck_offer_place")),
    )
    op.create_index("ix_offer_account_id", "offer", ["account_id"])
    op.create_table(
        "day_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("day_exception", "account"),
        sa.Column("day", sa.Date(), nullable=False),
        number("starts"),
        number("ends"),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_day_exception"),
    )
    op.create_index("ix_day_exception_account_id_day", "day_exception", ["account_id", "day"])
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("appointment", "person"),
        *belongs("appointment", "account", ondelete="SET NULL", nullable=True),
        when("starts_at"),
        when("ends_at"),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("place", sa.String(10), nullable=False),
        sa.Column("wish", sa.String(500), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        number("version"),
        when("created_at"),
        when("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_appointment"),
        sa.CheckConstraint("status IN ('asked', 'booked', 'cancelled')", name=op.f("ck_appointment_status")),
    )
    for column in ("person_id", "account_id"):
        op.create_index(f"ix_appointment_{column}_starts_at", "appointment", [column, "starts_at"])


def downgrade() -> None:
    for name in ("appointment", "day_exception", "offer"):
        op.drop_table(name)
