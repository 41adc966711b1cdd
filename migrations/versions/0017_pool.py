"""Pooling: who agreed that their severity teaches the forecast, and what all of them taught.

Revision 0017_pool, after 0016_weather.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_pool"
down_revision = "0016_weather"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pool_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_pool_consent_person_id_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pool_consent"),
        sa.UniqueConstraint("person_id", name="uq_pool_consent_person_id"),
    )
    op.create_table(
        "pool_prior",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prior", sa.JSON(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("agreements", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pool_prior"),
    )


def downgrade() -> None:
    for name in ("pool_prior", "pool_consent"):
        op.drop_table(name)
