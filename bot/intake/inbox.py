"""The way in, behind the door: deliveries are committed in groups by one thread of each process, then somebody is woken.

A commit that survives power loss waits for the disk; thirty waiting requests can share one wait. Each caller gets the
outcome of its own delivery, after the commit and not before. Waking is another thread's work: nobody who brings a delivery
waits for a queue, and one that is away costs nothing but a later sweep.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from sqlalchemy import Engine

from adapters.ticket import TicketKey
from bot.log import Often, get_logger
from bot.process.failpoints import Checkpoint, nothing
from bot.queue.wakeup import Wakeup, ring_all
from bot.store import deliveries
from bot.store.deliveries import Incoming, Receipt

log = get_logger("inbox")
often = Often(log)
MAX_GROUP = 64
MAX_WAITING = 1000
MAX_UNRUNG = 10_000
WAIT_S = 2.0
CLOSE_S = 5.0


class InboxUnavailable(Exception):
    """The delivery could not be committed in time: the sender must send it again."""


class _Waiting:
    """A delivery on its way into the database, what became of it, and whom to tell."""

    __slots__ = ("_tell", "incoming", "receipt", "trouble")

    def __init__(self, incoming: Incoming, tell: Callable[[_Waiting], None]) -> None:
        self.incoming = incoming
        self.receipt: Receipt | None = None
        self.trouble = ""
        self._tell = tell

    def finish(self) -> None:
        try:
            self._tell(self)
        except Exception as error:  # the others of the group are still to be told, and what is stored is stored
            log.error("inbox.untold", why=type(error).__name__)

    def outcome(self) -> Receipt:
        """Raises InboxUnavailable."""
        if self.receipt is None:
            raise unavailable(self.trouble)
        return self.receipt


class Inbox:
    """Takes deliveries from many threads and commits them from one. Make it after a fork."""

    def __init__(self, engine: Engine, bell: Wakeup, checkpoint: Checkpoint = nothing) -> None:
        self._engine = engine
        self._checkpoint = checkpoint
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()  # None: the end
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_closed = False
        self._ringer = WakeupThread(bell)
        self._turn = Turn(engine)
        self._log = log

    def accept(self, incoming: Incoming, wait_s: float = WAIT_S) -> Receipt:
        """Durable when it returns. Raises InboxUnavailable after `wait_s`; a later commit is then recognised as a repeat."""
        done = threading.Lock()  # the cheapest thing to wait on
        done.acquire()
        mine = self._hand_in(incoming, lambda _: done.release())
        if not done.acquire(timeout=wait_s):
            raise unavailable("slow")
        return mine.outcome()

    def accept_later(self, incoming: Incoming, tell: Callable[[Callable[[], Receipt]], None]) -> None:
        """Durable when `tell` is called, in the inbox's own thread, with what gives the receipt or raises InboxUnavailable.

        Raises InboxUnavailable where there is no room. How long to wait is the caller's affair."""
        self._hand_in(incoming, lambda mine: tell(mine.outcome))

    def close(self) -> None:
        """Take nothing more in; what was handed in is committed and told, then the threads end. For an inbox that ends before
        its process does."""
        with self._starting:
            self._is_closed = True
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(CLOSE_S)

    def _hand_in(self, incoming: Incoming, tell: Callable[[_Waiting], None]) -> _Waiting:
        if self._thread is None:
            self._start()
        if self._is_closed:
            raise unavailable("closed")
        if self._waiting.qsize() >= MAX_WAITING:
            raise unavailable("full")
        mine = _Waiting(incoming, tell)
        self._waiting.put(mine)
        return mine

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._is_closed:
                self._ringer.start()
                self._thread = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        self._log = log.bind()  # made once: a line a group is a good part of what a delivery costs
        while True:
            if (first := self._waiting.get()) is None:
                self._turn.close()
                return self._ringer.close()
            group = [first]
            try:
                self._commit(group)
            except Exception:  # whatever one delivery holds, this thread must live: nobody else stores anything
                self._commit_singly(group)

    def _join(self, group: list[_Waiting]) -> None:
        """Add what waits by now."""
        with suppress(Empty):
            while len(group) < MAX_GROUP:
                if (another := self._waiting.get_nowait()) is None:
                    self._waiting.put(None)
                    return
                group.append(another)

    def _commit(self, group: list[_Waiting]) -> None:
        started = time.perf_counter()
        with self._turn.taken(), self._engine.begin() as connection:
            self._join(group)  # only now: who came while others held the database shares the wait for the disk
            receipts = deliveries.store_all(connection, [each.incoming for each in group])
        for each, receipt in zip(group, receipts, strict=True):
            each.receipt = receipt
        self._tell(group, time.perf_counter() - started)

    def _commit_singly(self, group: Sequence[_Waiting]) -> None:
        """One row that cannot be stored must not cost its neighbours theirs."""
        started = time.perf_counter()
        for each in group:
            try:
                if time.perf_counter() - started > WAIT_S:
                    raise TimeoutError
                with self._turn.taken(), self._engine.begin() as connection:
                    receipt = deliveries.store(connection, each.incoming)
                each.receipt = receipt  # only now: on a full disk it is the commit that fails
            except Exception as error:  # the sender is told to come again; the next delivery has its own chance
                each.trouble = type(error).__name__
            self._tell([each], time.perf_counter() - started)

    def _tell(self, group: Sequence[_Waiting], took_s: float) -> None:
        """Each its outcome, and the bell for those who have news. A repeat rings again: perhaps nobody heard the first."""
        news: set[TicketKey] = set()
        for each in group:
            if each.receipt is not None:
                self._checkpoint("stored")
                if each.receipt in (Receipt.STORED, Receipt.DUPLICATE):
                    news.update(each.incoming.tickets)
        self._ringer.ring(news)
        for each in group:
            each.finish()
        self._say(group, took_s)

    def _say(self, group: Sequence[_Waiting], took_s: float) -> None:
        """One line a group: at a hundred deliveries a second a line for each would cost more than keeping them."""
        counts = Counter(each.receipt.value for each in group if each.receipt is not None)
        if counts:
            accounts = ",".join(sorted({each.incoming.account for each in group}))
            self._log.info("delivery.kept", accounts=accounts, **counts, took_ms=round(took_s * 1000))


def unavailable(why: str) -> InboxUnavailable:
    """What a sender is told whose delivery is not stored, and a line in the log."""
    often.warning("inbox.unavailable", why=why)
    return InboxUnavailable("the inbox cannot be written")


class Turn:
    """One receiver process at a time commits to an SQLite file; the next is woken at once.

    SQLite's own wait for its lock sleeps in steps of up to 100 ms and is fair to nobody: of two processes that commit without
    a pause, one can wait for seconds. Other databases have better locks, and an SQLite in memory no neighbours.
    """

    def __init__(self, engine: Engine) -> None:
        is_file = engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:")
        self._path = Path(f"{engine.url.database}-turn") if is_file else None
        self._file: int | None = None

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Held meanwhile. The system gives it back when the process dies. Where the file cannot be made, there are no turns."""
        file = self._opened()
        if file is None:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _opened(self) -> int | None:
        if self._file is None and self._path is not None:
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                self._path = None
        return self._file


class WakeupThread:
    """A thread that wakes workers: it takes what gathered while it rang last. What is beyond all bounds is left to the sweep."""

    def __init__(self, bell: Wakeup) -> None:
        self._bell = bell
        self._unrung: set[TicketKey] = set()
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Once, after any fork."""
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Whoever is still to be woken is, then the thread ends."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    def ring(self, keys: Collection[TicketKey]) -> None:
        """Soon. Never waits for a queue, never raises."""
        if not keys:
            return
        with self._changed:
            if len(self._unrung) < MAX_UNRUNG:
                self._unrung.update(keys)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._unrung and not self._is_closed:
                    self._changed.wait()
                if not self._unrung:
                    return
                keys, self._unrung = self._unrung, set()
            try:
                ring_all(self._bell, keys)
            except Exception as error:  # this thread must live: the sweep alone would cost each ticket seconds
                log.error("bell.failed", why=type(error).__name__)
