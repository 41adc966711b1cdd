"""The screening desk: the clinic's own patients, batches of photos, the queue of their grading, grades that people gave.

Revision 0008, after 0007.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008_screening"
down_revision = "0007_api_tokens"
branch_labels = None
depends_on = None


def key() -> sa.Column[Any]:
    """Every table's own random id."""
    return sa.Column("id", sa.Uuid(), nullable=False)


def when(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def belongs(
    table: str, other: str, ondelete: str = "CASCADE", nullable: bool = False, column: str = ""
) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A column that names a row of `other` (`<other>_id`, or `column`) and its foreign key."""
    column = column or f"{other}_id"
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def upgrade() -> None:
    op.create_table(
        "screening_patient",
        key(),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("code_key", sa.String(120), nullable=False),
        # Whose account it is linked to may go; what the clinic found stays with the clinic.
        *belongs("screening_patient", "person", ondelete="SET NULL", nullable=True),
        sa.Column("link_hash", sa.String(64), nullable=True),
        when("link_expires_at", nullable=True),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_screening_patient"),
        sa.UniqueConstraint("code_key", name="uq_screening_patient_code_key"),
        sa.UniqueConstraint("link_hash", name="uq_screening_patient_link_hash"),
    )
    op.create_index("ix_screening_patient_person_id", "screening_patient", ["person_id"])
    op.create_table(
        "screening_batch",
        key(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("examination", sa.String(40), nullable=False),
        sa.Column("pattern", sa.String(100), nullable=False),
        *belongs("screening_batch", "account", ondelete="SET NULL", nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_screening_batch"),
    )
    op.create_index("ix_screening_batch_account_id", "screening_batch", ["account_id"])
    op.create_table(
        "screening_photo",
        key(),
        *belongs("screening_photo", "screening_batch", column="batch_id"),
        *belongs("screening_photo", "screening_patient", nullable=True, column="patient_id"),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("side", sa.String(10), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("refer", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("hint", sa.String(400), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("photo_tags", sa.JSON(), nullable=True),
        when("created_at"),
        when("finished_at", nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_by", sa.String(80), nullable=True),
        when("leased_until", nullable=True),
        sa.Column("raw_key", sa.String(100), nullable=True),
        sa.Column("raw_sha256", sa.String(64), nullable=True),
        sa.Column("photo_key", sa.String(100), nullable=True),
        sa.Column("photo_sha256", sa.String(64), nullable=True),
        sa.Column("media_type", sa.String(40), nullable=True),
        sa.Column("thumbnail_key", sa.String(100), nullable=True),
        sa.Column("mask_keys", sa.JSON(), nullable=False),
        sa.Column("heat_key", sa.String(100), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_screening_photo"),
        sa.CheckConstraint("state IN ('waiting', 'leased', 'done', 'failed')", name=op.f("ck_screening_photo_state")),
    )
    op.create_index("ix_screening_photo_batch_id_state", "screening_photo", ["batch_id", "state"])
    op.create_index("ix_screening_photo_patient_id_taken_on", "screening_photo", ["patient_id", "taken_on"])
    op.create_index("ix_screening_photo_state_attempts_created_at", "screening_photo", ["state", "attempts", "created_at"])
    op.create_table(
        "screening_grade",
        key(),
        *belongs("screening_grade", "screening_photo", column="photo_id"),
        # A doctor who leaves leaves the grade.
        *belongs("screening_grade", "account", ondelete="SET NULL", nullable=True),
        sa.Column("grade", sa.String(60), nullable=False),
        sa.Column("network", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_screening_grade"),
    )
    op.create_index("ix_screening_grade_photo_id_created_at", "screening_grade", ["photo_id", "created_at"])
    op.create_index("ix_screening_grade_account_id", "screening_grade", ["account_id"])


def downgrade() -> None:
    for table in ("screening_grade", "screening_photo", "screening_batch", "screening_patient"):
        op.drop_table(table)
