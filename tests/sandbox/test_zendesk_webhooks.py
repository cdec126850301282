"""What the Zendesk stand-in says by webhook: envelopes per change, one trigger body per submit."""

from __future__ import annotations

import json
from typing import Any

from sandbox.zendesk import ZendeskDesk
from tests.sandbox.zendesk_client import ANNA, BEN, opened, zendesk


def envelopes(desk: ZendeskDesk, since: int = 0) -> list[dict[str, Any]]:
    return [json.loads(delivery.body) for delivery in desk.webhooks.sent[since:]]


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [envelope["type"].removeprefix("zen:event-type:ticket.") for envelope in found]


def test_a_new_ticket_is_one_envelope() -> None:
    desk = ZendeskDesk()

    ticket = opened(desk)

    (envelope,) = envelopes(desk)
    assert envelope["type"] == "zen:event-type:ticket.created"
    assert envelope["subject"] == f"zen:ticket:{ticket}"
    assert envelope["zendesk_event_version"] == "2022-11-06"


def test_one_submit_is_several_deliveries_with_one_sequence() -> None:
    desk = ZendeskDesk()
    ticket = opened(desk)

    desk.agent_update(ticket, agent=ANNA, status="pending", priority="high", tags_add=["x"])

    found = envelopes(desk, since=1)
    assert sorted(kinds(found)) == ["priority_changed", "status_changed", "tags_changed"]
    assert len({envelope["event"]["meta"]["sequence"]["id"] for envelope in found}) == 1
    assert [envelope["event"]["meta"]["sequence"]["position"] for envelope in found] == [1, 2, 3]
    assert len({envelope["id"] for envelope in found}) == 3


def test_ids_are_text_and_enum_words_upper_case_in_an_envelope() -> None:
    desk = ZendeskDesk()
    ticket = opened(desk)

    desk.agent_update(ticket, agent=ANNA, status="pending")

    envelope = envelopes(desk)[-1]
    ids = [value for name, value in envelope["detail"].items() if name.endswith("_id") and value is not None]
    assert all(isinstance(value, str) for value in [*ids, envelope["detail"]["id"]])
    assert envelope["detail"]["status"] == "PENDING"
    assert (envelope["event"]["previous"], envelope["event"]["current"]) == ("NEW", "PENDING")
    assert envelope["detail"]["actor_id"] == str(desk.user(ANNA)["id"])


def test_a_write_by_the_api_emits_under_its_own_actor() -> None:
    with zendesk() as (desk, client):
        ticket = opened(desk)

        client.put(ticket, tags=["a"], comment={"body": "n", "public": False})

        found = envelopes(desk, since=1)
        bot = str(desk.user("deskhand.bot@example.com")["id"])
    assert sorted(kinds(found)) == ["comment_added", "tags_changed"]
    assert {envelope["detail"]["actor_id"] for envelope in found} == {bot}
    assert found[0]["event"]["comment"]["is_public"] is False


def test_a_refused_write_emits_nothing() -> None:
    with zendesk() as (desk, client):
        ticket = opened(desk)

        client.put(ticket, priority="huge", tags=["a"])

        assert len(desk.webhooks.sent) == 1


def test_a_merge_and_an_end_are_told() -> None:
    desk = ZendeskDesk()
    source, target = opened(desk), opened(desk)

    desk.merge(source, target, ANNA)
    desk.mark_spam(target)

    found = envelopes(desk, since=2)
    assert kinds(found)[0] == "merged"
    assert found[0]["event"]["target_ticket_id"] == target
    assert kinds(found)[-1] == "marked_as_spam"
    assert desk.view(target).is_spam


def test_an_assignment_tells_agent_group_and_status() -> None:
    desk = ZendeskDesk()
    ticket = opened(desk)

    desk.agent_update(ticket, agent=ANNA, assignee=BEN)

    assert sorted(kinds(envelopes(desk, since=1))) == ["agent_assignment_changed", "group_assignment_changed", "status_changed"]


def test_in_trigger_mode_a_submit_is_one_body_of_ids() -> None:
    desk = ZendeskDesk()
    desk.mode = "triggers"
    ticket = opened(desk)

    desk.agent_update(ticket, agent=ANNA, status="pending", priority="high")

    found = envelopes(desk)
    assert [body["event"] for body in found] == ["created", "updated"]
    assert found[1]["ticket_id"] == ticket
    assert found[1]["current_user"] == str(desk.user(ANNA)["id"])
    assert set(found[1]) == {"ticket_id", "updated_at", "current_user", "event"}


def test_the_signing_secret_is_told_to_the_admin() -> None:
    with zendesk() as (desk, client):
        answer = client.get("/webhooks/01ABC/signing_secret")

    assert answer == {"signing_secret": {"secret": desk.secret, "algorithm": "SHA256"}}
