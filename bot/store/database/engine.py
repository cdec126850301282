"""The database engine: SQLite set up so that a commit survives power loss, or PostgreSQL by its URL."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidatePoolError, OperationalError

from bot.store.database.schema import metadata

BUSY_WAIT_MS = 2000
POOL_WAIT_S = 5.0
LOG_MOST_BYTES = 64 * 1024 * 1024  # SQLite's log: more is not kept, and more than this is not right
LOG_SHORTEN_BYTES = LOG_MOST_BYTES // 16
LOOK_AT_ROWS = 400  # of each index: enough to know it, and soon done however much there is
KNOWN_ROWS = 10_000  # what SQLite knows of a smaller table is worse than nothing: it grows, and was worth reading whole
ASK_AFTER_S = 1.0
# A process that was stopped within a transaction keeps its rows from the others no longer. One that starves beside busy ones is
# not stopped: on two cores with 23 that compute it has stood still for 15 s. Intercom brings again after 60 s what the receiver
# could not keep meanwhile, and never after that.
STOPPED_S = 30
# https://www.postgresql.org/docs/current/libpq-connect.html: a server that is gone without a word is given up within seconds
_SERVER_GONE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def make_engine(url: str) -> Engine:
    """An engine for `url`; the SQLite file's folder is made. Call after a fork, never share across one."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _postgresql(parsed)
    is_path = parsed.database not in (None, "", ":memory:") and not str(parsed.database).startswith("file:")  # or a URI, or none
    if is_path:
        with suppress(OSError):  # where it cannot be made, opening the file says so as SQLAlchemyError, which callers expect
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_WAIT_MS / 1000}, pool_timeout=POOL_WAIT_S, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    if is_path:
        _watch_the_file(engine, Path(str(parsed.database)))
    return engine


def _postgresql(url: URL) -> Engine:
    told = {name: value for name, value in _SERVER_GONE.items() if name not in url.query}
    engine = create_engine(
        url,
        connect_args=told,
        pool_timeout=POOL_WAIT_S,
        hide_parameters=True,  # an error must not quote customers
    )
    event.listen(engine, "connect", _set_up_postgresql)
    event.listen(engine, "checkin", _note_when)
    event.listen(engine, "checkout", _ask_if_it_lives)
    event.listen(engine, "handle_error", _lost_is_away)
    return engine


def _lost_is_away(context: ExceptionContext) -> OperationalError | None:
    """A connection that the server has cut is the database away, whatever the driver calls it: an internal error, where it was
    cut because its process was stopped within a transaction."""
    told = context.sqlalchemy_exception  # None: not the driver's, such as a signal's
    if not context.is_disconnect or not isinstance(told, DBAPIError) or isinstance(told, OperationalError):
        return None
    return OperationalError(told.statement, None, context.original_exception, hide_parameters=True, connection_invalidated=True)


def _note_when(connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ask_if_it_lives(connection: Any, record: Any, proxy: Any) -> None:
    """The server may have been restarted while a connection lay idle. One that was in use a moment ago need not be asked: that
    would be a round trip more for each of a run's transactions."""
    if time.monotonic() - record.info.get("used_at", 0.0) < ASK_AFTER_S:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        connection.rollback()
    except Exception as error:  # whatever the driver says: it is not to be used
        raise InvalidatePoolError("the server closed this connection") from error


def _set_up_postgresql(connection: Any, record: Any) -> None:
    """Whoever waits for a row gives up as soon as with SQLite: the door must answer its sender in time."""
    connection.autocommit = True  # else a rollback would take the settings back
    cursor = connection.cursor()
    cursor.execute(f"set lock_timeout = '{BUSY_WAIT_MS}ms'; set idle_in_transaction_session_timeout = '{STOPPED_S}s'")
    cursor.close()
    connection.autocommit = False
    _note_when(connection, record)


def _watch_the_file(engine: Engine, path: Path) -> None:
    """An open connection goes on writing into a file that was removed or replaced, where nobody will ever read it: such a one
    is given up, and a file that is gone is not made anew as an empty one."""
    was_there: list[bool] = []

    def refuse_a_new_one(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
        if was_there and not path.exists():
            raise sqlite3.OperationalError("the database file is gone: put it back, or restart to begin with a new one")

    def remember(connection: Any, record: Any) -> None:
        was_there[:] = [True]
        record.info["file"] = _identity(path)

    def compare(connection: Any, record: Any, proxy: Any) -> None:
        if record.info.get("file") != _identity(path):
            raise DisconnectionError("another database file stands in the place of the one that was opened")

    event.listen(engine, "do_connect", refuse_a_new_one)
    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", compare)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _set_up_sqlite(connection: Any, record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_immediate` does, so a writer waits at BEGIN, where
    # busy_timeout counts, and not at the upgrade of a read lock, where SQLite ignores it.
    connection.isolation_level = None
    cursor = connection.cursor()
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_WAIT_MS}",
        "foreign_keys=ON",
        f"journal_size_limit={LOG_MOST_BYTES}",
    )
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine, *, at_leisure: bool = False) -> Iterator[Connection]:
    """A connection for a consistent read that takes no write lock: all its statements see one moment. `at_leisure`: for reports,
    which may think as long as they like between two of them (a reader holds no row)."""
    with engine.connect() as connection:
        options: dict[str, Any] = {"reads_only": True}
        if engine.dialect.name != "sqlite":  # there each statement would see a newer moment than the one before
            options["isolation_level"] = "REPEATABLE READ"
        with connection.execution_options(**options).begin():
            if at_leisure and engine.dialect.name != "sqlite":
                connection.exec_driver_sql("set local idle_in_transaction_session_timeout = 0")
            yield connection


def shorten_log(engine: Engine) -> int:
    """Bring what SQLite's log (`-wal`) holds into the database and empty it, as far as no reader needs it still: its bytes
    afterwards. SQLite does so by itself at a commit, but not while anybody reads. Elsewhere there is nothing to do: 0."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return 0
    path = Path(f"{engine.url.database}-wal")
    if _bytes(path) < LOG_SHORTEN_BYTES:
        return _bytes(path)
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=100")  # writers wait while it waits for readers
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_WAIT_MS}")
        cursor.close()
    finally:
        connection.close()
    return _bytes(path)


def refresh_statistics(engine: Engine) -> None:
    """Have the database look at what is in our tables, so that it knows which index is worth reading. It samples: SQLite's write
    lock is kept for some milliseconds, however much there is. PostgreSQL does so by itself, but not at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOK_AT_ROWS}")
            connection.exec_driver_sql("ANALYZE")
            connection.exec_driver_sql(f"DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < {KNOWN_ROWS}")  # noqa: S608
            connection.exec_driver_sql("ANALYZE sqlite_schema")  # reads again what is left
        else:
            connection.exec_driver_sql(f"ANALYZE {', '.join(metadata.tables)}")


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
