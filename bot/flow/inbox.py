"""The way in, behind the door: deliveries are committed in groups by one thread of each process, then somebody is woken.

A commit that survives power loss waits for the disk; thirty waiting requests can share one wait. Each caller gets the
outcome of its own delivery, after the commit and not before.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from sqlalchemy import Engine

from bot.flow.checkpoints import Checkpoint, nothing
from bot.flow.wake import Bell
from bot.log import get_logger
from bot.store import deliveries
from bot.store.deliveries import Incoming, Receipt

log = get_logger("inbox")
MAX_GROUP = 64
MAX_WAITING = 1000
WAIT_S = 2.0


class InboxUnavailable(Exception):
    """The delivery could not be committed in time: the sender must send it again."""


class Inbox:
    """Takes deliveries from many threads and commits them from one. Make it after a fork."""

    def __init__(self, engine: Engine, bell: Bell, checkpoint: Checkpoint = nothing) -> None:
        self._engine = engine
        self._bell = bell
        self._checkpoint = checkpoint
        self._waiting: queue.Queue[tuple[Incoming, Future[Receipt]]] = queue.Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def accept(self, incoming: Incoming, wait_s: float = WAIT_S) -> Receipt:
        """Durable when it returns. Raises InboxUnavailable after `wait_s`; a later commit is then recognised as a repeat."""
        self._start()
        done: Future[Receipt] = Future()
        try:
            self._waiting.put((incoming, done), timeout=wait_s)
            receipt = done.result(timeout=wait_s)
        except Exception as error:  # what the writer met, or no room, or no answer in time
            log.error("inbox.unavailable", why=type(error).__name__)
            raise InboxUnavailable("the inbox cannot be written") from error
        self._checkpoint("stored")
        if receipt in (Receipt.STORED, Receipt.DUPLICATE):
            for key in incoming.tickets:
                self._bell.ring(key)
        return receipt

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        while True:
            group = self._next_group()
            try:
                self._commit(group)
            except Exception:  # whatever one delivery holds, this thread must live: nobody else stores anything
                self._commit_singly(group)

    def _next_group(self) -> list[tuple[Incoming, Future[Receipt]]]:
        group = [self._waiting.get()]
        while len(group) < MAX_GROUP:
            try:
                group.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit(self, group: Sequence[tuple[Incoming, Future[Receipt]]]) -> None:
        with self._engine.begin() as connection:
            receipts = [deliveries.store(connection, incoming) for incoming, _ in group]
        for (_, done), receipt in zip(group, receipts, strict=True):
            done.set_result(receipt)

    def _commit_singly(self, group: Sequence[tuple[Incoming, Future[Receipt]]]) -> None:
        """One row that cannot be stored must not cost its neighbours theirs."""
        ends_at = time.monotonic() + WAIT_S
        for incoming, done in group:
            try:
                if time.monotonic() > ends_at:
                    raise FutureTimeout
                with self._engine.begin() as connection:
                    receipt = deliveries.store(connection, incoming)
            except Exception as error:
                done.set_exception(error)
            else:
                done.set_result(receipt)
