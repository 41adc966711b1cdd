"""Second factor, links by mail, several persons of one account, more kinds of throttling.

Revision 0002, after 0001.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def key() -> sa.Column[Any]:
    """Every table's own random id."""
    return sa.Column("id", sa.Uuid(), nullable=False)


def when(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of_account(table: str, nullable: bool = False) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    """The column `account_id` and its foreign key."""
    rule = sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{table}_account_id_account", ondelete="CASCADE")
    return sa.Column("account_id", sa.Uuid(), nullable=nullable), rule


def throttle(longest_scope: int, *rules: sa.CheckConstraint) -> None:
    """The table of what was tried too often. It only knows the last day, so it is made anew rather than changed."""
    op.drop_table("throttle")
    op.create_table(
        "throttle",
        key(),
        sa.Column("scope", sa.String(longest_scope), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        when("last_failure_at"),
        when("blocked_until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_throttle"),
        sa.UniqueConstraint("scope", "key_hash", name="uq_throttle_scope_key_hash"),
        *rules,
    )
    op.create_index("ix_throttle_last_failure_at", "throttle", ["last_failure_at"])


def upgrade() -> None:
    op.create_table(
        "second_factor",
        key(),
        *of_account("second_factor"),
        sa.Column("sealed_secret", sa.String(255), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_second_factor"),
        sa.UniqueConstraint("account_id", name="uq_second_factor_account_id"),
    )
    op.create_table(
        "recovery_code",
        key(),
        *of_account("recovery_code"),
        sa.Column("code_hash", sa.String(64), nullable=False),
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
        sa.UniqueConstraint("code_hash", name="uq_recovery_code_code_hash"),
    )
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"])
    op.create_table(
        "mail_link",
        key(),
        sa.Column("purpose", sa.String(10), nullable=False),
        *of_account("mail_link", nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        when("created_at"),
        when("expires_at"),
        when("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mail_link"),
        sa.UniqueConstraint("token_hash", name="uq_mail_link_token_hash"),
        sa.CheckConstraint("purpose IN ('reset', 'sign_up')", name=op.f("ck_mail_link_purpose")),
    )
    op.create_index("ix_mail_link_account_id", "mail_link", ["account_id"])
    op.create_index("ix_mail_link_expires_at", "mail_link", ["expires_at"])
    throttle(20)
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("person_id", sa.Uuid(), nullable=True))
        session.create_foreign_key("fk_session_person_id_person", "person", ["person_id"], ["id"], ondelete="SET NULL")
        session.create_index("ix_session_person_id", ["person_id"])
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("birth_year", sa.Integer(), nullable=True))
    known = sa.table("person", sa.column("birth_date", sa.Date()), sa.column("birth_year", sa.Integer()))
    op.execute(known.update().where(known.c.birth_date.is_not(None)).values(birth_year=sa.extract("year", known.c.birth_date)))


def downgrade() -> None:
    with op.batch_alter_table("person") as person:
        person.drop_column("birth_year")
    with op.batch_alter_table("session") as session:
        session.drop_index("ix_session_person_id")
        session.drop_constraint("fk_session_person_id_person", type_="foreignkey")
        session.drop_column("person_id")
    throttle(10, sa.CheckConstraint("scope IN ('account', 'address')", name=op.f("ck_throttle_scope")))
    for table in ("mail_link", "recovery_code", "second_factor"):
        op.drop_table(table)
