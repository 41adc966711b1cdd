"""When an appointment was reminded of by mail.

Revision 0014_reminders, after 0013_appointments.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_reminders"
down_revision = "0013_appointments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointment", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("appointment", "reminded_at")
