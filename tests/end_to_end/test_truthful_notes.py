"""A note claims what its requests confirmed: what an agent decided meanwhile, or a helpdesk would not take, is told as that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.drafts import Draft, DraftAsk
from sandbox.stories.config import SECRETS
from tests.harness.deskhand import ANNA, DESKS, NINA, PROVIDERS, deskhand

pytestmark = pytest.mark.both_storages

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


class DrafterWithCompany:
    """While it writes, between the read of the ticket and the writes, an agent acts."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[str], object] = lambda ticket: None

    def draft(self, ask: DraftAsk) -> Draft:
        self.meanwhile(ask.ticket.external_id)
        return Draft(text="We are on it.", language="en")


@each_helpdesk
def test_what_an_agent_decided_meanwhile_is_told_as_theirs(tmp_path: Path, provider: str) -> None:
    """V2, agent_edits_meanwhile: Zendesk answers 409; at the others the ticket is read again before the write."""
    drafter = DrafterWithCompany()
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001)
    with deskhand(tmp_path, provider, desk=desk, drafter=drafter, flow={"snapshot_fresh_s": 0}) as run:
        drafter.meanwhile = lambda ticket: run.desk.agent_update(ticket, agent=ANNA, team="Tier 1")
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()

        [note] = run.view(ticket).bot_notes
        assert run.view(ticket).team == "Tier 1"
        assert "team (Tier 1)" in note.text
        assert "team Senior" not in note.text
        assert "vip-outage" in note.text


NOBODYS = """
rules:
  - id: nobodys
    when: {subject: {has: down}}
    then: [{assign_team: Nobody at all}, {add_tags: [seen]}, {add_note: Look at this.}]
"""


@each_helpdesk
def test_a_team_that_is_not_there_is_told_as_not_possible(tmp_path: Path, provider: str) -> None:
    """V2: at Intercom the name is looked up when the call is made."""
    rules = tmp_path / "nobodys.yaml"
    rules.write_text(NOBODYS, encoding="utf-8")
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()

        view = run.view(ticket)
        [note] = view.bot_notes
        assert "seen" in view.tags
        assert "Not possible here: " in note.text
        _, _, refused = note.text.partition("Not possible here: ")
        assert "Nobody at all" in refused
        assert note.text.count("Nobody at all") == refused.count("Nobody at all")
