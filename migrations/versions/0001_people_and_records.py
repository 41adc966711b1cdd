"""The first tables: accounts, persons, sign-ins, spots and records.

Revision 0001, the first.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def key() -> sa.Column[Any]:
    """Every table's own random id."""
    return sa.Column("id", sa.Uuid(), nullable=False)


def when(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def belongs(table: str, other: str, ondelete: str = "CASCADE", nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A column `<other>_id` and its foreign key."""
    column = f"{other}_id"
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def upgrade() -> None:
    op.create_table(
        "account",
        key(),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
        sa.CheckConstraint("role IN ('patient', 'doctor', 'staff', 'admin')", name=op.f("ck_account_role")),
    )
    op.create_table(
        "person",
        key(),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_table(
        "account_person",
        key(),
        *belongs("account_person", "account"),
        *belongs("account_person", "person"),
        sa.Column("relation", sa.String(10), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_account_person"),
        sa.UniqueConstraint("account_id", "person_id", name="uq_account_person_account_id_person_id"),
        sa.CheckConstraint("relation IN ('self', 'guardian')", name=op.f("ck_account_person_relation")),
    )
    op.create_index("ix_account_person_person_id", "account_person", ["person_id"])
    op.create_table(
        "session",
        key(),
        *belongs("session", "account"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(200), nullable=False),
        when("created_at"),
        when("last_seen_at"),
        when("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("token_hash", name="uq_session_token_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_table(
        "ticket",
        key(),
        *belongs("ticket", "account"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        when("created_at"),
        when("expires_at"),
        when("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("token_hash", name="uq_ticket_token_hash"),
    )
    op.create_index("ix_ticket_account_id", "ticket", ["account_id"])
    op.create_index("ix_ticket_expires_at", "ticket", ["expires_at"])
    op.create_table(
        "throttle",
        key(),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        when("last_failure_at"),
        when("blocked_until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_throttle"),
        sa.UniqueConstraint("scope", "key_hash", name="uq_throttle_scope_key_hash"),
        sa.CheckConstraint("scope IN ('account', 'address')", name=op.f("ck_throttle_scope")),
    )
    op.create_index("ix_throttle_last_failure_at", "throttle", ["last_failure_at"])
    op.create_table(
        "mark",
        key(),
        sa.Column("name", sa.String(40), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_mark"),
        sa.UniqueConstraint("name", name="uq_mark_name"),
    )
    op.create_table(
        "spot",
        key(),
        *belongs("spot", "person"),
        sa.Column("site", sa.String(60), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_spot"),
    )
    op.create_index("ix_spot_person_id", "spot", ["person_id"])
    op.create_table(
        "record",
        key(),
        *belongs("record", "person"),
        # A spot that is taken away leaves its records, which are the person's.
        *belongs("record", "spot", ondelete="SET NULL", nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("site", sa.String(60), nullable=True),
        when("taken_at"),
        when("created_at"),
        sa.Column("examination", sa.String(40), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("refer", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("outline_accepted", sa.Boolean(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("photo_key", sa.String(100), nullable=False),
        sa.Column("photo_sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("thumbnail_key", sa.String(100), nullable=False),
        sa.Column("mask_keys", sa.JSON(), nullable=False),
        sa.Column("heat_key", sa.String(100), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_record"),
        sa.UniqueConstraint("person_id", "token", name="uq_record_person_id_token"),
    )
    op.create_index("ix_record_person_id_taken_at", "record", ["person_id", "taken_at"])
    op.create_index("ix_record_person_id_examination_taken_at", "record", ["person_id", "examination", "taken_at"])
    op.create_index("ix_record_spot_id_taken_at", "record", ["spot_id", "taken_at"])


def downgrade() -> None:
    # Children first; a table takes its indexes along.
    for table in ("record", "spot", "mark", "throttle", "ticket", "session", "account_person", "person", "account"):
        op.drop_table(table)
