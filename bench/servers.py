"""Receivers as child processes, baseline or real, each with a folder, a database and a free port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.load import Load, closed_loop
from bench.measure import cpu_s
from bot.config import Config, load
from bot.queue.wakeup import folder_of
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.stories.config import write_config

ROOT = Path(__file__).parents[1]
SETTINGS: Mapping[str, Any] = {"workers": 2, "threads": 8}  # of `server:`, for baseline and product alike
CONNECTIONS = 32
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """A receiver that listens."""

    config: Config
    pid: int
    port: int

    def cpu_s(self) -> float:
        """CPU seconds that it has used, workers included."""
        return cpu_s(self.pid)

    def cpu_us(self, requests: Sequence[bytes], status: int = 202, connections: int = CONNECTIONS) -> float:
        """CPU microseconds a request, in a closed loop. Raises ValueError where another status came."""
        return self.run(requests, status, connections)[0]

    def run(self, requests: Sequence[bytes], status: int = 202, connections: int = CONNECTIONS) -> tuple[float, Load]:
        """CPU microseconds a request, and how the load went."""
        before = self.cpu_s()
        load = closed_loop(self.port, requests, connections).require(status)
        time.sleep(0.05)  # what the answer did not wait for belongs to it too
        return (self.cpu_s() - before) / len(requests) * 1_000_000, load


@contextmanager
def deskhand(**settings: Any) -> Iterator[Served]:
    """The real receiver on a new SQLite file, with two workers' bells to ring. `settings` go into config.yaml."""
    with _folder(settings) as config:
        engine = make_engine(config.database_url)
        migrate(engine)
        engine.dispose()
        with _child("webhooks", "--config", str(config.path), config=config) as served, _ears(config):
            yield served


@contextmanager
def baseline(app: str, **settings: Any) -> Iterator[Served]:
    """One of bench/endpoints.py."""
    with (
        _folder(settings) as config,
        _child("bench.endpoints", app, "--config", str(config.path), config=config) as served,
    ):
        yield served


@contextmanager
def _folder(settings: Mapping[str, Any]) -> Iterator[Config]:
    with TemporaryDirectory(prefix="deskhand-bench-") as name:
        server = {"host": "127.0.0.1", "port": _free_port(), **SETTINGS, **settings.get("server", {})}
        chosen = {"rules": [], "log_level": "info", **settings, "server": server}
        path = write_config(Path(name), {"zendesk": "https://acme.example"}, 0, datetime.now(UTC), **chosen)
        yield load(path, {})


@contextmanager
def _child(module: str, *arguments: str, config: Config) -> Iterator[Served]:
    port = config.settings.server.port
    with ExitStack() as stack:
        log = stack.enter_context((config.path.parent / f"{module}.log").open("ab"))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
        command = [sys.executable, "-m", module, *arguments]
        child = subprocess.Popen(command, cwd=ROOT, env=inherited, stdout=log, stderr=log)
        stack.callback(_end, child)
        ends_at = time.monotonic() + START_S
        while not _listens(port):
            if child.poll() is not None or time.monotonic() > ends_at:
                raise RuntimeError(Path(log.name).read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)
        yield Served(config, child.pid, port)


@contextmanager
def _ears(config: Config) -> Iterator[None]:
    """Two sockets as workers have them, emptied now and then as a busy worker does."""
    command = [sys.executable, "-m", "bench.ears", str(folder_of(config))]
    child = subprocess.Popen(command, cwd=ROOT)
    try:
        ends_at = time.monotonic() + START_S
        while len(list(folder_of(config).glob("*.sock"))) < 2 and time.monotonic() < ends_at:
            time.sleep(0.02)
        yield
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
