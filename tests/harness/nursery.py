"""A fork server for Deskhand's processes: one parent has paid for the imports, each child is there within milliseconds.

with nursery() as nursed: child = nursed.start("worker", "--config", path, log=folder / "worker.log"); child.kill()

A child is what `python -m worker` would be: it runs the module's own `main()` with a session, signals, environment, output
and command line of its own, and makes its connections and threads itself; the parent has no thread and no connection.
`Spawned` starts true `python -m` processes behind the same two classes, so that a test can do both.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack

ROOT = Path(__file__).parents[2]
ARTICLES = ROOT / "sandbox" / "articles"
WARM = ("worker", "webhooks", "gunicorn.workers.gthread", "gunicorn.arbiter", "psycopg", "sqlalchemy.dialects.postgresql.psycopg")
START_S = 60.0


class Ended(Exception):
    """The nursery itself is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child is to be. `file_bytes`: no file may grow beyond (RLIMIT_FSIZE). `clock`: a file with the seconds by which
    its clock is wrong, read at each look (tests/chaos/clock.py)."""

    module: str
    arguments: tuple[str, ...] = ()
    log: str = os.devnull
    environment: Mapping[str, str] = field(default_factory=dict)
    file_bytes: int | None = None
    clock: str | None = None


class Child(Protocol):
    """A process of Deskhand under test, in a session of its own."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None:
        """Its exit code (-9: SIGKILL), None while it lives."""

    def signal(self, number: int, *, group: bool = False) -> None:
        """To it, or to it and all its children. Nothing happens where it has ended."""


def wait(child: Child, timeout_s: float = 20.0) -> int:
    """Its exit code. Raises TimeoutError."""
    ends_at = time.monotonic() + timeout_s
    while (code := child.poll()) is None:
        if time.monotonic() > ends_at:
            raise TimeoutError(f"process {child.pid} did not end within {timeout_s:.0f} s")
        time.sleep(0.005)
    return code


def end(child: Child, timeout_s: float = 15.0) -> int:
    """SIGTERM, and where that does not help SIGKILL, to the whole group: its exit code."""
    child.signal(signal.SIGCONT, group=True)
    child.signal(signal.SIGTERM)
    try:
        code = wait(child, timeout_s)
    except TimeoutError:
        child.signal(signal.SIGKILL, group=True)
        code = wait(child, timeout_s)
    child.signal(signal.SIGKILL, group=True)
    return code


class How(TypedDict, total=False):
    """How a child starts: its output, more of its environment, the most bytes it may write into a file, a wrong clock."""

    log: Path | None
    environment: Mapping[str, str]
    file_bytes: int
    clock: Path | None


class Starter(Protocol):
    def start(self, module: str, *arguments: str, **how: Unpack[How]) -> Child: ...


# the client's side


class _Nursed:
    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._nursery.ask({"do": "poll", "pid": self.pid})["code"]
        return self._code

    def signal(self, number: int, *, group: bool = False) -> None:
        self._nursery.ask({"do": "signal", "pid": self.pid, "number": int(number), "group": group})


class Nursery:
    """The client of a running nursery. Any thread may ask; one at a time is answered."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line.makefile("rwb")
        self._lock = threading.Lock()

    def start(self, module: str, *arguments: str, **how: Unpack[How]) -> Child:
        """A child that runs `module.main()`; forked when this returns."""
        order = Order(
            module=module,
            arguments=arguments,
            log=str(how.get("log") or os.devnull),
            environment=how.get("environment", {}),
            file_bytes=how.get("file_bytes"),
            clock=str(how["clock"]) if how.get("clock") else None,
        )
        return _Nursed(self, self.ask({"do": "start", "order": asdict(order)})["pid"])

    def ask(self, what: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            try:
                self._line.write(json.dumps(what).encode() + b"\n")
                self._line.flush()
                answer = self._line.readline()
            except OSError as error:
                raise Ended("the nursery has ended") from error
        if not answer:
            raise Ended("the nursery has ended")
        said: dict[str, Any] = json.loads(answer)
        return said


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A warmed nursery; all its children are killed at the end."""
    ours, theirs = socket.socketpair()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    command = [sys.executable, "-m", "tests.harness.nursery", str(theirs.fileno())]
    with ours, subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()]) as parent:
        theirs.close()
        line = Nursery(ours)
        try:
            line.ask({"do": "hello"})
            yield line
        finally:
            line._line.close()
            ours.shutdown(socket.SHUT_RDWR)
            parent.wait(20)


# true processes


class _Process:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.poll()

    def signal(self, number: int, *, group: bool = False) -> None:
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(self.pid, number)
            else:
                self._process.send_signal(number)


class Spawned:
    """Starts `python -m module`, imports and all. `clock` needs a nursery."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, module: str, *arguments: str, **how: Unpack[How]) -> Child:
        if how.get("clock") is not None:
            raise ValueError("a wrong clock needs a nursery: a process of its own reads the machine's")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
        with Path(how.get("log") or os.devnull).open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**inherited, **how.get("environment", {})},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if "file_bytes" in how:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (how["file_bytes"], resource.RLIM_INFINITY))
        self.children.append(_Process(process))
        return self.children[-1]


@contextmanager
def spawned() -> Iterator[Spawned]:
    """As `nursery`, with true processes."""
    starter = Spawned()
    try:
        yield starter
    finally:
        for child in starter.children:
            child.signal(signal.SIGKILL, group=True)
            wait(child)


# the nursery's side


def main() -> int:
    """Serve orders on the socket whose number is the argument; a child goes on from here as what was ordered."""
    for name in WARM:
        importlib.import_module(name)
    _warm_up()
    gc.collect()
    gc.freeze()  # children share what is there: the collector must not touch it
    assert len([*Path("/proc/self/task").iterdir()]) == 1, "a thread in the nursery: its children would inherit its locks"
    order = _nurse(socket.socket(fileno=int(sys.argv[1])))
    return 0 if order is None else _become(order)


def _warm_up() -> None:
    from adapters.ticket import Ticket
    from bot.drafts.article_search import ArticleIndex
    from bot.drafts.kinship import read_ahead
    from bot.senses import sense

    sense(Ticket(subject="Hello"), datetime.now(UTC))
    read_ahead(ArticleIndex.load(ARTICLES).articles)  # the demo's, which most children have


def _nurse(line: socket.socket) -> Order | None:
    """None at the end of the line; in a child its order."""
    children: dict[int, int | None] = {}
    with line, line.makefile("rwb") as talk:
        while asked := talk.readline():
            _reap(children)
            what = json.loads(asked)
            answer: dict[str, Any] = {}
            match what["do"]:
                case "start":
                    if (pid := os.fork()) == 0:
                        os.setsid()
                        return _order(what["order"])
                    children[pid] = None
                    answer = {"pid": pid}
                case "poll":
                    answer = {"code": children[what["pid"]]}
                case "signal":
                    _signal(children, what["pid"], what["number"], what["group"])
            talk.write(json.dumps(answer).encode() + b"\n")
            talk.flush()
    for pid in children:
        _signal(children, pid, signal.SIGKILL, True)
    return None


def _order(said: Mapping[str, Any]) -> Order:
    return Order(**{**said, "arguments": tuple(said["arguments"])})


def _reap(children: dict[int, int | None]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            children[pid] = os.waitstatus_to_exitcode(status)


def _signal(children: Mapping[int, int | None], pid: int, number: int, group: bool) -> None:
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(pid, number)
        elif children[pid] is None:
            os.kill(pid, number)


def _become(order: Order) -> int:
    """The rest of a child's life."""
    output = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, fd in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(fd, number)
    os.environ.update(order.environment)
    sys.argv = [order.module, *order.arguments]
    if order.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_bytes, resource.RLIM_INFINITY))
    if order.clock:
        from tests.chaos import clock

        clock.wear(Path(order.clock))
    try:
        code: int = importlib.import_module(order.module).main()
    except Exception:
        traceback.print_exc()
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
