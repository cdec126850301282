"""One ticket's whole way, on each helpdesk and in each shape of its webhooks: delivery in, decision, one set of writes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.desk import Desk
from sandbox.freshdesk.automations import Automation
from sandbox.freshdesk.desk import FreshdeskDesk
from sandbox.intercom.desk import IntercomDesk
from sandbox.stories.config import SECRETS
from sandbox.zendesk.desk import ZendeskDesk
from tests.harness.deskhand import ANNA, NINA, Running, deskhand

pytestmark = pytest.mark.both_storages

COMMON: dict[str, Any] = {"time_scale": 0.001}
VARIANTS: dict[str, Callable[[], Desk]] = {
    "zendesk event subscription": lambda: ZendeskDesk(secret=SECRETS["zendesk"], **COMMON),
    "zendesk trigger": lambda: _with_triggers(ZendeskDesk(secret=SECRETS["zendesk"], **COMMON)),
    "intercom modern": lambda: IntercomDesk(secret=SECRETS["intercom"], **COMMON),
    "intercom 2.15": lambda: IntercomDesk(version="2.15", secret=SECRETS["intercom"], **COMMON),
    "intercom legacy": lambda: IntercomDesk(shape="legacy", secret=SECRETS["intercom"], **COMMON),
    "intercom ticket": lambda: IntercomDesk(kind="ticket", secret=SECRETS["intercom"], **COMMON),
    "freshdesk simple": lambda: FreshdeskDesk(secret=SECRETS["freshdesk"], **COMMON),
    "freshdesk advanced": lambda: FreshdeskDesk(automation=Automation(content="advanced"), secret=SECRETS["freshdesk"], **COMMON),
}


def _with_triggers(desk: ZendeskDesk) -> ZendeskDesk:
    desk.mode = "triggers"
    return desk


@pytest.fixture(params=VARIANTS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    desk = VARIANTS[request.param]()
    with deskhand(tmp_path, desk.name, desk=desk) as running:
        yield running


def test_a_vip_outage_is_sorted_and_gets_one_note(run: Running) -> None:
    ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
    run.settle()

    view = run.view(ticket)

    assert (run.priority(ticket), view.team) == ("urgent", "Senior")
    assert "vip-outage" in view.tags
    assert len(view.bot_notes) == 1
    assert "We are on it" in view.bot_notes[0].text
    assert not view.bot_replies


def test_an_answer_and_another_question_bring_a_second_draft(run: Running) -> None:
    ticket = run.desk.create_ticket(requester=NINA, subject="How do I export my data?", body="All of it, please.")
    run.settle()
    run.desk.agent_reply(ticket, "Open Reports and choose Export.", agent=ANNA)
    run.settle()

    run.desk.customer_reply(ticket, "And only some columns?")
    run.settle()

    assert len(run.view(ticket).bot_notes) == 2
    assert not run.view(ticket).bot_replies


def test_an_accepted_draft_goes_out_once(run: Running) -> None:
    ticket = run.desk.create_ticket(requester=NINA, subject="How do I export my data?", body="All of it, please.")
    run.settle()

    run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
    run.poll()  # Intercom tells nothing of a tag on a ticket: there the poll finds it
    run.settle()

    view = run.view(ticket)
    assert len(view.bot_replies) == 1
    assert "dh-accept" not in view.tags
