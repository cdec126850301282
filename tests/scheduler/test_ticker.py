"""What time brings, step by step, with a helpdesk in memory: bells, due times, lost drafts; and that one ticker works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adapters.ticket import EventType, Provider, TicketKey
from bot.scheduler import ticker as ticker_module
from bot.store import accounts, deliveries, drafts, due, tickets
from bot.store.database.schema import drafts as draft_table
from bot.store.database.schema import due as due_table
from bot.store.drafts import StoredDraft
from bot.store.helpdesks import clock_skews
from bot.store.models import opinions
from rules.model.decision import DraftWish
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY
from tests.scheduler.swept import OTHER, STRANGER, Swept, changed, dirty, page

pytestmark = pytest.mark.both_storages


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


def test_after_a_leap_of_the_clock_nothing_is_due_or_too_old_until_a_helpdesk_confirms_the_time(
    swept: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept.ticker.tick()
    add_due_row(swept, after_s=3600)
    looked: list[datetime] = []
    monkeypatch.setattr(swept.ticker, "retain", lambda: looked.append(swept.bench.desk.now))

    swept.bench.pass_time(30 * 86_400)
    swept.ticker.tick()

    assert (looked, swept.heard(), len(swept.bench.desk.polled_from)) == (
        [],
        [],
        1,
    )  # the poll, whose answer says what time it is
    swept.ticker.tick()
    assert looked == [swept.bench.desk.now]
    assert waiting_times(swept) == 0


def test_while_the_helpdesks_clock_is_another_nothing_is_due_or_too_old(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    add_due_row(swept)
    dirty(swept)
    looked: list[None] = []
    monkeypatch.setattr(swept.ticker, "retain", lambda: looked.append(None))
    with swept.engine.begin() as connection:
        clock_skews.keep(connection, KEY.account, 20 * 60.0, swept.bench.desk.now)

    swept.ticker.tick()

    assert (looked, waiting_times(swept)) == ([], 1)
    assert swept.bell.rung == [KEY]  # tickets are worked on all the same


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


@pytest.mark.parametrize(("age_s", "state"), [(79.0, "asked"), (81.0, "failed")])
def test_an_opinion_whose_process_is_gone_is_given_up(tmp_path: Path, age_s: float, state: str) -> None:
    swept = Swept(Bench(tmp_path, senses={"model": MODEL}))
    with swept.engine.begin() as connection:
        opinions.add(connection, KEY, "m1", "0" * 64, "m", swept.bench.desk.now - timedelta(seconds=age_s))

    swept.ticker.give_up_opinions()

    with swept.engine.begin() as connection:
        found = opinions.find(connection, KEY, "m1")
    assert found
    assert found.state == state
