"""The chart: notes, medicines, allergies, sign-offs and outcomes of findings, tasks.

Revision 0010, after 0009.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010_chart"
down_revision = "0009_doctor_codes"
branch_labels = None
depends_on = None


def when(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment; UTC on SQLite, with its zone on PostgreSQL."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, length: int) -> sa.Column[Any]:
    """A text that is always there, be it empty."""
    return sa.Column(name, sa.String(length), nullable=False)


def belongs(table: str, other: str, ondelete: str = "CASCADE", nullable: bool = False, column: str = "") -> tuple[Any, ...]:
    """A column that names a row of `other` (`<other>_id`, or `column`) and its foreign key."""
    column = column or f"{other}_id"
    rule = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), nullable=nullable), rule


def create(table: str, *columns: Any, record: bool = False) -> None:
    """A table of the chart: of a person, written by an account that may be gone, and of a record where it is about one."""
    of_record = belongs(table, "record") if record else ()
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        *belongs(table, "person"),
        *of_record,
        *belongs(table, "account", ondelete="SET NULL", nullable=True),
        *columns,
        when("created_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    for column in (*(["record_id"] if record else []), *(["person_id"] if table != "note" else [])):
        op.create_index(f"ix_{table}_{column}", table, [column])
    if table != "task":
        op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def upgrade() -> None:
    create(
        "note",
        *(text(name, 4000) for name in ("observed", "diagnosis", "advice", "plan")),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        *belongs("note", "note", nullable=True, column="amends_id"),
        text("state", 10),
        when("signed_at", nullable=True),
        sa.CheckConstraint("state IN ('draft', 'signed')", name=op.f("ck_note_state")),
    )
    op.create_index("ix_note_person_id_created_at", "note", ["person_id", "created_at"])
    op.create_index("ix_note_amends_id", "note", ["amends_id"])
    days = (sa.Column(name, sa.Date(), nullable=True) for name in ("started_on", "ended_on"))
    create("medicine", text("name", 100), text("dose", 100), *days, text("role", 10))
    create("allergy", text("substance", 100), text("reaction", 200), text("role", 10), when("struck_at", nullable=True))
    create("sign_off", text("label", 60), text("says", 1000), record=True)
    create(
        "outcome",
        text("how", 10),
        text("label", 60),
        text("says", 1000),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.CheckConstraint("how IN ('biopsy', 'treatment', 'course')", name=op.f("ck_outcome_how")),
        record=True,
    )
    create("task", text("what", 200), sa.Column("due_on", sa.Date(), nullable=True), when("done_at", nullable=True))
    op.create_index("ix_task_account_id_done_at", "task", ["account_id", "done_at"])


def downgrade() -> None:
    for table in ("task", "outcome", "sign_off", "allergy", "medicine", "note"):
        op.drop_table(table)
