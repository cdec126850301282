"""R8: a real receiver is sent a corpus whose answers are known and a good deal that nobody should send.

python -m tests.chaos.fuzz --seconds 60 --seed 7

Wrong is: an answer of 500 or more to anything, a traceback in the receiver's log or a dead process of it, a stale, forged or
changed delivery that comes in or leaves a row, an exact repeat that is not recognised. `--only NUMBER` sends one thing again.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests
from sqlalchemy import select

from adapters.readers import READERS
from adapters.ticket import Provider
from bot.config import load
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import deliveries
from sandbox.stories.config import write_config
from tests.chaos.goal import Shown
from tests.chaos.letters import PROVIDERS, REPEATED, Case, Letter, case, wild_bytes, wild_letter
from tests.harness.processes import process
from tests.harness.servers import free_port, wait_for

CLIENTS = 6
ANSWER_S = 20.0
RAW_ANSWER_S = 3.0
REFUSED_KINDS = ("forged", "stale", "changed")


@dataclass(slots=True)
class Seen:
    """What came back, from all clients."""

    statuses: Counter[int] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    wild: int = 0
    raw: int = 0
    unanswered: int = 0
    taken: Counter[str] = field(default_factory=Counter)  # sha256 of bodies that must be there once
    refused: set[str] = field(default_factory=set)  # sha256 of bodies that must not be there
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, number: int, what: str, status: int) -> None:
        with self.lock:
            self.statuses[status] += 1
            if status >= 500:
                self.wrong.append(f"{number}: {what}: answered {status}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """At least so long, and at least so many cases of the corpus."""

    seed: int
    seconds: float = 60.0
    cases: int = 10_000
    only: int | None = None


def attack(wish: Wish, folder: Path) -> Shown:
    """Send it all to a receiver in `folder`, then look at what is left."""
    seen = Seen()
    with receiver(folder) as (port, is_alive):
        ends_at = time.monotonic() + wish.seconds
        numbers = itertools.count() if wish.only is None else iter([wish.only])
        clients = [threading.Thread(target=_client, args=(wish, port, numbers, ends_at, seen)) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        if not is_alive():
            seen.wrong.append("the receiver has died")
        if requests.get(f"http://127.0.0.1:{port}/health", timeout=ANSWER_S).status_code != 200:
            seen.wrong.append("the receiver is not well afterwards")
    seen.wrong += told_in(folder / "webhooks.log")
    seen.wrong += _left_in(folder, seen)
    return _shown(seen)


@contextmanager
def receiver(folder: Path) -> Iterator[tuple[int, Callable[[], bool]]]:
    """A gunicorn receiver with an account of each helpdesk: its port, and whether it lives."""
    port = free_port()
    addresses = dict.fromkeys(PROVIDERS, "http://127.0.0.1:9")
    config = write_config(folder, addresses, port, datetime.now(UTC), rules=[])
    engine = make_engine(load(config, {}).database_url)
    migrate(engine)
    engine.dispose()
    with process(folder, "webhooks", "--config", str(config)) as child:
        wait_for("the receiver's start", lambda: is_well(port))
        yield port, lambda: child.poll() is None


def is_well(port: int) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200
    return False


def _client(wish: Wish, port: int, numbers: Iterator[int], ends_at: float, seen: Seen) -> None:
    """Of ten things six are of the corpus, three are wild requests, one is raw bytes."""
    line = _Line(port)
    for number in numbers:
        if wish.only is None and time.monotonic() > ends_at and sum(seen.cases.values()) >= wish.cases:
            break
        what = number % 10
        if what < 6:
            _try_case(line, case(wish.seed, number), seen)
        elif what < 9:
            letter = wild_letter(wish.seed, number)
            status, _ = line.send(letter)
            line.close()  # a length that lies leaves bytes that would begin the next request
            seen.wild += 1
            seen.answered(number, f"a wild request to {letter.address[:40]}", status)
        else:
            status = send_raw(port, wild_bytes(wish.seed, number))
            seen.raw += 1
            seen.answered(number, "raw bytes", status)
    line.close()


def tried(port: int, one: Case, seen: Seen) -> None:
    """One case on a line of its own."""
    line = _Line(port)
    _try_case(line, one, seen)
    line.close()


def _try_case(line: _Line, one: Case, seen: Seen) -> None:
    for place, (letter, wanted) in enumerate(zip(one.letters, one.answers, strict=True)):
        status, said = line.send(letter)
        seen.answered(one.number, one.kind, status)
        is_right = status in wanted and (wanted != REPEATED or said.get("duplicate") is True)
        if not is_right:
            with seen.lock:
                seen.wrong.append(f"{one.number}: {one.kind}, step {place}: answered {status} {said}")
    first = one.letters[0]
    digest = READERS[Provider(first.provider)].content_sha256(first.body)
    with seen.lock:
        seen.cases[one.kind] += 1
        if one.kind in REFUSED_KINDS:
            seen.refused.add(digest)
        else:
            seen.taken[digest] += 1


class _Line:
    """A client's connection, kept open as the vendors keep theirs."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: http.client.HTTPConnection | None = None

    def send(self, letter: Letter) -> tuple[int, dict[str, object]]:
        """Status and answer; 0 where the connection was closed without one."""
        for is_fresh in (False, True):
            if self._open is None or is_fresh:
                self.close()
                self._open = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S)
            try:
                return self._once(self._open, letter)
            except (http.client.HTTPException, OSError):
                continue  # the receiver closes lines after what it refuses to read
        self.close()
        return 0, {}

    def _once(self, open_line: http.client.HTTPConnection, letter: Letter) -> tuple[int, dict[str, object]]:
        open_line.putrequest(letter.method, letter.address, skip_host=any(n == "Host" for n, _ in letter.headers))
        if not any(name == "Content-Length" for name, _ in letter.headers):
            open_line.putheader("Content-Length", str(len(letter.body)))
        for name, value in letter.headers:
            open_line.putheader(name, value.encode("latin-1", "replace"))
        open_line.endheaders(letter.body if letter.method != "HEAD" else None)
        answer = open_line.getresponse()
        text = answer.read()
        if answer.will_close:
            self.close()
        try:
            said = json.loads(text)
        except ValueError:
            said = {}
        return answer.status, said if isinstance(said, dict) else {}

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def send_raw(port: int, data: bytes) -> int:
    """The first answer's status; 0 where there was none, which is an answer, too."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=RAW_ANSWER_S) as line:
        with suppress(OSError):
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
        said = line.recv(4096)
        if said.startswith(b"HTTP/1.1 100 "):  # go on; the answer comes after it
            said = said.partition(b"\r\n\r\n")[2] or line.recv(4096)
        if said.startswith(b"HTTP/1.") and said[9:12].isdigit():
            return int(said[9:12])
    return 0


def told_in(log: Path) -> list[str]:
    """Lines of the receiver's log that must not be there."""
    text = log.read_text(encoding="utf-8", errors="replace")
    marks = ("Traceback", "[CRITICAL]", "WORKER TIMEOUT", "receiver.failed", "Exception in thread", "Error handling request")
    return [f"the log holds {mark!r} {text.count(mark)} times" for mark in marks if mark in text]


def _left_in(folder: Path, seen: Seen) -> list[str]:
    """What was refused left no row; what was taken left one."""
    engine = make_engine(f"sqlite:///{folder / 'deskhand.sqlite3'}")
    with reading(engine) as connection:
        kept = Counter(connection.execute(select(deliveries.c.body_sha256)).scalars())
    engine.dispose()
    came_in = [digest for digest in seen.refused if kept[digest]]
    lost = [digest for digest in seen.taken if kept[digest] != 1]
    wrong = [f"{len(came_in)} refused deliveries left a row"] if came_in else []
    return wrong + ([f"{len(lost)} accepted deliveries have not exactly one row"] if lost else [])


def _shown(seen: Seen) -> Shown:
    cases, refused = sum(seen.cases.values()), sum(seen.cases[kind] for kind in REFUSED_KINDS)
    repeats = seen.cases["repeated"] + seen.cases["another_body"]
    notes = (
        *seen.wrong[:40],
        f"{cases} cases: {refused} forged, stale or changed, {repeats} repeated",
        f"{seen.wild} wild requests, {seen.raw} times raw bytes",
        "answers: " + ", ".join(f"{status or 'none'} {count}" for status, count in sorted(seen.statuses.items())),
    )
    return Shown(goal="R8", figure=f"{len(seen.wrong)}_wrong_of_{cases}", wanted="0", is_ok=not seen.wrong, notes=notes)


def main() -> int:
    """0 where nothing was wrong. The last line is the figure."""
    parser = argparse.ArgumentParser(description="R8: fuzz the receiver.")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run; a new one otherwise")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cases", type=int, default=10_000, help="of the corpus, at least")
    parser.add_argument("--only", type=int, default=None, help="send this number alone")
    chosen = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="deskhand-fuzz-") as folder:
        wish = Wish(seed=seed, seconds=chosen.seconds, cases=1 if chosen.only is not None else chosen.cases, only=chosen.only)
        shown = attack(wish, Path(folder))
    for note in shown.notes:
        print(note)
    print(shown)
    return 0 if shown.is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
