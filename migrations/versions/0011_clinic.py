"""An index for a doctor's list of patients: the urgent findings of everybody.

Revision 0011, after 0010.
"""

from alembic import op

revision = "0011_clinic"
down_revision = "0010_chart"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_record_step_person_id", "record", ["step", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_record_step_person_id", "record")
