"""The database engine: SQLite set up so that a commit survives power loss, or PostgreSQL by its URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

BUSY_WAIT_MS = 2000


def make_engine(url: str) -> Engine:
    """An engine for `url`; the SQLite file's folder is made. Call after a fork, never share across one."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)  # an error must not quote customers
    if parsed.database:
        with suppress(OSError):  # where it cannot be made, opening the file says so as SQLAlchemyError, which callers expect
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_WAIT_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


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
        "journal_size_limit=67108864",
    )
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for a consistent read that takes no write lock."""
    with engine.connect().execution_options(reads_only=True) as connection, connection.begin():
        yield connection
