"""What is followed over weeks: where on the body a photo is from, scores, treatments, corrected outlines, a doctor's ratings.

Revision 0005, after 0004.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def key() -> sa.Column[Any]:
    """Every table's own random id."""
    return sa.Column("id", sa.Uuid(), nullable=False)


def when(name: str) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def belongs(table: str, other: str, ondelete: str = "CASCADE", nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """A column `<other>_id` and its foreign key."""
    column = f"{other}_id"
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def upgrade() -> None:
    op.add_column("record", sa.Column("region", sa.String(20), nullable=True))
    op.add_column("record", sa.Column("side", sa.String(10), nullable=True))
    # Nobody was asked of the photos there are, so none of them is taken for a whole region.
    op.add_column("record", sa.Column("whole_region", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_record_person_id_region_taken_at", "record", ["person_id", "region", "taken_at"])
    op.create_table(
        "score",
        key(),
        *belongs("score", "person"),
        sa.Column("instrument", sa.String(20), nullable=False),
        sa.Column("week", sa.String(10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=False),
        when("created_at"),
        when("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_score"),
        sa.UniqueConstraint("person_id", "instrument", "week", name="uq_score_person_id_instrument_week"),
    )
    op.create_index("ix_score_person_id_instrument_day", "score", ["person_id", "instrument", "day"])
    op.create_table(
        "treatment",
        key(),
        *belongs("treatment", "person"),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_treatment"),
    )
    op.create_index("ix_treatment_person_id_started_on", "treatment", ["person_id", "started_on"])
    op.create_table(
        "correction",
        key(),
        *belongs("correction", "person"),
        *belongs("correction", "record"),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mask_key", sa.String(100), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("for_training", sa.Boolean(), nullable=False),
        when("said_at"),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.UniqueConstraint("record_id", "name", "version", name="uq_correction_record_id_name_version"),
    )
    op.create_index("ix_correction_person_id", "correction", ["person_id"])
    op.create_table(
        "sign_rating",
        key(),
        *belongs("sign_rating", "person"),
        *belongs("sign_rating", "record"),
        # A doctor who leaves leaves the rating, which is the person's.
        *belongs("sign_rating", "account", ondelete="SET NULL", nullable=True),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("area", sa.Integer(), nullable=True),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_rating"),
    )
    for column in ("record_id", "person_id", "account_id"):
        op.create_index(f"ix_sign_rating_{column}", "sign_rating", [column])


def downgrade() -> None:
    for table in ("sign_rating", "correction", "treatment", "score"):
        op.drop_table(table)
    op.drop_index("ix_record_person_id_region_taken_at", "record")
    with op.batch_alter_table("record") as table:
        for column in ("whole_region", "side", "region"):
            table.drop_column(column)
