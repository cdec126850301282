"""Where a Deskhand of the harness keeps its rows and rings its bell: SQLite and the embedded queue, or servers.

tests/harness/both_storages.py chooses for each test, the harness asks here. With Redis the work goes the whole way of a job: put
on the queue by the bell, taken off by RQ with its serializer, performed by `worker.run`.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from sqlalchemy import URL

from bot.queue.redis_wakeup import QUEUE_NAME
from bot.runtime.bootstrap import Runtime
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from tests.harness.servers import OwnRedis, empty_tables, migrated_database

COMBINATIONS = ("sqlite-embedded", "postgresql-redis")
SQLITE_FILE = "deskhand.sqlite3"  # beside config.yaml, as sandbox/stories/config.py has it


class Databases:
    """PostgreSQL databases of one test process, made when first wanted and used again by later tests."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._open = ExitStack()
        self._urls: list[str] = []

    def empty(self, place: int) -> str:
        """The URL of the `place`-th database, with empty tables."""
        while len(self._urls) <= place:
            self._urls.append(self._open.enter_context(migrated_database(self._server)))
        engine = make_engine(self._urls[place])
        with engine.begin() as connection:
            empty_tables(connection)
        engine.dispose()
        return self._urls[place]

    def close(self) -> None:
        self._open.close()


@dataclass(slots=True)
class Storage:
    """One test's choice. A second Deskhand in the same folder finds what the first one left there; another folder has its own."""

    databases: Databases | None = None
    redis: OwnRedis | None = None
    _places: dict[Path, dict[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def settings(self, folder: Path) -> dict[str, str]:
        """What config.yaml says of it."""
        with self._lock:
            if folder not in self._places:
                self._places[folder] = self._made(len(self._places))
            return self._places[folder]

    def _made(self, place: int) -> dict[str, str]:
        made = {}
        if self.databases is not None:
            made["database"] = self.databases.empty(place)
        if self.redis is not None:
            made["queue"] = f"{self.redis.url.rpartition('/')[0]}/{place}"
            Redis.from_url(made["queue"]).flushdb()
        return made


def on(names: str, cases: Iterable[tuple[str, tuple[str, ...]]]) -> pytest.MarkDecorator:
    """A test that names its combinations itself: "database-queue", and the values of its other parameters."""
    return pytest.mark.parametrize(f"_storage,{names}", [(where, *values) for where, values in cases], indirect=["_storage"])


EMBEDDED = Storage()
_chosen: list[Storage | None] = [EMBEDDED]


def chosen() -> Storage:
    """What the running test works on. Raises AssertionError in a test that both_storages.py did not double."""
    assert _chosen[-1] is not None, "this test uses the harness and conftest.py did not see it: see _uses_harness there"
    return _chosen[-1]


@contextmanager
def choose(storage: Storage | None) -> Iterator[None]:
    _chosen.append(storage)
    try:
        yield
    finally:
        _chosen.pop()


@cache
def _template() -> Path:
    """A SQLite file with our tables, to be copied: a migration for each test would cost more than many a test."""
    path = Path(tempfile.mkdtemp(prefix="dh-template-")) / SQLITE_FILE
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


_one_at_a_time = threading.Lock()


def put_tables_into(folder: Path) -> None:
    """The SQLite file of a configuration in `folder`; one that is there stays."""
    with _one_at_a_time:
        template = _template()
    if not (folder / SQLITE_FILE).exists():
        shutil.copy(template, folder / SQLITE_FILE)


# real jobs, worked off in the test's own thread


class _Worker(SimpleWorker):
    death_penalty_class = TimerDeathPenalty  # the other kind needs the main thread's signals


_at_work = threading.local()


def parts_at_work(pid: int) -> Runtime:
    """In the place of `worker._parts_of_process`."""
    parts: Runtime = _at_work.parts
    return parts


class Jobs:
    """The queue's other end: real RQ jobs, worked on by `worker.run` with the harness's parts."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self._queue = Queue(QUEUE_NAME, connection=self._redis, serializer=JSONSerializer)
        self._raised: list[BaseException] = []
        self._worker = _Worker([self._queue], connection=self._redis, serializer=JSONSerializer)
        self._worker.log_result_lifespan = False
        self._worker._exc_handlers.append(self._keep)

    def _keep(self, job: Job, kind: Any, error: BaseException, trace: Any) -> bool:
        self._raised.append(error)
        return False

    def work(self, parts: Runtime) -> bool:
        """Perform the jobs that wait, raising what one raised; False where none waited."""
        worked = False
        _at_work.parts = parts
        while (found := Queue.dequeue_any([self._queue], None, connection=self._redis, serializer=JSONSerializer)) is not None:
            self._worker.execute_job(*found)
            worked = True
            if self._raised:
                raise self._raised.pop()
        return worked

    def close(self) -> None:
        self._redis.close()
