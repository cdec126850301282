"""What the flow promises whatever happens: one set of writes, nobody's edit overwritten, loops stop, failures end well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.drafts import Draft, DraftAsk
from bot.pipeline.claim import run_ticket
from bot.store import dead_letters, deliveries, drafts, tickets
from bot.store.database.engine import reading
from sandbox.deliver import Trouble
from tests.harness.deskhand import ANNA, NINA, PROVIDERS, Running, ScriptedDrafter, delivered, deskhand, to_shadow
from tests.harness.servers import wait_for

pytestmark = pytest.mark.both_storages

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
NOTE = r"/notes|/reply|/api/v2/tickets/\d+(\.json)?$"


class MeanwhileDrafter(ScriptedDrafter):
    """Something happens at the helpdesk while the first draft is written: after the read, before the write."""

    meanwhile: Callable[[], None] | None = None

    def draft(self, ask: DraftAsk) -> Draft:
        happening, self.meanwhile = self.meanwhile, None
        if happening is not None:
            happening()
        return super().draft(ask)


def outage(run: Running) -> str:
    return run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")


def notes_written(run: Running, ticket: str) -> int:
    """How many notes the helpdesk applied, by its own log."""
    return sum("note" in each.changes for each in run.desk.effects.effects() if each.ticket == ticket)


def assert_written_once(run: Running, ticket: str) -> None:
    view = run.view(ticket)
    assert (run.priority(ticket), view.team) == ("urgent", "Senior")
    assert "vip-outage" in view.tags
    assert len(view.bot_notes) == 1
    assert not view.bot_replies
    assert notes_written(run, ticket) == 1


@each_helpdesk
def test_each_delivery_ten_times_at_once_and_out_of_order_gives_one_set_of_writes(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.webhooks.trouble = Trouble(duplicate=10, shuffle_s=0.2)

        ticket = outage(run)
        run.desk.customer_reply(ticket, "Still down, all sites.")
        run.settle(30)

        view = run.view(ticket)
        assert (run.priority(ticket), view.team) == ("urgent", "Senior")
        assert len(view.bot_notes) <= 2  # one for each customer message, at most
        assert len({each.text for each in view.bot_notes}) == len(view.bot_notes)


@each_helpdesk
def test_a_single_delivery_ten_times_at_once_gives_one_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.webhooks.trouble = Trouble(duplicate=10)

        ticket = outage(run)
        run.settle()

        assert_written_once(run, ticket)


@each_helpdesk
@pytest.mark.parametrize("fault", ["reset_after_commit", "truncate", "502"])
def test_a_write_whose_answer_is_lost_is_found_and_not_repeated(tmp_path: Path, provider: str, fault: str) -> None:
    with deskhand(tmp_path, provider) as run:
        for method in ("PUT", "POST", "DELETE"):
            run.desk.faults.order(fault, method=method, times=1, commit=fault == "502")

        ticket = outage(run)
        run.settle()

        assert_written_once(run, ticket)


@each_helpdesk
def test_a_write_that_never_arrived_is_sent_again_after_the_settle_time(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        for method in ("PUT", "POST"):
            run.desk.faults.order("reset_before", method=method, times=1)

        ticket = outage(run)
        run.settle()

        assert_written_once(run, ticket)


@each_helpdesk
def test_a_stale_read_after_a_lost_answer_does_not_bring_a_second_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow={"settle_s": 1.0}) as run:
        ticket = outage(run)
        run.desk.faults.order("reset_after_commit", method="PUT" if provider == "zendesk" else "POST", path=NOTE)
        run.desk.faults.order("stale_read", after_n=4, times=2, seconds=5.0)
        run.settle(20)

        assert notes_written(run, ticket) == 1


@each_helpdesk
def test_an_agents_edit_between_read_and_write_survives(tmp_path: Path, provider: str) -> None:
    drafter = MeanwhileDrafter()
    with deskhand(tmp_path, provider, drafter=drafter, flow={"snapshot_fresh_s": 0.0}) as run:
        ticket = outage(run)
        drafter.meanwhile = lambda: run.desk.agent_update(
            ticket, agent=ANNA, priority="high", tags_add=["seen-by-anna"], team="Billing"
        )
        run.settle()

        view = run.view(ticket)
        assert (run.priority(ticket), view.team) == ("high", "Billing")
        assert {"seen-by-anna", "vip-outage"} <= set(view.tags)
        assert notes_written(run, ticket) >= 1


@each_helpdesk
def test_a_field_that_a_person_changed_after_us_is_left_alone(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()
        run.desk.agent_update(ticket, agent=ANNA, priority="low", tags_remove=["vip-outage", "priority-urgent"])
        run.settle()

        run.desk.customer_reply(ticket, "It is down again!")
        run.settle()

        view = run.view(ticket)
        assert run.priority(ticket) in ("low", "none")  # Intercom has no low: its agent took the tag off
        assert "vip-outage" not in view.tags


@each_helpdesk
def test_our_own_writes_bring_no_writes(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()
        written = len(run.desk.effects.effects())
        calls = len(run.desk.effects.calls())

        run.settle()

        assert len(run.desk.effects.effects()) == written
        assert len(run.desk.effects.calls()) - calls == 0
        own = [row for row in run.newest_runs(ticket) if row["reason"] != "nothing changed"]
        assert len(own) == 1


@each_helpdesk
def test_a_loop_of_two_bots_is_answered_three_times_and_then_late(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        for round_ in range(6):
            run.settle()
            run.desk.customer_reply(ticket, f"Automatic answer number {round_}: everything is down")
        run.settle()

        assert notes_written(run, ticket) == 4  # on the outage, and three answers
        with reading(run.parts.engine) as connection:
            assert dead_letters.everything(connection) == []
            assert tickets.put_off(connection) == 1


@each_helpdesk
def test_what_was_set_aside_can_be_taken_up_again(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow={"max_failures": 2}) as run:
        run.desk.faults.order("500", method="GET", times=6)
        ticket = outage(run)
        run.settle()
        assert not run.view(ticket).bot_notes

        with run.parts.engine.begin() as connection:
            assert dead_letters.take_up(connection, run.key(ticket), run.parts.clock()) >= 1
        run.settle()

        assert_written_once(run, ticket)


@each_helpdesk
def test_a_rate_limit_delays_and_loses_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.faults.order("429", times=2, retry_after=1)

        ticket = outage(run)
        run.settle()

        assert_written_once(run, ticket)
        with reading(run.parts.engine) as connection:
            assert deliveries.counts(connection).get("parked", 0) == 0


@each_helpdesk
def test_shadow_mode_decides_and_writes_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        to_shadow(run)

        ticket = outage(run)
        run.settle()

        assert not run.desk.effects.effects()
        assert [row["mode"] for row in run.newest_runs(ticket)] == ["shadow"]
        assert '"urgent"' in run.newest_runs(ticket)[0]["plan"]


@each_helpdesk
def test_a_deleted_ticket_ends_quietly(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.desk.delete(ticket)
        run.settle()

        with reading(run.parts.engine) as connection:
            assert not dead_letters.everything(connection)
        assert not run.desk.effects.effects()


@each_helpdesk
def test_an_accepted_draft_is_sent_once(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()

        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        view = run.view(ticket)
        assert [each.text.strip() for each in view.bot_replies] == ["We are on it and write again within the hour."]
        assert "dh-accept" not in view.tags
        assert len(view.bot_notes) == 2  # the draft, and that it was sent


@each_helpdesk
@pytest.mark.parametrize(("tag", "state"), [("dh-reject", "rejected"), ("dh-edit", "taken_over")])
def test_a_rejected_or_taken_over_draft_is_not_sent(tmp_path: Path, provider: str, tag: str, state: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()

        run.desk.agent_update(ticket, agent=ANNA, tags_add=[tag])
        run.settle()

        view = run.view(ticket)
        assert not view.bot_replies
        assert tag not in view.tags
        with reading(run.parts.engine) as connection:
            assert [each.state for each in drafts.in_state(connection, run.key(ticket), state)] == [state]


@each_helpdesk
def test_an_agents_own_reply_retires_the_draft_and_is_compared(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()

        run.desk.agent_reply(ticket, "We are on it and write again within the hour.", agent=ANNA)
        run.settle()

        with reading(run.parts.engine) as connection:
            assert len(drafts.in_state(connection, run.key(ticket), "retired")) == 1
            assert not drafts.in_state(connection, run.key(ticket), "live")


@each_helpdesk
def test_an_acceptance_after_a_newer_message_sends_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()

        run.desk.customer_reply(ticket, "Never mind, thank you.")
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert not run.view(ticket).bot_replies


@each_helpdesk
def test_an_accepted_reply_whose_answer_is_lost_is_found_and_not_repeated(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()
        run.desk.faults.order("reset_after_commit", method="PUT" if provider == "zendesk" else "POST", path=NOTE)

        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert len(run.view(ticket).bot_replies) == 1


@each_helpdesk
def test_an_accepted_reply_that_nobody_can_find_waits_for_a_person(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle()
        run.desk.faults.order("reset_before", method="PUT" if provider == "zendesk" else "POST", path=NOTE)

        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert not run.view(ticket).bot_replies
        assert "waiting" in [row["state"] for row in run.newest_runs(ticket)]


@each_helpdesk
def test_a_late_draft_comes_in_a_note_of_its_own(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, drafter=ScriptedDrafter(wait_s=1.0), drafts={"urgent_patience_s": 0.1}) as run:
        ticket = outage(run)
        run.settle()
        _wait_for_draft(run, ticket)
        run.settle()

        assert run.priority(ticket) == "urgent"
        assert any("We are on it" in each.text for each in run.view(ticket).bot_notes)


def _wait_for_draft(run: Running, ticket: str) -> None:
    def came() -> bool:
        with reading(run.parts.engine) as connection:
            return not drafts.in_state(connection, run.key(ticket), "asked")

    wait_for("the draft", came)


@each_helpdesk
def test_a_team_that_does_not_exist_costs_only_itself_and_is_said(tmp_path: Path, provider: str) -> None:
    rules = tmp_path / "wrong_team.yaml"
    rules.write_text(
        "rules:\n"
        "  - id: wrong-team\n"
        "    when: {subject: {has: down}}\n"
        "    then:\n"
        "      - add_tags: [seen]\n"
        "      - assign_team: No Such Team\n"
        "      - add_note: Look at this.\n"
    )
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        ticket = outage(run)
        run.settle()

        view = run.view(ticket)
        assert "seen" in view.tags
        assert view.team is None
        assert len(view.bot_notes) == 1
        assert any("No Such Team" in row["reason"] for row in run.newest_runs(ticket))


@each_helpdesk
def test_our_own_earlier_change_in_the_same_run_is_no_persons_decision(tmp_path: Path, provider: str) -> None:
    rules = tmp_path / "two_steps.yaml"
    rules.write_text(
        "rules:\n"
        "  - id: first\n"
        "    when: {customer_messages: {under: 2}}\n"
        "    then: [{assign_team: Tier 1}]\n"
        "  - id: then\n"
        "    when: {customer_messages: {at_least: 2}}\n"
        "    then: [{assign_team: Tier 2}]\n"
    )
    with deskhand(tmp_path, provider, rules=str(rules), flow={"rest_s": 1.0}) as run:
        ticket = outage(run)
        delivered(run.desk)
        _work_once(run, ticket)  # the helpdesk's words about our own write now wait together with the customer's next
        run.desk.customer_reply(ticket, "And another thing.")
        run.settle()

        assert run.view(ticket).team == "Tier 2"


def _work_once(run: Running, ticket: str) -> None:
    wait_for("a free ticket", lambda: run_ticket(run.key(ticket), run.parts))
