"""Where Alembic meets the tables: on the connection the app hands over, or on the one in the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from core.records.database import migrating
from core.records.record_tables import metadata


def run(connection: Connection) -> None:
    """Run the migrations on this connection, in its transaction where it has one."""
    # SQLite changes a table by copying it, which Alembic calls a batch.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database; use `python -m core.admin migrate`.")

given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with migrating() as own:
        run(own)
