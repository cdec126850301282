"""Calls to the helpdesk are the scarce thing: how many a ticket costs, and which events cost none."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import requests

from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.stories.config import SECRETS
from tests.end_to_end.api_calls import BURST_GOAL, GOALS, at_work, calls_of, new_ticket, spend, wait_until_done
from tests.harness.deskhand import PROVIDERS, Running
from tests.harness.nightly import size

pytestmark = pytest.mark.both_storages

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
OWN_EVENT_READS = {"zendesk": 0, "intercom": 0, "freshdesk": 1}  # Freshdesk's webhooks name no actor and no id
LEAST = {"zendesk": 2, "intercom": 4, "freshdesk": 4}  # read, (read before the tags), tag, priority (on Intercom a tag too), note


@each_helpdesk
def test_the_mix_of_tickets_stays_within_its_calls(tmp_path: Path, provider: str) -> None:
    count = size(20, 60)

    spent = spend(tmp_path, provider, count, pace_s=0.05)
    print(spent)

    assert spent.mean <= GOALS[provider], spent
    assert spent.burst <= BURST_GOAL * spent.one, spent
    assert spent.one == LEAST[provider]
    assert spent.notes >= count


@each_helpdesk
def test_a_repeated_delivery_costs_nothing(tmp_path: Path, provider: str) -> None:
    with at_work(tmp_path, provider) as run:
        delivery = run.desk.webhooks.sent[-1]

        assert calls_of(run, lambda: run.desk.webhooks.again(delivery)) <= OWN_EVENT_READS[provider]


@each_helpdesk
def test_our_own_writes_come_back_for_one_read_at_most(tmp_path: Path, provider: str) -> None:
    with at_work(tmp_path, provider, desk=_telling_all(provider)) as run:
        before = len(run.desk.webhooks.sent)

        calls = calls_of(run, lambda: new_ticket(run))

        assert len(run.desk.webhooks.sent) > before + 1  # our writes did come back
        assert calls <= LEAST[provider] + OWN_EVENT_READS[provider]


@each_helpdesk
def test_an_unknown_kind_of_event_costs_nothing(tmp_path: Path, provider: str) -> None:
    with at_work(tmp_path, provider) as run:
        before = len(run.desk.effects.effects())

        calls = calls_of(run, lambda: _send_unknown_kind(run))

        assert calls <= OWN_EVENT_READS[provider]
        assert len(run.desk.effects.effects()) == before


@each_helpdesk
def test_a_ticket_that_no_rule_is_for_costs_one_read(tmp_path: Path, provider: str) -> None:
    with at_work(tmp_path, provider) as run:
        calls = calls_of(run, lambda: new_ticket(run, subject="How do I export?"))

        assert calls == 1
        assert run.desk.effects.calls()[-1].method == "GET"


@each_helpdesk
def test_lists_and_people_are_read_once_by_four_workers_that_know_nothing(tmp_path: Path, provider: str) -> None:
    with at_work(tmp_path, provider, count=4, knows_people=False) as run:
        for number in range(8):
            new_ticket(run, number)
        wait_until_done(run)

        assert _lists_read(run)
        assert [path for path, times in Counter(_lists_read(run)).items() if times > 1] == []


def _lists_read(run: Running) -> list[str]:
    return [call.path for call in run.desk.effects.calls() if call.ticket is None and call.method == "GET"]


def _telling_all(provider: str) -> Desk | None:
    """Freshdesk with rules that leave nobody out; the others tell our own writes in any case."""
    return FreshdeskDesk(secret=SECRETS[provider], time_scale=0.001) if provider == "freshdesk" else None


def _send_unknown_kind(run: Running) -> None:
    """The last delivery once more as if it were of a kind that nobody knows, signed."""
    delivery = run.desk.webhooks.sent[-1]
    told = json.loads(delivery.body)
    match run.provider:
        case "zendesk":
            told |= {"type": "zen:event-type:ticket.sneezed_at", "id": "an-event-of-its-own"}
        case "intercom":
            told |= {"topic": "conversation.hologram.projected", "id": "notif_of-its-own"}
        case _:
            told["freshdesk_webhook"]["triggered_event"] = "{time_sheet_action:added}"
    body = json.dumps(told).encode()
    headers = {"Content-Type": "application/json", **delivery.headers, **run.desk.sign(body)}
    answer = requests.post(run.desk.webhooks.target or "", data=body, headers=headers, timeout=10)
    assert answer.status_code == 202
