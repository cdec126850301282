"""What time brings, step by step, with a helpdesk in memory: bells, due times, lost drafts, polls; and that one ticker works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from adapters.errors import HelpdeskDown
from adapters.helpdesk import Helpdesk, PollPage
from adapters.ticket import Event, EventType, Provider, TicketKey, TicketKind
from adapters.transport import Budget
from bot.config import AccountSettings, Config
from bot.process.clock import Clock
from bot.scheduler import ticker as ticker_module
from bot.scheduler.ticker import MAX_PAGES, POLL_AGAIN_S, Ticker, TickerParts
from bot.store import accounts, deliveries, drafts, due, tickets
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import drafts as draft_table
from bot.store.database.schema import due as due_table
from bot.store.deliveries import Incoming
from bot.store.drafts import StoredDraft
from rules.model.decision import DraftWish
from tests.harness.bench_in_memory import Bench, SilentBell
from tests.harness.desk_in_memory import KEY

pytestmark = pytest.mark.both_storages

OTHER = TicketKey("acme", TicketKind.TICKET, "43")
STRANGER = TicketKey("sold", TicketKind.TICKET, "1")  # of an account that the configuration has no more


class Swept:
    """A bench with its ticker. `own`: how the ticker's helpdesk is made."""

    def __init__(self, bench: Bench, owner: str = "ticker-1") -> None:
        self.bench = bench
        self.bell = SilentBell()
        self.engine = bench.engine
        self.parts = TickerParts(
            config=bench.parts.config, engine=bench.engine, bell=self.bell, clock=lambda: bench.desk.now, owner=owner
        )
        self.ticker = Ticker(self.parts)

    @property
    def account(self) -> AccountSettings:
        return self.parts.config.settings.accounts[0]

    def poll(self) -> int:
        return self.ticker.reconcile(self.account)

    def poll_due(self) -> int:
        """A poll, when its time has come."""
        self.poll()
        self.bench.pass_time(self.parts.flow.reconcile_every_s)
        return self.poll()

    def state(self) -> accounts.AccountState:
        with self.engine.begin() as connection:
            return accounts.state(connection, KEY.account)

    def heard(self) -> list[tuple[str, str]]:
        with self.engine.begin() as connection:
            rows = connection.execute(select(delivery_table.c.delivery_key, delivery_table.c.events).order_by("seq"))
            return [(row[0], row[1]) for row in rows]


def connecting(bench: Bench) -> Callable[..., Helpdesk]:
    """In place of the real client: the desk in memory, given what the real one wants."""

    def connect(config: Config, account: AccountSettings, engine: Engine, clock: Clock, budget: Budget) -> Helpdesk:
        assert (config, account, engine) == (bench.parts.config, config.settings.accounts[0], bench.engine)
        assert clock() == bench.desk.now
        assert budget is not None
        return bench.desk.helpdesk()

    return connect


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Swept]:
    bench = Bench(tmp_path)
    monkeypatch.setattr(ticker_module, "connect", connecting(bench))
    yield Swept(bench)
    bench.close()


def dirty(swept: Swept, key: TicketKey = KEY) -> None:
    with swept.engine.begin() as connection:
        tickets.mark_dirty(connection, key, swept.bench.desk.now)


# the sweep


def test_the_sweep_rings_for_every_ticket_that_could_be_worked_on(swept: Swept) -> None:
    dirty(swept)
    dirty(swept, OTHER)

    assert swept.ticker.sweep() == 2
    assert swept.bell.rung == [KEY, OTHER]


def test_the_sweep_rings_for_nothing_that_is_done_held_by_a_worker_or_of_no_account(swept: Swept) -> None:
    dirty(swept)
    dirty(swept, STRANGER)
    swept.bench.claim()

    assert swept.ticker.sweep() == 0
    assert swept.bell.rung == []


def test_the_sweep_rings_again_when_a_lease_has_run_out(swept: Swept) -> None:
    dirty(swept)
    swept.bench.claim()
    swept.bench.pass_time(swept.parts.flow.lease_s + 1)

    assert swept.ticker.sweep() == 1


def test_one_ticker_at_a_time_works(swept: Swept) -> None:
    dirty(swept)
    second = Swept(swept.bench, owner="ticker-2")

    swept.ticker.tick()
    second.ticker.tick()
    swept.ticker.tick()

    assert swept.bell.rung.count(KEY) == 2
    assert second.bell.rung == []


def test_a_tick_does_everything_that_is_due(swept: Swept) -> None:
    add_due_row(swept, KEY)
    lost_draft(swept, 3600)
    swept.bench.desk.pages = [page(changed(OTHER))]
    with swept.engine.begin() as connection:
        accounts.keep_poll(connection, KEY.account, "c1", swept.bench.desk.now - timedelta(days=1))

    swept.ticker.tick()

    keys = [key for key, _ in swept.heard()]
    assert [key.split(":")[1] for key in keys] == ["due", "draft", "poll"]


@pytest.mark.parametrize("broken", ["sweep", "bring_due", "ask_again", "reconcile"])
def test_a_step_that_fails_costs_no_other_its_turn(swept: Swept, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    taken: list[str] = []

    def step(name: str) -> Callable[..., None]:
        def take(*given: object) -> None:
            taken.append(name)
            if name == broken:
                raise RuntimeError("a row of another shape")

        take.__name__ = name
        return take

    names = ["sweep", "bring_due", "ask_again", "reconcile", "retain"]
    for name in names:
        monkeypatch.setattr(swept.ticker, name, step(name))
    swept.ticker.tick()

    assert taken == names


def test_a_ticker_waits_at_most_a_second_and_at_most_a_sweep_between_its_ticks(swept: Swept) -> None:
    waited: list[float] = []

    def stopped(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) > 2

    dirty(swept)
    swept.ticker.run(stopped)

    assert waited == [1.0] * 3
    assert swept.bell.rung == [KEY] * 2


def test_a_short_sweep_is_waited_for_no_longer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, flow={"sweep_every_s": 0.25})
    waited: list[float] = []

    def stopped(seconds: float) -> bool:
        waited.append(seconds)
        return True

    Swept(bench).ticker.run(stopped)

    assert waited == [0.25]
    bench.close()


def test_a_tick_that_fails_does_not_end_the_ticker(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[None] = []

    def tick() -> None:
        ticks.append(None)
        raise RuntimeError("the database is away")

    monkeypatch.setattr(swept.ticker, "tick", tick)
    swept.ticker.run(lambda seconds: len(ticks) == 3)

    assert len(ticks) == 3


# due times


def add_due_row(swept: Swept, key: TicketKey = KEY, after_s: float = 0.0) -> None:
    with swept.engine.begin() as connection:
        due.add_due(connection, key, swept.bench.desk.now + timedelta(seconds=after_s), "follow_up", {"rule": "r1"})


def waiting_times(swept: Swept) -> int:
    with swept.engine.begin() as connection:
        return len(connection.execute(select(due_table.c.id).where(due_table.c.state == "waiting")).all())


def test_a_time_that_has_come_becomes_one_event(swept: Swept) -> None:
    add_due_row(swept)
    add_due_row(swept, OTHER, after_s=0.001)

    assert swept.ticker.bring_due() == 1
    assert swept.ticker.bring_due() == 0

    with swept.engine.begin() as connection:
        (stored,) = deliveries.pending(connection, KEY)
        assert not deliveries.pending(connection, OTHER)
        assert tickets.ready(connection) == [KEY]
    (event,) = stored.events
    assert (event.type, event.kind_raw, event.raw) == (EventType.OTHER, "follow_up", {"rule": "r1"})
    assert (event.provider, event.ticket, event.actor) == (Provider.FRESHDESK, KEY, None)
    assert swept.heard()[0][0].startswith("internal:due:")
    assert stored.received_at == swept.bench.desk.now
    assert waiting_times(swept) == 1


def test_a_time_for_an_account_that_is_gone_is_closed_and_stops_no_other(swept: Swept) -> None:
    add_due_row(swept, STRANGER)
    add_due_row(swept, KEY)

    assert swept.ticker.bring_due() == 2
    assert len(swept.heard()) == 1
    assert waiting_times(swept) == 0


def test_times_are_told_apart(swept: Swept) -> None:
    add_due_row(swept)
    add_due_row(swept)

    swept.ticker.bring_due()

    assert len({key for key, _ in swept.heard()}) == 2


# lost drafts


def lost_draft(swept: Swept, age_s: float, key: TicketKey = KEY, draft_id: str = "d1") -> None:
    asked = StoredDraft(
        id=draft_id,
        key=key,
        run_id="run-1",
        state="asked",
        message_id="m1",
        marker="",
        wish=DraftWish(rule="r1"),
        draft=None,
        text="",
        language="",
        created_at=swept.bench.desk.now - timedelta(seconds=age_s),
    )
    with swept.engine.begin() as connection:
        drafts.add(connection, key, asked)


def state_of_draft(swept: Swept, draft_id: str = "d1") -> str:
    with swept.engine.begin() as connection:
        return str(connection.execute(select(draft_table.c.state).where(draft_table.c.id == draft_id)).scalar_one())


@pytest.mark.parametrize(("age_s", "state"), [(59.0, "asked"), (61.0, "ready")])
def test_a_draft_whose_process_is_gone_is_asked_for_again(swept: Swept, age_s: float, state: str) -> None:
    lost_draft(swept, age_s)

    swept.ticker.ask_again()

    assert state_of_draft(swept) == state
    heard = [key for key, _ in swept.heard()]
    assert [key.startswith("internal:draft:d1") for key in heard] == [True] * (state == "ready")
    assert swept.bell.rung == [KEY] * (state == "ready")


MODEL = {"base_url": "http://127.0.0.1:1/v1", "name": "m", "allow_private": True, "timeout_s": 50.0}


@pytest.mark.parametrize(
    ("drafts_as", "age_s", "state"),
    [
        ({"patience_s": 30.0}, 89.0, "asked"),
        ({"patience_s": 30.0}, 91.0, "ready"),
        ({"model": MODEL}, 79.0, "asked"),
        ({"model": MODEL}, 81.0, "ready"),
    ],
)
def test_a_slow_model_has_time_enough(tmp_path: Path, drafts_as: dict[str, object], age_s: float, state: str) -> None:
    bench = Bench(tmp_path, drafts=drafts_as)
    swept = Swept(bench)
    lost_draft(swept, age_s)

    swept.ticker.ask_again()

    assert state_of_draft(swept) == state
    bench.close()


def test_a_draft_that_never_comes_is_given_up(swept: Swept) -> None:
    lost_draft(swept, 3600)
    lost_draft(swept, 3600, OTHER, "d2")
    with swept.engine.begin() as connection:
        connection.execute(update(draft_table).where(draft_table.c.id == "d1").values(tries=ticker_module.MAX_TRIES))
        connection.execute(update(draft_table).where(draft_table.c.id == "d2").values(tries=ticker_module.MAX_TRIES - 1))

    swept.ticker.ask_again()

    assert (state_of_draft(swept), state_of_draft(swept, "d2")) == ("withheld", "ready")
    assert [key.startswith("internal:draft:d2") for key, _ in swept.heard()] == [True]
    with swept.engine.begin() as connection:
        row = connection.execute(select(draft_table.c.decided_by, draft_table.c.reason).where(draft_table.c.id == "d1")).one()
    assert (row.decided_by, row.reason) == ("ticker", f"asked for {ticker_module.MAX_TRIES} times and never came")


def test_a_lost_draft_of_an_account_that_is_gone_is_left(swept: Swept) -> None:
    lost_draft(swept, 3600, STRANGER, "d0")
    lost_draft(swept, 3600)

    swept.ticker.ask_again()

    assert (state_of_draft(swept, "d0"), state_of_draft(swept)) == ("asked", "ready")


# the poll


def changed(key: TicketKey | None = KEY, at: datetime | None = None, name: str = "") -> Event:
    return Event(
        provider=Provider.FRESHDESK,
        type=EventType.TICKET_UPDATED,
        ticket=key,
        delivery_key=name or f"poll-{key}",
        occurred_at=at,
    )


def page(*events: Event, cursor: str = "c2", has_more: bool = False) -> PollPage:
    return PollPage(events=events, cursor=cursor, has_more=has_more)


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
