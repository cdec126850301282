"""Durable before it is answered: groups, neighbours, a database that is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from adapters.ticket import TicketKey
from bot.intake import inbox as module
from bot.intake.inbox import Inbox, InboxUnavailable
from bot.store import deliveries, tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.deliveries import Receipt
from tests.harness.processes import wait_for
from tests.store.makers import KEY, OTHER_KEY, incoming

pytestmark = pytest.mark.both_storages


class CountingBell:
    """Remembers which tickets it rang for."""

    def __init__(self) -> None:
        self.rung: list[TicketKey] = []

    def ring(self, key: TicketKey) -> bool:
        self.rung.append(key)
        return True


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'inbox.sqlite3'}")
    migrate(made)
    yield made
    made.dispose()


def test_a_delivery_is_in_the_database_when_it_is_accepted(engine: Engine) -> None:
    bell = CountingBell()

    receipt = Inbox(engine, bell).accept(incoming())

    assert receipt is Receipt.STORED
    with reading(engine) as connection:
        assert tickets.ready(connection) == [KEY]
    wait_for("the bell", lambda: bell.rung == [KEY])


def test_a_closed_inbox_has_kept_and_told_what_it_took_and_takes_no_more(engine: Engine) -> None:
    before, told = set(threading.enumerate()), list[Receipt]()
    inbox = Inbox(engine, bell := CountingBell())
    inbox.accept_later(incoming("e1"), lambda outcome: told.append(outcome()))
    inbox.accept_later(incoming("e2", key=OTHER_KEY), lambda outcome: told.append(outcome()))

    inbox.close()

    assert told == [Receipt.STORED, Receipt.STORED]
    assert set(bell.rung) == {KEY, OTHER_KEY}
    assert set(threading.enumerate()) == before
    with pytest.raises(InboxUnavailable):
        inbox.accept(incoming("e3"))


def test_an_inbox_that_took_nothing_in_is_closed_too(engine: Engine) -> None:
    inbox = Inbox(engine, CountingBell())

    inbox.close()

    with pytest.raises(InboxUnavailable):
        inbox.accept(incoming())


def test_a_repeat_rings_again_since_the_first_bell_may_not_have_been_heard(engine: Engine) -> None:
    bell = CountingBell()
    inbox = Inbox(engine, bell)

    receipts = [inbox.accept(incoming())]
    wait_for("the first bell", lambda: bell.rung == [KEY])
    receipts.append(inbox.accept(incoming()))

    assert receipts == [Receipt.STORED, Receipt.DUPLICATE]
    wait_for("the second bell", lambda: bell.rung == [KEY, KEY])


def test_what_is_ignored_or_in_conflict_wakes_nobody(engine: Engine) -> None:
    inbox = Inbox(engine, bell := CountingBell())
    inbox.accept(incoming("e1", ignored="unknown_event"))
    inbox.accept(incoming("e2", ignored="unknown_event"))

    assert inbox.accept(incoming("e1", b"another body")) is Receipt.CONFLICT
    inbox.accept(incoming("e3", key=OTHER_KEY))  # bells ring in the order of commits
    wait_for("the bell of what is news", lambda: bool(bell.rung))
    assert bell.rung == [OTHER_KEY]


def test_many_at_once_are_each_told_their_own_outcome(engine: Engine) -> None:
    inbox = Inbox(engine, CountingBell())

    with ThreadPoolExecutor(32) as pool:
        receipts = list(pool.map(lambda number: inbox.accept(incoming(f"e{number % 100}")), range(200)))

    assert receipts.count(Receipt.STORED) == 100
    assert receipts.count(Receipt.DUPLICATE) == 100
    with reading(engine) as connection:
        assert deliveries.counts(connection) == {"pending": 100}


def test_one_that_cannot_be_stored_costs_neither_its_neighbours_nor_the_inbox(engine: Engine) -> None:
    """A value that no database takes, whatever way it came."""
    inbox = Inbox(engine, CountingBell())
    unstorable = incoming("e\ud83d")

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(inbox.accept, unstorable if number == 3 else incoming(f"e{number}")) for number in range(8)]
    failed = [number for number, each in enumerate(futures) if each.exception()]

    assert failed == [3]
    assert isinstance(futures[3].exception(), InboxUnavailable)
    assert inbox.accept(incoming("afterwards")) is Receipt.STORED


def test_a_database_that_is_locked_for_long_makes_the_sender_come_again(engine: Engine) -> None:
    inbox = Inbox(engine, CountingBell())

    with engine.begin(), pytest.raises(InboxUnavailable):
        inbox.accept(incoming(), wait_s=0.2)

    assert inbox.accept(incoming(), wait_s=10) in (Receipt.STORED, Receipt.DUPLICATE)


def test_who_does_not_wait_is_told_when_it_is_stored(engine: Engine) -> None:
    """One whose own telling fails costs the others of its group nothing."""
    inbox = Inbox(engine, CountingBell())
    told: list[Callable[[], Receipt]] = []
    unstorable = incoming("e\ud83d")

    def fail(outcome: Callable[[], Receipt]) -> None:
        raise RuntimeError

    inbox.accept_later(incoming("e1"), fail)
    for each in (incoming("e1"), unstorable, incoming("e2")):
        inbox.accept_later(each, told.append)
    wait_for("the outcomes", lambda: len(told) == 3)

    assert [each() for each in told[::2]] == [Receipt.DUPLICATE, Receipt.STORED]
    with pytest.raises(InboxUnavailable):
        told[1]()


def test_a_full_queue_is_refused_and_does_not_grow(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 1)
    inbox = Inbox(engine, CountingBell())
    refused: list[str] = []

    def send(number: int) -> None:
        try:
            inbox.accept(incoming(f"e{number}"), wait_s=0.3)
        except InboxUnavailable as error:
            refused.append(str(error))

    with engine.begin():
        threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert refused == ["the inbox cannot be written"] * 6


def test_a_commit_that_fails_is_no_receipt(engine: Engine) -> None:
    """On a full disk the insert still succeeds, in memory; it is the commit that does not."""

    def disk_is_full(connection: Connection) -> None:
        raise OSError(28, "No space left on device")

    event.listen(engine, "commit", disk_is_full)

    with pytest.raises(InboxUnavailable):
        Inbox(engine, CountingBell()).accept(incoming())

    event.remove(engine, "commit", disk_is_full)
    with reading(engine) as connection:
        assert deliveries.counts(connection) == {}
