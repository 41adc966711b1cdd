"""The database: one engine per address, transactions that survive a short lock, migrations.

Callers use `transaction()` to change something and `reading()` to look. Both raise Unavailable, with
nothing changed, when the database stays locked or cannot be reached. On SQLite and on PostgreSQL alike
those who write take turns, so that what was read at the start of a transaction holds until its end, and
those who read see one moment and wait for nobody.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, CursorResult, Delete, Engine, Update, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

import core.records.record_tables  # noqa: F401 - every table must be known before the first query
from core.errors import NotFound, Unavailable
from core.settings import ROOT, settings

log = logging.getLogger("carelens.database")

_T = TypeVar("_T")

LOCK_WAIT = 5.0
"""Seconds a locked database is tried again before the person is told."""
MIGRATE_WAIT = 60.0
"""Seconds a second process waits while the first one migrates."""
_BUSY_MS = 250  # SQLite's own wait per try; ours goes round it, with a growing pause
_TURN = 0x43617265  # PostgreSQL advisory lock of those who write or migrate, any fixed number

_SERVER = {
    "connect_timeout": 5,
    # A server that went without a word is noticed in seconds, not when the kernel gives up after minutes.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    # Nobody holds the turn of those who write for longer than this without doing anything.
    "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000",
    "application_name": "carelens",
}
"""How a PostgreSQL server is called (libpq's words; milliseconds, but seconds for what is about connecting)."""

_NOT_SET_UP = ("no such table", "no such column")
_PASSING = ("locked", "busy", "starting up", "shutting down", "recovery mode", "lock timeout", "deadlock")
_FULL = ("is full", "disk full", "No space left")


def _plain(value: Any) -> Any:
    """NumPy scalars in facts become plain numbers."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not plain JSON")


def _to_json(value: Any) -> str:
    # NaN is no JSON: SQLite would keep it, PostgreSQL would not, so it is refused everywhere.
    return json.dumps(value, allow_nan=False, default=_plain)


def address(url: str) -> URL:
    """The parsed address of a database; `postgresql://` gets the driver there is. ValueError for what cannot be used."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError("The database must be SQLite or PostgreSQL.")
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("The database must be a file or a server; one in memory would lose everything.")
    return parsed


@cache
def _engine(url: str) -> Engine:
    parsed = address(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite:
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = create_engine(
        parsed,
        json_serializer=_to_json,
        hide_parameters=True,  # what people entered must not reach a log by way of an error message
        pool_pre_ping=not sqlite,  # a server that was restarted is met with a fresh connection
        pool_size=10,
        max_overflow=20,
        pool_timeout=LOCK_WAIT,
        connect_args={"timeout": _BUSY_MS / 1000} if sqlite else _SERVER,
    )
    if sqlite:
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
    else:
        event.listen(made, "begin", _begin_server)
    return made


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    # What is deleted is written over with zeros; not every build of SQLite does so unasked.
    for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock at once: waiting happens here, before any work, never in the middle.
    if connection.get_execution_options().get("carelens_write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("PRAGMA schema_version")  # takes the read lock now, for the same reason


def _begin_server(connection: Connection) -> None:
    # Those who write take turns, as SQLite makes them: nobody decides on what another is just changing.
    options = connection.get_execution_options()
    if options.get("carelens_write"):
        wait = max(1, round(options.get("carelens_wait", LOCK_WAIT) * 1000))
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")


def engine() -> Engine:
    """The engine of the database in the settings, made once per address. ValueError for one in memory, Unavailable without its folder."""
    try:
        return _engine(settings().database_url)
    except OSError as error:  # its folder cannot be made
        raise _unavailable(error) from error


def _says(error: Exception, words: tuple[str, ...]) -> bool:
    return isinstance(error, DBAPIError) and any(word in str(error.orig) for word in words)


def _unavailable(error: Exception) -> Unavailable:
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    log.warning("database unavailable: %s %s", type(error).__name__, state or "")
    if state in ("42P01", "42703") or _says(error, _NOT_SET_UP):
        return Unavailable("The database is not set up yet.", "Whoever runs CareLens does that with: python -m core.admin migrate.")
    if state == "53100" or _says(error, _FULL):
        return Unavailable(
            "There is no room left for the database, so nothing was changed.",
            "Please tell whoever runs CareLens. What was saved before is safe.",
        )
    return Unavailable(
        "The database is busy or out of reach, so nothing was changed.",
        "Please wait a moment and try again. What was saved before is safe.",
    )


def _belongs_to_nothing(error: DBAPIError) -> bool:
    """A row was to hang on one that is gone: its account, person or finding was erased since somebody looked."""
    foreign = getattr(error.orig, "sqlstate", None) == "23503" or _says(error, ("FOREIGN KEY constraint",))
    return foreign and not (error.statement or "").startswith("DELETE")  # to delete what something hangs on would be our mistake


def _passing(error: Exception) -> bool:
    """A lock that somebody else holds, or a server that is just starting: worth another try."""
    return isinstance(error, OperationalError) and _says(error, _PASSING)


def _patiently(action: Callable[[], _T], wait: float) -> _T:
    """The action's result, tried again for `wait` seconds while somebody else holds a lock; then Unavailable."""
    until = time.monotonic() + wait
    pause = 0.02
    while True:
        try:
            return action()
        except (DBAPIError, PoolTimeout, OSError) as error:  # OSError: the folder of the file cannot be made
            if not _passing(error) or time.monotonic() >= until:
                raise _unavailable(error) from error
            # By chance only to spread the tries out: no secret comes of it.
            time.sleep(pause * random.uniform(0.5, 1.5))  # nosec B311
            pause = min(pause * 2, 0.5)


def _open(write: bool, wait: float) -> Connection:
    """A connection with its transaction begun."""
    connection = engine().connect()
    try:
        if connection.dialect.name == "postgresql" and not write:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection = connection.execution_options(carelens_write=write, carelens_wait=wait)
        connection.begin()
    except DBAPIError:
        connection.close()
        raise
    return connection


@contextmanager
def _session(write: bool, wait: float | None) -> Iterator[Session]:
    patience = LOCK_WAIT if wait is None else wait
    connection = _patiently(partial(_open, write, patience), patience)
    try:
        with Session(connection, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
                if connection.in_transaction():
                    connection.commit()
            except (IntegrityError, DataError) as error:
                session.rollback()
                if _belongs_to_nothing(error):
                    raise NotFound("This was erased just now, so nothing was saved.", "Please load the page anew.") from error
                raise  # these are about what was to be saved, not about the database
            except DBAPIError as error:
                session.rollback()
                raise _unavailable(error) from error
            except BaseException:
                session.rollback()
                raise
    finally:
        connection.close()


@contextmanager
def transaction(wait: float | None = None) -> Iterator[Session]:
    """A session whose changes are saved together when the block ends, or not at all when it raises.

    Raises Unavailable when the database stays locked for `wait` seconds (None: LOCK_WAIT) or cannot be reached,
    NotFound when a row would belong to somebody or something that was erased meanwhile.
    """
    with _session(True, wait) as session:
        yield session


@contextmanager
def reading(wait: float | None = None) -> Iterator[Session]:
    """A session that sees one moment of the database and does not wait for those who write."""
    with _session(False, wait) as session:
        yield session


def changed(session: Session, statement: Update | Delete) -> int:
    """How many rows a statement changed or deleted: of two that come at the same moment, one changes none."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def healthy() -> bool:
    """The database answers and its tables are there. Never raises."""
    try:
        with reading(wait=0.5) as session:
            session.connection().execute(text("SELECT 1 FROM account LIMIT 1"))
        return True
    except (Unavailable, DBAPIError, OSError, ValueError):
        return False


def alembic_config() -> Config:
    """Alembic's configuration with absolute paths, so that it works from any folder."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def rows_of_nothing(connection: Connection) -> bool:
    """Whether rows belong to something that is not there. Only SQLite can be brought to that: a server looks at every row itself."""
    return connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None


@contextmanager
def migrating() -> Iterator[Connection]:
    """A connection on which tables may be changed, alone, in one transaction; a second process waits here. Raises Unavailable."""
    with _patiently(lambda: engine().connect(), MIGRATE_WAIT) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Rebuilding a table with foreign keys on would delete what hangs on it. The switch only
            # works outside a transaction, so this connection leaves the pool and is closed at the end.
            connection.detach()
            for pragma in ("foreign_keys=OFF", f"busy_timeout={int(MIGRATE_WAIT * 1000)}"):
                connection.connection.cursor().execute(f"PRAGMA {pragma}")
        try:
            with _patiently(connection.execution_options(carelens_write=True, carelens_wait=MIGRATE_WAIT).begin, MIGRATE_WAIT):
                yield connection
                if rows_of_nothing(connection):
                    raise Unavailable("The database could not be brought up to date and was left as it was.", "Tell whoever runs CareLens.")
        except OperationalError as error:
            raise _unavailable(error) from error


def migrate(revision: str = "head") -> None:
    """Bring the tables to `revision`; `base` takes everything away again.

    Two processes may call it at once: one works, the other waits and finds it done. All steps are one
    transaction, so a migration that fails leaves the database as it was. Raises Unavailable.
    """
    with migrating() as connection:
        run_migrations(connection, revision)


def run_migrations(connection: Connection, revision: str) -> None:
    """Bring the tables up to `revision`, or down with `base`, on a connection of `migrating`. Raises Unavailable."""
    config = alembic_config()
    config.attributes["connection"] = connection
    try:
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)
    except CommandError as error:  # the revision in the database is none that this version knows
        raise Unavailable("The database was made by a newer CareLens.", "Install that version again, or a newer one.") from error
