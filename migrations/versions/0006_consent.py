"""Whom a person lets in, and when a doctor opened what is theirs; the extent of a doctor's SCORAD.

Revision 0006_consent, after 0005.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006_consent"
down_revision = "0005"
branch_labels = None
depends_on = None


def belongs(table: str, other: str, ondelete: str = "CASCADE", nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A column `<other>_id` and its foreign key."""
    column = f"{other}_id"
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def when(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("consent", "person"),
        *belongs("consent", "account"),
        sa.Column("kinds", sa.String(200), nullable=False),
        when("ends_at", nullable=True),
        when("created_at"),
        when("taken_back_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    for column in ("person_id", "account_id"):
        op.create_index(f"ix_consent_{column}", "consent", [column])
    op.create_table(
        "opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("opening", "person"),
        # A doctor who leaves, or a finding that is deleted, leaves the row, which is the person's.
        *belongs("opening", "account", ondelete="SET NULL", nullable=True),
        *belongs("opening", "record", ondelete="SET NULL", nullable=True),
        sa.Column("what", sa.String(10), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_opening"),
        sa.CheckConstraint("what IN ('list', 'photos', 'finding', 'diary')", name=op.f("ck_opening_what")),
    )
    op.create_index("ix_opening_person_id_created_at", "opening", ["person_id", "created_at"])
    for column in ("account_id", "record_id"):
        op.create_index(f"ix_opening_{column}", "opening", [column])
    op.add_column("sign_rating", sa.Column("extent", sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sign_rating") as table:
        table.drop_column("extent")
    for name in ("opening", "consent"):
        op.drop_table(name)
