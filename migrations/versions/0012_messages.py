"""What a person and a doctor write each other, and how far each has read.

Revision 0012_messages, after 0008.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012_messages"
down_revision = "0011_clinic"
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


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("conversation", "person"),
        # A doctor who leaves takes nothing along: what was written stays with the person.
        *belongs("conversation", "account", ondelete="SET NULL", nullable=True),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_conversation"),
        sa.UniqueConstraint("person_id", "account_id", name="uq_conversation_person_id_account_id"),
    )
    op.create_index("ix_conversation_account_id", "conversation", ["account_id"])
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("message", "conversation"),
        *belongs("message", "person"),
        *belongs("message", "account", ondelete="SET NULL", nullable=True),
        *belongs("message", "record", ondelete="SET NULL", nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        when("created_at"),
        sa.Column("photo_key", sa.String(100), nullable=True),
        sa.Column("photo_sha256", sa.String(64), nullable=True),
        sa.Column("media_type", sa.String(40), nullable=True),
        sa.Column("thumbnail_key", sa.String(100), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("conversation_id", "number", name="uq_message_conversation_id_number"),
        sa.UniqueConstraint("conversation_id", "token", name="uq_message_conversation_id_token"),
        sa.CheckConstraint("side IN ('patient', 'doctor')", name=op.f("ck_message_side")),
    )
    op.create_index("ix_message_person_id_created_at", "message", ["person_id", "created_at"])
    for column in ("account_id", "record_id"):
        op.create_index(f"ix_message_{column}", "message", [column])
    op.create_table(
        "read_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs("read_mark", "conversation"),
        *belongs("read_mark", "account"),
        sa.Column("number", sa.Integer(), nullable=False),
        when("read_at"),
        sa.PrimaryKeyConstraint("id", name="pk_read_mark"),
        sa.UniqueConstraint("conversation_id", "account_id", name="uq_read_mark_conversation_id_account_id"),
    )
    op.create_index("ix_read_mark_account_id", "read_mark", ["account_id"])


def downgrade() -> None:
    for name in ("read_mark", "message", "conversation"):
        op.drop_table(name)
