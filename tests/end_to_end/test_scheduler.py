"""What time brings: unheard bells, due times, lost drafts, and tickets that no webhook told of."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.ticket import EventType, TicketKey
from bot.config import Settings
from bot.drafts import Draft, DraftAsk
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import accounts, deliveries, drafts, due, tickets
from bot.store.database.engine import reading
from bot.store.drafts import StoredDraft
from bot.writes import planner
from rules.engine.decide import decide
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import decision_hash
from rules.model.decision import DraftWish
from sandbox.deliver import Trouble
from sandbox.stories.config import SECRETS
from tests.harness.deskhand import DESKS, NINA, PROVIDERS, Running, deskhand

pytestmark = pytest.mark.both_storages

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


class Clock:
    """The real time, put forward by hand, for Deskhand and the helpdesk alike."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class CountingBell:
    def __init__(self) -> None:
        self.rung: list[TicketKey] = []

    def ring(self, key: TicketKey) -> bool:
        self.rung.append(key)
        return True


def at(folder: Path, provider: str, clock: Clock) -> AbstractContextManager[Running]:
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=clock)
    return deskhand(folder, provider, clock=clock, desk=desk)


def ticker(run: Running, clock: Clock, owner: str = "ticker-1") -> tuple[Ticker, CountingBell]:
    bell = CountingBell()
    return Ticker(TickerParts(config=run.config, engine=run.parts.engine, bell=bell, clock=clock, owner=owner)), bell


def outage(run: Running) -> str:
    return run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")


def poll(run: Running, clock: Clock) -> int:
    """One reconcile poll, an interval later."""
    clock.ahead += timedelta(seconds=run.config.settings.flow.reconcile_every_s + 1)
    return ticker(run, clock)[0].reconcile(run.config.settings.accounts[0])


def first_look(run: Running, clock: Clock) -> None:
    assert ticker(run, clock)[0].reconcile(run.config.settings.accounts[0]) == 0


@each_helpdesk
def test_a_ticket_whose_webhooks_were_all_lost_is_found_and_worked_on(tmp_path: Path, provider: str) -> None:
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        run.desk.webhooks.trouble = Trouble(drop=1.0)
        first_look(run, clock)
        ticket = outage(run)
        run.settle()
        assert not run.newest_runs(ticket)

        found = poll(run, clock)
        run.settle()

        assert found == 1
        assert len(run.view(ticket).bot_notes) == 1
        assert run.priority(ticket) == "urgent"


@each_helpdesk
def test_a_clock_that_was_a_day_ahead_does_not_put_the_polls_off_for_a_day(tmp_path: Path, provider: str) -> None:
    """Deskhand's clock alone: the helpdesk's is right all the time."""
    clock, right = Clock(), Clock()
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=right)
    with deskhand(tmp_path, provider, clock=clock, desk=desk) as run:
        run.desk.webhooks.trouble = Trouble(drop=1.0)
        clock.ahead = timedelta(days=1)
        first_look(run, clock)
        poll(run, clock)
        clock.ahead = timedelta(0)
        outage(run)

        found = ticker(run, clock)[0].reconcile(run.config.settings.accounts[0])

        assert found == 1


@each_helpdesk
def test_a_reply_whose_webhook_was_lost_is_found(tmp_path: Path, provider: str) -> None:
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        first_look(run, clock)
        ticket = outage(run)
        run.settle()
        poll(run, clock)
        run.settle()

        run.desk.webhooks.trouble = Trouble(drop=1.0)
        run.desk.customer_reply(ticket, "Still down.")
        poll(run, clock)
        run.settle()

        events = [row["events"] for row in run.newest_runs(ticket)]
        assert any(EventType.CUSTOMER_REPLIED.value in each for each in events)


@each_helpdesk
def test_a_change_in_the_second_of_our_last_read_is_found(tmp_path: Path, provider: str) -> None:
    """Vendors' stamps count whole seconds: the same stamp may stand for a newer state."""
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        first_look(run, clock)
        ticket = run.desk.create_ticket(requester=NINA, subject="Thanks", body="All is well.")
        run.settle()
        run.desk.webhooks.trouble = Trouble(drop=1.0)
        run.desk.customer_reply(ticket, "No, production is down.")

        poll(run, clock)
        run.settle()

        assert any("customer.replied" in row["events"] for row in run.newest_runs(ticket))


@pytest.mark.parametrize("provider", ["intercom", "freshdesk"])
def test_two_changes_within_one_second_are_both_found_by_polls(tmp_path: Path, provider: str) -> None:
    """The helpdesk's stamp is the same; what was read between them is not. (A read of Zendesk waits until the second is over.)"""
    standing = datetime.now(UTC) + timedelta(hours=1)
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=lambda: standing)
    with deskhand(tmp_path, provider, desk=desk) as run:
        run.desk.webhooks.target = None
        ticket = outage(run)
        run.poll()
        run.settle()
        run.desk.customer_reply(ticket, "Still down.")

        found = run.poll()
        run.settle()

        assert found == 1
        assert any("customer.replied" in row["events"] for row in run.newest_runs(ticket))


@each_helpdesk
def test_a_ticket_that_is_known_is_not_read_again(tmp_path: Path, provider: str) -> None:
    """Our own writes move the vendor's time stamp, so one read may follow them; then nothing more."""
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        first_look(run, clock)
        ticket = outage(run)
        run.settle()
        poll(run, clock)
        run.settle()
        reads = [each for each in run.desk.effects.calls() if each.ticket == ticket]

        again = [poll(run, clock) for _ in range(2)]
        run.settle()

        assert again == [0, 0]
        assert [each for each in run.desk.effects.calls() if each.ticket == ticket] == reads
        assert len(run.view(ticket).bot_notes) == 1


@each_helpdesk
def test_a_poll_that_fails_is_tried_again_from_the_same_place(tmp_path: Path, provider: str) -> None:
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        run.desk.webhooks.trouble = Trouble(drop=1.0)
        first_look(run, clock)
        outage(run)
        run.desk.faults.order("500", times=20)

        assert poll(run, clock) == 0
        run.desk.faults.reset()
        assert poll(run, clock) == 1


def test_a_poll_waits_for_its_interval(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        first_look(run, clock)
        calls = len(run.desk.effects.calls())

        first_look(run, clock)

        assert len(run.desk.effects.calls()) == calls


def test_a_blocked_account_is_not_polled(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        first_look(run, clock)
        with run.parts.engine.begin() as connection:
            accounts.block(connection, "zendesk", 600)
        calls = len(run.desk.effects.calls())

        assert poll(run, clock) == 0
        assert len(run.desk.effects.calls()) == calls


def test_a_bell_that_nobody_heard_is_rung_again(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        key = run.key("42")
        with run.parts.engine.begin() as connection:
            tickets.mark_dirty(connection, key, clock())
        made, bell = ticker(run, clock)

        assert made.sweep() == 1
        assert bell.rung == [key]


def test_a_due_time_becomes_an_event_once(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        key = run.key("42")
        with run.parts.engine.begin() as connection:
            due.add_due(connection, key, clock() + timedelta(hours=1), "follow_up", {"rule": "r1", "text": "Call them."})
        made, _ = ticker(run, clock)

        assert made.bring_due() == 0
        clock.ahead = timedelta(hours=2)
        assert (made.bring_due(), made.bring_due()) == (1, 0)

        with reading(run.parts.engine) as connection:
            [waiting] = deliveries.pending(connection, key)
        assert (waiting.events[0].kind_raw, waiting.events[0].raw) == ("follow_up", {"rule": "r1", "text": "Call them."})


@each_helpdesk
def test_a_follow_up_whose_time_has_come_is_noted_in_the_ticket(tmp_path: Path, provider: str) -> None:
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        ticket = outage(run)
        run.settle()
        with run.parts.engine.begin() as connection:
            due.add_due(connection, run.key(ticket), clock(), "follow_up", {"rule": "r1", "text": "Call them."})

        ticker(run, clock)[0].bring_due()
        run.settle()

        assert [each for each in run.view(ticket).bot_notes if "Call them." in each.text]
        for row in filter(lambda row: row["facts"], run.newest_runs(ticket)):  # what time says is no part of the rules' verdict
            facts = facts_from_json(json.loads(row["facts"]))
            decision = decide(run.parts.rules, facts)
            assert decision_hash(decision, planner.hashed_writes(facts, decision)) == row["decision_hash"]


def test_what_waits_for_an_account_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        gone, here = TicketKey("gone", run.key("1").kind, "1"), run.key("42")
        with run.parts.engine.begin() as connection:
            for key in (gone, here):
                due.add_due(connection, key, clock(), "follow_up", {"rule": "r1"})
            drafts.add(connection, gone, _asked(gone, clock() - timedelta(hours=1)))
        made, bell = ticker(run, clock)

        made.tick()
        made.sweep()

        assert bell.rung == [here]


@each_helpdesk
def test_a_draft_whose_process_died_is_asked_for_again(tmp_path: Path, provider: str) -> None:
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="A question", body="How does it work?")
        run.settle()
        newest = _newest_message(run, ticket)
        with run.parts.engine.begin() as connection:
            drafts.add(connection, run.key(ticket), _asked(run.key(ticket), clock() - timedelta(hours=1), newest))

        ticker(run, clock)[0].ask_again()
        run.settle()

        assert [each for each in run.view(ticket).bot_notes if "We are on it" in each.text]


def test_only_one_ticker_works_at_a_time(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        with run.parts.engine.begin() as connection:
            tickets.mark_dirty(connection, run.key("42"), clock())
        (first, first_bell), (second, second_bell) = ticker(run, clock, "a"), ticker(run, clock, "b")

        first.tick()
        second.tick()

        assert (len(first_bell.rung), len(second_bell.rung)) == (1, 0)


def test_a_tick_that_fails_does_not_end_the_ticker(tmp_path: Path) -> None:
    clock = Clock()
    with at(tmp_path, "zendesk", clock) as run:
        made, _ = ticker(run, clock)
        waits = iter([False, False, True])
        ticks: list[int] = []

        def broken() -> None:
            ticks.append(1)
            raise RuntimeError("the database is away")

        made.tick = broken  # type: ignore[method-assign]
        made.run(lambda seconds: next(waits))

        assert len(ticks) == 2


def _newest_message(run: Running, ticket: str) -> str:
    with reading(run.parts.engine) as connection:
        snapshot, _ = tickets.snapshot(connection, run.key(ticket))
    assert snapshot is not None
    assert snapshot.last_customer_message is not None
    return snapshot.last_customer_message.external_id


def _asked(key: TicketKey, at: datetime, message_id: str = "m1") -> StoredDraft:
    return StoredDraft(
        id=f"draft-{key.external_id}",
        key=key,
        run_id="run-1",
        state="asked",
        message_id=message_id,
        marker="",
        wish=DraftWish(rule="exports"),
        draft=None,
        text="",
        language="",
        created_at=at,
    )


@each_helpdesk
def test_a_draft_that_never_comes_is_asked_for_three_times_and_then_given_up(tmp_path: Path, provider: str) -> None:
    """A worker that always dies over it, or a model that is always too late: the ticket must not ask for ever."""
    clock = Clock()
    with at(tmp_path, provider, clock) as run:
        run.parts.drafter = Never()
        object.__setattr__(run.config, "settings", _impatient(run))
        ticket = outage(run)
        run.settle()
        for _ in range(5):
            clock.ahead += timedelta(seconds=120)
            ticker(run, clock)[0].ask_again()
            run.settle()

        with reading(run.parts.engine) as connection:
            [given_up] = drafts.in_state(connection, run.key(ticket), "withheld")
            assert not drafts.in_state(connection, run.key(ticket), "asked", "ready", "live")
        assert (given_up.tries, run.parts.drafter.times) == (3, 3)


class Never:
    """A model that nobody hears of again."""

    def __init__(self) -> None:
        self.times = 0
        self.over = threading.Event()

    def draft(self, ask: DraftAsk) -> Draft:
        self.times += 1
        self.over.wait(60)
        return Draft(text="Too late.", language="en")


def _impatient(run: Running) -> Settings:
    settings = run.config.settings
    hurried = settings.drafts.model_copy(update={"patience_s": 0.05, "urgent_patience_s": 0.05})
    return settings.model_copy(update={"drafts": hurried})
