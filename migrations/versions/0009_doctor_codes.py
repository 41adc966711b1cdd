"""Codes that doctors give to patients; a doctor can also open what doctors wrote.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_doctor_codes"
down_revision = "0008_screening"
branch_labels = None
depends_on = None

BEFORE = "'list', 'photos', 'finding', 'diary'"


def opened(words: str) -> None:
    """Rule what a doctor can open."""
    with op.batch_alter_table("opening", recreate="auto") as table:
        table.drop_constraint(op.f("ck_opening_what"), type_="check")
        table.create_check_constraint(op.f("ck_opening_what"), f"what IN ({words})")


def upgrade() -> None:
    op.create_table(
        "doctor_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_doctor_code"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_doctor_code_account_id_account", ondelete="CASCADE"),
        sa.UniqueConstraint("account_id", name="uq_doctor_code_account_id"),
        sa.UniqueConstraint("code_hash", name="uq_doctor_code_code_hash"),
    )
    opened(f"{BEFORE}, 'chart'")


def downgrade() -> None:
    # That something was opened stays told, in the nearest word there was.
    op.execute("UPDATE opening SET what = 'list' WHERE what = 'chart'")
    opened(BEFORE)
    op.drop_table("doctor_code")
