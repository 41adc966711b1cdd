"""When an account was switched off, and when it was signed in to last.

Revision 0018_accounts, after 0017_pool. Before it nobody wrote down sign-ins; those that still last tell the latest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_accounts"
down_revision = "0017_pool"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("disabled_at", "signed_in_at"):
        op.add_column("account", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE account SET signed_in_at = (SELECT max(created_at) FROM session WHERE session.account_id = account.id)")


def downgrade() -> None:
    for name in ("signed_in_at", "disabled_at"):
        op.drop_column("account", name)
