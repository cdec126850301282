"""What a hostile reader of the flow tried: news that come while a run writes, plans that are taken up, long lists of requests."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from adapters.ticket import TicketKey, TicketKind
from bot.drafts import Draft, DraftAsk
from bot.pipeline.claim import run_ticket
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import dead_letters, deliveries, drafts, runs, tickets
from bot.store.database.engine import make_engine, reading
from bot.store.tickets import Lease
from tests.end_to_end.test_guarantees import NOTE, MeanwhileDrafter, each_helpdesk, notes_written, outage
from tests.harness.deskhand import ANNA, Running, ScriptedDrafter, delivered, deskhand, to_shadow

pytestmark = pytest.mark.both_storages


def write_rules(folder: Path, text: str) -> str:
    path = folder / "review_rules.yaml"
    path.write_text(text)
    return str(path)


SECOND = """rules:
  - id: first
    when: {subject: {has: down}}
    then: [{add_tags: [seen]}, {draft_reply: {}}]
  - id: again
    when: {customer_messages: {at_least: 2}}
    then: [{add_tags: [wrote-again]}]
"""


@each_helpdesk
def test_a_message_that_comes_while_a_run_writes_is_worked_on_by_the_next(tmp_path: Path, provider: str) -> None:
    drafter = MeanwhileDrafter()
    with deskhand(
        tmp_path, provider, drafter=drafter, rules=write_rules(tmp_path, SECOND), flow={"snapshot_fresh_s": 0.0}
    ) as run:
        ticket = outage(run)
        drafter.meanwhile = lambda: print(run.desk.customer_reply(ticket, "One more thing."))
        run.settle()

        assert "wrote-again" in run.view(ticket).tags


@each_helpdesk
def test_an_acceptance_given_while_a_new_draft_was_written_does_not_send_that_draft(tmp_path: Path, provider: str) -> None:
    drafter = MeanwhileDrafter()
    with deskhand(tmp_path, provider, drafter=drafter, flow={"snapshot_fresh_s": 0.0}) as run:
        ticket = outage(run)
        run.settle()
        drafter.text = "A text that no agent has read."
        drafter.meanwhile = lambda: run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.desk.customer_reply(ticket, "It is down again, everything!")
        run.settle()

        assert len(drafter.asked) == 2
        assert not run.view(ticket).bot_replies


def test_many_tags_on_intercom_are_no_sign_of_a_restless_ticket(tmp_path: Path) -> None:
    tags = ", ".join(f"tag-{number}" for number in range(16))
    rules = f"rules:\n  - id: many\n    when: {{subject: {{has: down}}}}\n    then: [{{add_tags: [{tags}]}}]\n"
    with deskhand(tmp_path, "intercom", rules=write_rules(tmp_path, rules)) as run:
        ticket = outage(run)
        run.settle()

        assert len([tag for tag in run.view(ticket).tags if tag.startswith("tag-")]) == 16
        with reading(run.parts.engine) as connection:
            assert not dead_letters.everything(connection)


def test_many_tags_on_a_slow_intercom_are_read_again_between_and_all_put_on(tmp_path: Path) -> None:
    tags = ", ".join(f"tag-{number}" for number in range(6))
    rules = f"rules:\n  - id: many\n    when: {{subject: {{has: down}}}}\n    then: [{{add_tags: [{tags}]}}]\n"
    with deskhand(tmp_path, "intercom", rules=write_rules(tmp_path, rules), flow={"snapshot_fresh_s": 0.1}) as run:
        run.desk.faults.before_call(lambda method, path: time.sleep(0.06))
        ticket = outage(run)
        run.settle(30)

        assert len([tag for tag in run.view(ticket).tags if tag.startswith("tag-")]) == 6
        assert any(each.state == "replaced" for each in run.requests(ticket))  # it was read again between two of them


def test_a_note_is_sent_again_however_often_other_requests_were_made_anew(tmp_path: Path) -> None:
    drafter = MeanwhileDrafter()
    with deskhand(tmp_path, "intercom", drafter=drafter, flow={"snapshot_fresh_s": 0.0}) as run:
        run.desk.faults.order("reset_before", method="POST", path=r"/reply", times=1)
        ticket = outage(run)
        drafter.meanwhile = lambda: run.desk.agent_update(ticket, agent=ANNA, tags_add=["seen-by-anna"])
        run.settle()

        assert notes_written(run, ticket) >= 1
        with reading(run.parts.engine) as connection:
            assert not dead_letters.everything(connection)


@each_helpdesk
def test_a_plan_that_was_set_aside_is_taken_up_as_it_was(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.faults.order("reset_before", method="PUT" if provider == "zendesk" else "POST", path=NOTE, times=10)
        ticket = outage(run)
        run.settle(30)
        run.desk.faults.reset()
        assert not run.view(ticket).bot_notes
        with reading(run.parts.engine) as connection:
            found = dead_letters.everything(connection)
        assert [each.plans for each in found] == [1]

        with run.parts.engine.begin() as connection:
            dead_letters.take_up(connection, run.key(ticket), run.parts.clock())
        run.settle()

        assert notes_written(run, ticket) == 1
        with reading(run.parts.engine) as connection:
            assert not dead_letters.everything(connection)
            assert set(deliveries.counts(connection)) <= {"done", "ignored"}


@each_helpdesk
def test_a_plan_taken_up_late_brings_no_old_news(tmp_path: Path, provider: str) -> None:
    rules = "rules:\n  - id: each-message\n    on: [ticket.created, customer.replied]\n    when: {subject: {has: down}}\n"
    rules += "    then: [{add_note: The customer wrote.}]\n"
    with deskhand(tmp_path, provider, rules=write_rules(tmp_path, rules)) as run:
        run.desk.faults.order("reset_before", method="PUT" if provider == "zendesk" else "POST", path=NOTE, times=10)
        ticket = outage(run)
        run.settle(30)
        run.desk.faults.reset()
        run.desk.customer_reply(ticket, "Still down.")
        run.settle()
        before = notes_written(run, ticket)

        with run.parts.engine.begin() as connection:
            dead_letters.take_up(connection, run.key(ticket), run.parts.clock())
        run.settle()
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["nothing-to-do-with-it"])
        run.settle()

        assert notes_written(run, ticket) <= before + 1


@each_helpdesk
def test_what_is_dropped_after_crashes_waits_no_longer(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow={"max_crashes": 1}) as run:
        ticket = outage(run)
        delivered(run.desk)
        die_at(run, "plan_stored", ticket)
        run.settle()

        with run.parts.engine.begin() as connection:
            dead_letters.give_up(connection, run.key(ticket), run.parts.clock())
        with reading(run.parts.engine) as connection:
            assert deliveries.backlog(connection) == 0
            assert not dead_letters.everything(connection)
        assert not run.desk.effects.effects()


class Died(BaseException):
    """The process is gone: nothing of the run's own clean-up happens."""


def die_at(run: Running, name: str, ticket: str) -> None:
    def checkpoint(reached: str) -> None:
        if reached == name:
            raise Died

    run.parts.checkpoint = checkpoint
    with pytest.raises(Died):
        for _ in range(500):
            run_ticket(run.key(ticket), run.parts)
            time.sleep(0.01)
    run.parts.checkpoint = lambda _: None
    run.end_leases()


@each_helpdesk
def test_an_account_put_into_shadow_writes_nothing_of_a_plan_that_was_stored_live(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        delivered(run.desk)
        die_at(run, "plan_stored", ticket)
        to_shadow(run)
        run.settle()

        assert not run.desk.effects.effects()


@each_helpdesk
def test_an_accepted_draft_whose_reply_was_refused_is_not_accepted_for_ever(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()
        kind: dict[str, Any] = {"method": "PUT" if provider == "zendesk" else "POST", "path": NOTE}
        run.desk.faults.order(
            "422", times=1 if provider == "freshdesk" else 20, **kind
        )  # in whosever name, with whatever beside it

        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert not run.view(ticket).bot_replies
        with reading(run.parts.engine) as connection:
            assert not drafts.in_state(connection, run.key(ticket), "accepted")


class Waiting(ScriptedDrafter):
    """Goes on when something has happened."""

    def __init__(self, happened: threading.Event) -> None:
        super().__init__()
        self._happened = happened

    def draft(self, ask: DraftAsk) -> Draft:
        self._happened.wait()
        return super().draft(ask)


def test_a_lease_is_kept_over_a_moment_without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = [OperationalError("update tickets", {}, Exception("database is locked"))]
    renewed, kept = list[Lease](), threading.Event()
    real = tickets.renew

    def stumbling(connection: Connection, lease: Lease, lease_s: float) -> None:
        if troubles:
            raise troubles.pop()
        renewed.append(lease)
        real(connection, lease, lease_s)
        kept.set()

    monkeypatch.setattr(tickets, "renew", stumbling)
    drafts = {"urgent_patience_s": 60.0}
    with deskhand(tmp_path, "freshdesk", drafter=Waiting(kept), drafts=drafts, flow={"lease_s": 6.0}) as run:
        ticket = outage(run)
        run.settle()

        assert renewed
        assert notes_written(run, ticket) == 1
        assert len(run.newest_runs(ticket)) == len([row for row in run.newest_runs(ticket) if row["state"] == "done"])


def test_a_plan_taken_up_while_another_run_works_does_not_take_its_place(tmp_path: Path) -> None:
    drafter = MeanwhileDrafter()
    with deskhand(tmp_path, "freshdesk", drafter=drafter) as run:
        run.desk.faults.order("reset_before", method="POST", path=NOTE, times=10)
        ticket = outage(run)
        run.settle(30)
        run.desk.faults.reset()

        def take_up() -> None:
            with run.parts.engine.begin() as connection:
                dead_letters.take_up(connection, run.key(ticket), run.parts.clock())

        drafter.meanwhile = take_up
        drafter.text = "A second text."
        run.desk.customer_reply(ticket, "It is down again!")
        delivered(run.desk)
        run.settle()

        with reading(run.parts.engine) as connection:
            assert not dead_letters.everything(connection)
        assert {each.state for each in run.requests(ticket)} <= {"confirmed", "replaced"}


def test_tickets_of_an_account_that_was_taken_out_do_not_fill_the_sweep(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        bell = Listening()
        with run.parts.engine.begin() as connection:
            for number in range(120):
                key = TicketKey("taken-out", TicketKind.TICKET, str(number))
                tickets.mark_dirty(connection, key, run.parts.clock())
        with run.parts.engine.begin() as connection:
            tickets.mark_dirty(connection, run.key("1"), run.parts.clock(), settles_s=0.001)
        time.sleep(0.01)

        Ticker(TickerParts(config=run.config, engine=run.parts.engine, bell=bell, clock=run.parts.clock, owner="sweep")).sweep()

        assert bell.heard == [run.key("1")]


class Listening:
    def __init__(self) -> None:
        self.heard: list[TicketKey] = []

    def ring(self, key: TicketKey) -> bool:
        self.heard.append(key)
        return True


def test_a_database_error_does_not_quote_what_was_to_be_stored(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'quiet.db'}")

    with pytest.raises(OperationalError) as caught, engine.begin() as connection:
        connection.execute(text("insert into nowhere values (:words)"), {"words": "what the customer wrote"})

    assert "customer" not in str(caught.value)


@each_helpdesk
def test_a_rate_limit_in_the_middle_of_a_plan_costs_no_try_and_no_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.desk.faults.order("429", method="PUT" if provider == "zendesk" else "POST", path=NOTE, times=5, retry_after=1)
        run.desk.faults.order(
            "reset_after_commit", method="PUT" if provider == "zendesk" else "POST", path=NOTE, after_n=5, times=1
        )
        run.settle(40)

        assert notes_written(run, ticket) == 1
        with reading(run.parts.engine) as connection:
            assert not dead_letters.everything(connection)


@each_helpdesk
def test_two_accepted_drafts_are_each_sent_or_not_by_themselves(tmp_path: Path, provider: str) -> None:
    drafter = ScriptedDrafter()
    with deskhand(tmp_path, provider, drafter=drafter) as run:
        ticket = outage(run)
        run.settle()
        how: dict[str, Any] = {"method": "PUT" if provider == "zendesk" else "POST", "path": NOTE}
        run.desk.faults.order("reset_before", **how)
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()
        run.desk.faults.reset()
        drafter.text = "It is repaired."
        run.desk.agent_update(ticket, agent=ANNA, tags_remove=["dh-accept"])
        run.desk.customer_reply(ticket, "Everything is still down, please.")
        run.settle()
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert [each.text.strip() for each in run.view(ticket).bot_replies] == ["It is repaired."]
        with reading(run.parts.engine) as connection:
            assert [each.text for each in drafts.in_state(connection, run.key(ticket), "sent")] == ["It is repaired."]


@each_helpdesk
def test_a_reply_that_waits_for_a_person_can_be_dropped(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()
        run.desk.faults.order("reset_before", method="PUT" if provider == "zendesk" else "POST", path=NOTE)
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        with run.parts.engine.begin() as connection:
            assert dead_letters.give_up(connection, run.key(ticket), run.parts.clock()) == 1
        with reading(run.parts.engine) as connection:
            assert not runs.waiting(connection)
            assert not drafts.in_state(connection, run.key(ticket), "accepted")


@each_helpdesk
def test_a_dead_worker_at_each_rebase_leaves_one_note(tmp_path: Path, provider: str) -> None:
    drafter = MeanwhileDrafter()
    with deskhand(tmp_path, provider, drafter=drafter, flow={"snapshot_fresh_s": 0.0}) as run:
        ticket = outage(run)
        delivered(run.desk)
        drafter.meanwhile = lambda: run.desk.agent_update(ticket, agent=ANNA, tags_add=["seen-by-anna"])
        die_at(run, "intent_stored", ticket)
        die_at(run, "response_received", ticket)
        run.settle()

        assert notes_written(run, ticket) == 1
        assert {"seen-by-anna", "vip-outage"} <= set(run.view(ticket).tags)
