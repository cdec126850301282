"""What a hostile reader of the flow tried: news that come while a run writes, plans that are taken up, long lists of requests."""

from __future__ import annotations

from pathlib import Path

from tests.flow.harness import ANNA, deskhand
from tests.flow.test_promises import MeanwhileDrafter, each_helpdesk, outage


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
