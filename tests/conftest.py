"""What every test may count on: logging as structlog has it but to standard error, whatever the test before set up; servers
to work with (tests/harness/servers.py), started when the first test of a process wants them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from sqlalchemy import URL, Engine, create_engine, event

from bot.intake.backpressure import Pressure
from bot.intake.inbox import Inbox
from bot.store.database.engine import make_engine
from tests.harness import servers
from tests.harness.both_storages import _storage, databases, nursed, pytest_generate_tests
from tests.harness.long_first import pytest_collection_modifyitems
from tests.harness.nightly import IS_NIGHTLY
from tests.harness.servers import OwnRedis

__all__ = ["_storage", "databases", "nursed", "pytest_collection_modifyitems", "pytest_generate_tests"]

# Where nothing is compiled beside the sources (PYTHONDONTWRITEBYTECODE, an installer that compiles nothing), each process that a
# test starts would pay seconds for its imports: they share what they compile.
_COMPILED = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
sys.dont_write_bytecode, sys.pycache_prefix = False, _COMPILED
os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": _COMPILED}

# No example has a time limit: on a busy machine any of them may take long. By day the examples are always the same ones.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=not IS_NIGHTLY, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _logging_is_not_inherited() -> Iterator[None]:
    """Lines go to standard error, as in our processes: a receiver's thread must not write into what a command prints."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    yield
    structlog.reset_defaults()
    for name in (
        "bot.intake.receiver",
        "bot.intake.inbox",
        "bot.server.gunicorn_worker",
        "bot.intake.shared_counts",
        "bot.server.error_responses",
        "webhooks",
    ):
        if name in sys.modules:
            sys.modules[name].often.forget()  # what one test counted must not hide another's line


@pytest.fixture(autouse=True)
def _engines_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine that is left to the garbage collector closes its connections late, with a warning in another test."""
    made: list[Engine] = []

    def create(*arguments: Any, **named: Any) -> Engine:
        made.append(create_engine(*arguments, **named))
        return made[-1]

    monkeypatch.setattr("bot.store.database.engine.create_engine", create)
    yield
    for engine in made:
        event.listen(engine.pool, "checkin", _close)
        engine.dispose()
        event.listen(engine.pool, "checkin", _close)


def _close(_: object, record: Any) -> None:
    """A thread that outlives its test (it waits for a model's answer) gives its connection back to a pool that nobody holds. The
    pool forgets it, so that another such thread is not given a closed one."""
    if record is not None and record.dbapi_connection is not None:
        record.invalidate()


@pytest.fixture(autouse=True)
def _receivers_end_with_their_test(_engines_end_with_their_test: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A receiver's threads would keep their whole application as long as this process lives. After some hundred tests the
    collector would look through so much of it that a busy machine stands still for longer than a database waits for us."""
    made: list[Inbox | Pressure] = []

    def noted(real: Callable[..., None]) -> Callable[..., None]:
        def note(self: Inbox | Pressure, *arguments: Any, **named: Any) -> None:
            real(self, *arguments, **named)
            made.append(self)

        return note

    for kind in (Inbox, Pressure):
        monkeypatch.setattr(kind, "__init__", noted(kind.__init__))
    yield
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL on which databases may be made; never to be stopped."""
    with servers.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_database(postgres_server: URL) -> Iterator[str]:
    with servers.migrated_database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres_url(_postgres_database: str) -> str:
    """A database with our tables, all empty; one for each process of the test run."""
    engine = make_engine(_postgres_database)
    with engine.begin() as connection:
        servers.empty_tables(connection)
    engine.dispose()
    return _postgres_database


@pytest.fixture(scope="session")
def redis_server() -> Iterator[OwnRedis]:
    """A Redis of our own for this process of the test run; a test that stops it starts it again."""
    with servers.redis_server() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: OwnRedis) -> str:
    """An empty Redis."""
    return redis_server.made_ready().url
