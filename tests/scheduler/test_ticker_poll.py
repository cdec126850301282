"""What a poll finds that no webhook told us, and when the next one comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from adapters.errors import HelpdeskDown
from bot.config import Config
from bot.scheduler import ticker as ticker_module
from bot.scheduler.ticker import MAX_PAGES, POLL_AGAIN_S, Ticker
from bot.store import accounts, deliveries, tickets
from bot.store.database.schema import deliveries as delivery_table
from bot.store.deliveries import Incoming
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY
from tests.scheduler.swept import OTHER, Swept, changed, connecting, dirty, page

pytestmark = pytest.mark.both_storages


def test_the_first_poll_comes_one_interval_after_the_start(swept: Swept) -> None:
    assert swept.poll() == 0
    assert swept.state().polled_at == swept.bench.desk.now
    assert swept.bench.desk.polled_from == []
    swept.bench.pass_time(swept.parts.flow.reconcile_every_s - 0.1)
    assert swept.poll() == 0
    assert swept.bench.desk.polled_from == []
    swept.bench.pass_time(0.1)
    swept.poll()

    assert swept.bench.desk.polled_from == [""]
    assert swept.state().polled_at == swept.bench.desk.now


def test_a_blocked_account_is_not_polled(swept: Swept) -> None:
    swept.poll()
    swept.bench.pass_time(swept.parts.flow.reconcile_every_s)
    with swept.engine.begin() as connection:
        accounts.block(connection, KEY.account, 60)

    assert swept.poll() == 0
    assert swept.bench.desk.polled_from == []


def test_a_ticket_that_nobody_told_of_is_stored_and_rung_for(swept: Swept) -> None:
    swept.bench.desk.pages = [page(changed(KEY), changed(OTHER), changed(None))]

    assert swept.poll_due() == 2
    assert [key for key, _ in swept.heard()] == [f"internal:poll:poll-{KEY}", f"internal:poll:poll-{OTHER}"]
    assert swept.bell.rung == [KEY, OTHER]
    assert swept.state().poll_cursor == "c2"
    with swept.engine.begin() as connection:
        assert [each.received_at for each in deliveries.pending(connection, KEY)] == [swept.bench.desk.now]


def test_what_was_found_before_is_rung_for_and_not_counted_again(swept: Swept) -> None:
    swept.bench.desk.pages = [page(changed(KEY)), page(changed(KEY))]
    swept.poll_due()
    swept.bench.pass_time(swept.parts.flow.reconcile_every_s)

    assert swept.poll() == 0
    assert swept.bell.rung == [KEY, KEY]
    assert len(swept.heard()) == 1


def test_pages_are_read_on_from_one_cursor_to_the_next(swept: Swept) -> None:
    swept.bench.desk.pages = [page(changed(KEY), cursor="c2", has_more=True), page(changed(OTHER), cursor="c3")]

    assert swept.poll_due() == 2
    assert swept.bench.desk.polled_from == ["", "c2"]
    assert swept.state().poll_cursor == "c3"


def test_a_poll_reads_a_bounded_number_of_pages_and_goes_on_next_time(swept: Swept) -> None:
    swept.bench.desk.pages = [page(cursor=f"c{number}", has_more=True) for number in range(1, 30)]
    swept.poll_due()

    assert len(swept.bench.desk.polled_from) == MAX_PAGES
    assert swept.state().poll_cursor == f"c{MAX_PAGES}"
    swept.bench.pass_time(POLL_AGAIN_S)
    swept.poll()
    assert swept.state().poll_cursor == f"c{2 * MAX_PAGES}"


def test_a_poll_that_fails_comes_again_no_later_than_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, flow={"reconcile_every_s": 5.0})
    monkeypatch.setattr(ticker_module, "connect", connecting(bench))
    swept = Swept(bench)
    bench.desk.pages = [HelpdeskDown("down"), page(cursor="c9")]
    swept.poll_due()
    bench.pass_time(5)
    swept.poll()

    assert swept.state().poll_cursor == "c9"
    bench.close()


def test_a_poll_that_fails_half_way_keeps_what_it_has_and_its_place(swept: Swept) -> None:
    swept.bench.desk.pages = [page(changed(KEY), cursor="c2", has_more=True), HelpdeskDown("down"), page(cursor="c9")]

    assert swept.poll_due() == 1
    assert swept.state().poll_cursor == "c2"
    assert len(swept.bench.desk.pages) == 1  # it was left at that
    swept.bench.pass_time(POLL_AGAIN_S - 0.1)
    assert (swept.poll(), len(swept.bench.desk.pages)) == (0, 1)
    swept.bench.pass_time(0.1)
    assert (swept.poll(), len(swept.bench.desk.pages)) == (0, 0)
    assert swept.state().poll_cursor == "c9"


def test_a_poll_that_breaks_costs_no_other_account_and_waits_its_interval(swept: Swept) -> None:
    swept.bench.desk.pages = [page(cursor="c2"), RuntimeError("a page of another shape")]
    swept.poll_due()
    swept.bench.pass_time(swept.parts.flow.reconcile_every_s)
    second = swept.account.model_copy(update={"name": "beta"})
    both = swept.parts.config.settings.model_copy(update={"accounts": (swept.account, second)})
    parts = replace(swept.parts, config=Config(settings=both, path=swept.parts.config.path))
    Ticker(parts).tick()

    assert swept.state().poll_cursor == "c2"
    assert swept.state().polled_at == swept.bench.desk.now
    with swept.engine.begin() as connection:
        assert accounts.state(connection, "beta").polled_at == swept.bench.desk.now


def left_as(swept: Swept, *, read_after_s: float | None, is_known: bool = True) -> datetime:
    """The ticket as a run left it: changed now, and read `read_after_s` later; the moment of the change."""
    at = swept.bench.desk.now
    read_at = None if read_after_s is None else at + timedelta(seconds=read_after_s)
    seen = replace(swept.bench.desk.ticket, updated_at=at if is_known else None, read_at=read_at)
    dirty(swept)
    with swept.engine.begin() as connection:
        tickets.keep_snapshot(connection, KEY, seen, tickets.Memory())
        connection.execute(update(delivery_table).values(state="done"))
    return at


@pytest.mark.parametrize(
    ("read_after_s", "changed_after_s", "found"),
    [
        (5.0, -1.0, 0),  # older than what we saw
        (5.0, 0.0, 0),  # what we saw, read well after its second
        (1.0, 0.0, 0),
        (0.9, 0.0, 1),  # read within the second of the stamp: another change may carry the same
        (None, 0.0, 1),
        (5.0, 1.0, 1),  # newer
    ],
)
def test_a_ticket_is_known_when_its_newest_change_was_seen(
    swept: Swept, read_after_s: float | None, changed_after_s: float, found: int
) -> None:
    at = left_as(swept, read_after_s=read_after_s)
    swept.bench.desk.pages = [page(changed(KEY, at + timedelta(seconds=changed_after_s)))]

    assert swept.poll_due() == found
    assert len(swept.bell.rung) == found


def test_without_a_time_on_either_side_a_ticket_is_looked_at(swept: Swept) -> None:
    at = left_as(swept, read_after_s=5.0, is_known=False)
    swept.bench.desk.pages = [page(changed(KEY, at))]
    assert swept.poll_due() == 1

    left_as(swept, read_after_s=5.0)
    swept.bench.desk.pages = [page(changed(KEY, None, name="another"))]
    swept.bench.pass_time(swept.parts.flow.reconcile_every_s)
    assert swept.poll() == 1


def test_a_poll_that_finds_what_a_webhook_brought_meanwhile_changes_nothing(swept: Swept) -> None:
    heard = changed(KEY)
    incoming = Incoming(
        account=KEY.account,
        delivery_key="internal:poll:" + heard.delivery_key,
        body=b"{}",
        events=(heard,),
        received_at=swept.bench.desk.now,
    )
    with swept.engine.begin() as connection:
        deliveries.store(connection, incoming)
    swept.bench.desk.pages = [page(heard)]

    assert swept.poll_due() == 0
