"""What a DICOM file says of its picture: the few tags on the allow-list.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("photo_tags", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("record") as table:
        table.drop_column("photo_tags")
