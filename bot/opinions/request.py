"""Asking beside the detectors, with patience: a run waits some seconds at most, and a later answer comes back as an event.

What is asked is written down before it is asked (bot/store/models/opinions.py), so that each message of a customer is asked about
once, whatever dies. An answer is kept there first; one that comes after its run's plan was stored is an inbox event
`opinion.ready`, which has the ticket looked at once more.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.codec import dumps, loads
from adapters.ticket import Event, EventType, Provider, Ticket, TicketKey
from bot.log import get_logger
from bot.opinions.answer import Opinion, kept
from bot.opinions.asking import Asker, Outcome, Words
from bot.opinions.lists import Lists, lists_of
from bot.opinions.merging import opinion_signals
from bot.opinions.prompt import asked_hash
from bot.senses import visible_text
from bot.store import deliveries
from bot.store.database.engine import reading
from bot.store.deliveries import Incoming
from bot.store.models import opinions
from bot.store.models.opinions import End
from rules.model.facts import Signal
from rules.model.view import message_key
from rules.values.own_issues import OwnIssues

log = get_logger("opinions")
URGENT = ("p1", "p2")  # where the detectors say so, nobody waits
MOST_AT_ONCE = 8  # questions of one process that are under way: an endpoint that never answers costs no more threads
LATE_IN_A_ROW = 3  # after so many late or failed answers nobody waits until one comes in time
FAILED_IN_A_ROW, PAUSE = 5, timedelta(seconds=60)  # after so many failures nobody is asked for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Where a late answer goes."""

    engine: Engine
    ring: Callable[[TicketKey], object]
    provider: Provider
    clock: Callable[[], datetime]

    def bring(self, key: TicketKey, message_id: str) -> None:
        """Put the event into the inbox: once a message, however often it is brought."""
        about = hashlib.sha256(f"{key}:{message_id}".encode()).hexdigest()[:32]
        event = Event(
            provider=self.provider,
            type=EventType.OPINION_READY,
            ticket=key,
            delivery_key=f"internal:opinion:{about}",
            kind_raw="opinion.ready",
        )
        body = dumps({"message": message_id}).encode()
        stored = Incoming(
            account=key.account, delivery_key=event.delivery_key, body=body, events=(event,), received_at=self.clock()
        )
        with self.engine.begin() as connection:
            opinions.mark_late(connection, key, message_id)
            deliveries.store(connection, stored)
        self.ring(key)
        log.info("opinion.ready", ticket=str(key))


@dataclass(slots=True, kw_only=True)
class Asked:
    """An opinion that is there, or under way. `signals` waits for it; `hand_over` says that the run's plan is stored."""

    key: TicketKey
    message_id: str
    words: Words
    lists: Lists
    model: str
    patience_s: float = 0.0
    opinion: Opinion | None = None
    _began: float = field(default_factory=time.monotonic)
    _done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _late: Late | None = None
    _is_told: bool = False  # the run has it, or there is none to have

    def signals(self, detected: Mapping[str, Signal]) -> dict[str, Signal]:
        """The signals `opinion.*`; none where there is no answer in time. `detected`: what the detectors say."""
        severity = detected.get("severity")
        patience_s = 0.0 if severity and severity.value in URGENT else self.patience_s
        self._done.wait(max(0.0, self._began + patience_s - time.monotonic()))
        with self._lock:
            opinion = self.opinion if self._done.is_set() else None
            self._is_told = self._done.is_set()
        if opinion is None:
            return {}
        restored = self.words.told.restored
        standing, _ = kept(opinion, self.lists, self.words.own, restored)  # the words, or the lists, may be others by now
        return opinion_signals(detected, standing, self.lists, self.model, restored)

    def hand_over(self, late: Late) -> None:
        """From now on a late answer is an event."""
        with self._lock:
            if self._is_told:
                return
            self._late = late
            is_there = self._done.is_set() and self.opinion is not None
        if is_there:
            self._bring(late)

    def end(self, opinion: Opinion | None) -> None:
        """The answer has come, and is kept; or there is none."""
        with self._lock:
            self.opinion = opinion
            self._done.set()
            late = self._late
        if late is not None and opinion is not None:
            self._bring(late)

    def _bring(self, late: Late) -> None:
        try:
            late.bring(self.key, self.message_id)
        except SQLAlchemyError as error:  # it is kept, and the ticket's next run has it
            log.warning("opinion.not_brought", ticket=str(self.key), why=type(error).__name__)


@dataclass(slots=True, kw_only=True)
class Opinions:
    """What a worker asks opinions with, for its lifetime."""

    engine: Engine
    asker: Asker
    clock: Callable[[], datetime]
    patience_s: float
    _under_way: dict[tuple[TicketKey, str], Asked] = field(default_factory=dict)  # what is not kept yet
    _threads: set[threading.Thread] = field(default_factory=set)
    _is_closed: bool = False
    _lock: threading.Condition = field(default_factory=threading.Condition)  # told when a thread is at its end

    def of(self, ticket: Ticket, own: OwnIssues, *, is_news: bool) -> Asked | None:
        """The opinion of the customer's newest message: as it is kept; else asked for, where the message `is_news`. None where
        there is none, and none comes in time. Raises SQLAlchemyError."""
        if not _is_worth_it(ticket):
            return None
        words, lists, message_id = Words.of(visible_text(ticket)), lists_of(own), message_key(ticket)
        if not words.own.strip():
            return None
        with self._lock:  # an earlier run has asked, and may not have come to its end
            if (under_way := self._under_way.get((ticket.key, message_id))) is not None:
                return under_way
        asked = Asked(key=ticket.key, message_id=message_id, words=words, lists=lists, model=self.asker.settings.name)
        hash = asked_hash(words.told.text, lists, self.asker.settings)
        with reading(self.engine) as connection:
            known = opinions.find(connection, ticket.key, message_id)
            alike = opinions.alike(connection, hash) if known is None and is_news else None
            ends = opinions.ends(connection, FAILED_IN_A_ROW) if known is None and is_news and alike is None else []
        answer = known.answer if known else alike
        if answer is None and (known is not None or not is_news or self._pauses(ends)):
            return None
        if answer is None:
            asked.patience_s = 0.0 if self._is_slow(ends) else self.patience_s
            return asked if self._begin(asked, hash) else None
        if known is None and not self._write_down(asked, hash, alike):
            return None
        asked.end(loads(Opinion, answer))
        return asked

    @property
    def under_way(self) -> int:
        """How many answers may still come."""
        with self._lock:
            return len(self._under_way)

    def wait(self, seconds: float) -> bool:
        """Wait for what may still come, and until it is in the inbox where it is late; True where nothing may."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._under_way and not self._threads, seconds)

    def close(self, seconds: float) -> bool:
        """Ask nobody any more, and wait for the threads to end; True where none is left that could touch the database."""
        ends_at = time.monotonic() + seconds
        with self._lock:
            self._is_closed = True
            threads = [*self._threads]
        for each in threads:
            each.join(max(0.0, ends_at - time.monotonic()))
        return not any(each.is_alive() for each in threads)

    def afresh(self) -> Opinions:
        """The same for who begins anew, as a forked child does: with no question, no thread and no lock of before."""
        return Opinions(engine=self.engine, asker=self.asker, clock=self.clock, patience_s=self.patience_s)

    def _begin(self, asked: Asked, hash: str) -> bool:
        """Ask; False where there is no room, or somebody else asks. The place is taken first: two at once do not share one."""
        with self._lock:
            if self._is_closed or len(self._under_way) >= MOST_AT_ONCE or (asked.key, asked.message_id) in self._under_way:
                return False
            self._under_way[asked.key, asked.message_id] = asked
        is_asked = False
        try:
            is_asked = self._write_down(asked, hash, None) and self._start(asked)
        finally:
            if not is_asked:
                self._leave(asked)
                asked.end(None)
        return is_asked

    def _write_down(self, asked: Asked, hash: str, answer: str | None) -> bool:
        """False where somebody else has."""
        with self.engine.begin() as connection:
            return opinions.add(connection, asked.key, asked.message_id, hash, asked.model, self.clock(), answer)

    def _start(self, asked: Asked) -> bool:
        with self._lock:
            if self._is_closed:
                return False
            thread = threading.Thread(target=self._ask, args=(asked,), name="opinion", daemon=True)
            thread.start()
            self._threads.add(thread)
            return True

    def _ask(self, asked: Asked) -> None:
        opinion = None
        try:
            outcome = self.asker.ask(asked.words, asked.lists)
            opinion = outcome.opinion if self._keep(asked, outcome) else None
        finally:
            self._leave(asked)  # before anybody hears of it: who does finds it kept, and its place free
            try:
                asked.end(opinion)
            finally:
                with self._lock:
                    self._threads.discard(threading.current_thread())
                    self._lock.notify_all()

    def _leave(self, asked: Asked) -> None:
        with self._lock:
            del self._under_way[asked.key, asked.message_id]
            self._lock.notify_all()

    def _keep(self, asked: Asked, outcome: Outcome) -> bool:
        """False where nobody waits for it: the person was erased meanwhile, or it was given up."""
        try:
            with self.engine.begin() as connection:
                if outcome.opinion is None:
                    log.info("opinion.none", ticket=str(asked.key), why=outcome.reason)
                    return opinions.failed(connection, asked.key, asked.message_id, outcome.reason, outcome.took_s)
                answer = dumps(outcome.opinion)
                key, message_id, took_s = asked.key, asked.message_id, outcome.took_s
                return opinions.answered(connection, key, message_id, answer, dropped=outcome.dropped, took_s=took_s)
        except SQLAlchemyError as error:
            log.warning("opinion.not_kept", ticket=str(asked.key), why=type(error).__name__)
            return False

    def _is_slow(self, ends: Sequence[End]) -> bool:
        newest = ends[:LATE_IN_A_ROW]
        return len(newest) == LATE_IN_A_ROW and all(each.state == "failed" or each.took_s > self.patience_s for each in newest)

    def _pauses(self, ends: Sequence[End]) -> bool:
        has_failed = len(ends) == FAILED_IN_A_ROW and all(each.state == "failed" for each in ends)
        return has_failed and self.clock() - ends[0].asked_at < PAUSE


def _is_worth_it(ticket: Ticket) -> bool:
    """Nobody is asked about what no rule may write on, nor about what a machine says of itself."""
    newest = ticket.last_customer_message
    return ticket.is_writable and not ticket.is_spam and not (newest is not None and newest.is_auto_generated)
