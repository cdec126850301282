"""A person who lowers the priority that we set has decided, also where a tag had to carry ours: nothing raises it again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.deskhand import ANNA, NINA, Running, deskhand

RULES = """
rules:
  - {id: fault, name: A fault, when: {last_message: {has: error}}, then: [{raise_priority: high}]}
  - {id: loss, name: A loss, when: {last_message: {has: lost}}, then: [{raise_priority: urgent}]}
"""
ACCOUNTS = ["freshdesk", "intercom 2.7", "intercom 2.16", "intercom Preview"]  # the parity corpus has Zendesk's


def _with_version(run: Running, version: str) -> None:
    account = run.config.settings.accounts[0].model_copy(update={"options": {"version": version} if version else {}})
    run.parts.config = replace(run.config, settings=run.config.settings.model_copy(update={"accounts": (account,)}))


@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_priority_that_a_person_lowered_stays_low(tmp_path: Path, account: str) -> None:
    provider, _, version = account.partition(" ")
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        _with_version(run, version)
        ticket = run.desk.create_ticket(requester=NINA, subject="Printer", body="It shows an error.")
        run.settle()
        put_on = run.view(ticket)
        run.desk.agent_update(ticket, agent=ANNA, priority="low")
        run.settle()
        run.desk.customer_reply(ticket, "We lost everything!")
        run.settle()

        view, newest = run.view(ticket), run.newest_runs(ticket)[0]
    is_native = provider != "intercom" or version == "Preview"
    assert (put_on.priority == "high") if is_native else ("priority-high" in put_on.tags)
    assert view.priority == "low"
    assert "priority-urgent" not in view.tags
    assert '"field":"priority"' in newest["yielded"]


def test_a_person_who_takes_the_carrier_off_has_lowered_it_too(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    with deskhand(tmp_path, "intercom", rules=str(rules)) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Printer", body="It shows an error.")
        run.settle()
        run.desk.agent_update(ticket, agent=ANNA, tags_remove=["priority-high"])
        run.desk.customer_reply(ticket, "We lost everything!")
        run.settle()

        view, newest = run.view(ticket), run.newest_runs(ticket)[0]
    assert not [tag for tag in view.tags if tag.startswith("priority-")]
    assert '"field":"priority"' in newest["yielded"]
