"""What the stand-in Intercom sends: topics, shapes, signatures, the handshake."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from flask import Flask, request

from sandbox.intercom import IntercomDesk
from sandbox.serve import serving

ANNA = "anna.agent@example.com"
OTTO = "otto.ops@northwind.example"


@pytest.fixture
def desk() -> IntercomDesk:
    return IntercomDesk()


@pytest.fixture
def thread(desk: IntercomDesk) -> str:
    return desk.create_ticket(requester=OTTO, subject="Down", body="Nothing works")


def topics(desk: IntercomDesk) -> list[str]:
    return [each.topic for each in desk.webhooks.sent]


def sent(desk: IntercomDesk, place: int = -1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(desk.webhooks.sent[place].body)
    return found


def item(desk: IntercomDesk, place: int = -1) -> dict[str, Any]:
    found: dict[str, Any] = sent(desk, place)["data"]["item"]
    return found


def test_a_new_conversation_comes_without_parts_in_the_vendors_envelope(desk: IntercomDesk, thread: str) -> None:
    notification = sent(desk)

    assert (notification["type"], notification["topic"]) == ("notification_event", "conversation.user.created")
    assert notification["id"].startswith("notif_")
    assert (notification["delivery_status"], notification["delivery_attempts"]) == ("pending", 1)
    assert item(desk)["conversation_parts"]["total_count"] == 0
    assert (item(desk)["id"], item(desk)["source"]["author"]["email"]) == (thread, OTTO)


def test_a_reply_carries_only_the_part_that_triggered_it(desk: IntercomDesk, thread: str) -> None:
    desk.customer_reply(thread, "first")
    desk.customer_reply(thread, "second")

    parts = item(desk)["conversation_parts"]
    assert (parts["total_count"], parts["conversation_parts"][0]["body"]) == (1, "<p>second</p>")


def test_times_and_teammates_differ_from_rest(desk: IntercomDesk, thread: str) -> None:
    desk.agent_reply(thread, "Hello", ANNA)

    found = item(desk)
    assert found["statistics"]["first_admin_reply_at"].endswith(".000Z")
    assert isinstance(found["updated_at"], int)
    assert found["teammates"]["admins"][0]["type"] == "admin"


def test_each_change_of_one_submit_has_its_own_topic(desk: IntercomDesk, thread: str) -> None:
    desk.agent_update(
        thread, agent=ANNA, tags_add=["vip"], priority="urgent", team="Senior", assignee=ANNA, status="solved"
    )  # fmt: skip

    assert topics(desk)[1:] == [
        "conversation_part.tag.created",
        "conversation.priority.updated",
        "conversation.admin.assigned",
        "conversation.admin.assigned",
        "conversation.admin.closed",
    ]
    assert item(desk, 1)["tags_added"]["tags"][0]["name"] == "vip"
    assert item(desk, 2)["conversation_parts"]["conversation_parts"][0]["part_type"] == "priority_changed"


def test_closing_with_words_fires_two_topics_about_one_part(desk: IntercomDesk, thread: str) -> None:
    with desk.acting():
        desk.acts.close(desk.record(thread), desk.admin(ANNA), "Bye")

    assert topics(desk)[1:] == ["conversation.admin.replied", "conversation.admin.closed"]
    first, second = (item(desk, place)["conversation_parts"]["conversation_parts"][0]["id"] for place in (1, 2))
    assert first == second


def test_taking_a_tag_off_is_not_told(desk: IntercomDesk, thread: str) -> None:
    desk.agent_update(thread, agent=ANNA, tags_add=["vip"])
    before = len(desk.webhooks.sent)

    desk.agent_update(thread, agent=ANNA, tags_remove=["vip"])

    assert len(desk.webhooks.sent) == before


@pytest.mark.parametrize(
    ("verb", "arguments", "topic"),
    [
        ("agent_note", ("n", ANNA), "conversation.admin.noted"),
        ("rate", (2, "slow"), "conversation.rating.added"),
        ("mark_spam", (), "conversation.admin.closed"),
    ],
)
def test_verbs_and_their_topics(desk: IntercomDesk, thread: str, verb: str, arguments: tuple[Any, ...], topic: str) -> None:
    getattr(desk, verb)(thread, *arguments)

    assert topics(desk)[-1] == topic


def test_a_deletion_says_only_which_one_it_was(desk: IntercomDesk, thread: str) -> None:
    desk.delete(thread)

    assert (topics(desk)[-1], item(desk)) == ("conversation.deleted", {"type": "conversation", "conversation_id": thread})


def test_a_merge_is_told_as_a_closing_or_not_at_all(desk: IntercomDesk, thread: str) -> None:
    second, third = (desk.create_ticket(requester=OTTO, subject=name, body="b") for name in "bc")

    desk.merge(second, thread, ANNA)
    told = topics(desk)[-1]
    desk.merge_fires = False
    before = len(desk.webhooks.sent)
    desk.merge(third, thread, ANNA)

    assert (told, len(desk.webhooks.sent)) == ("conversation.admin.closed", before)


@pytest.mark.parametrize(("version", "priority"), [("2.15", "priority"), ("2.16", "urgent")])
def test_payloads_speak_the_apps_version(version: str, priority: str) -> None:
    desk = IntercomDesk(version=version)
    thread = desk.create_ticket(requester=OTTO, subject="s", body="b")

    desk.agent_update(thread, agent=ANNA, priority="urgent")

    assert item(desk)["priority"] == priority


def test_apps_on_1_x_get_the_legacy_shape() -> None:
    desk = IntercomDesk(shape="legacy")
    thread = desk.create_ticket(requester=OTTO, subject="s", body="b")

    desk.customer_reply(thread, "more")

    found = item(desk)
    assert (found["user"]["email"], found["assignee"]["type"]) == (OTTO, "nobody_admin")
    assert found["conversation_message"]["body"] == "<p>b</p>"
    assert found["conversation_parts"]["conversation_parts"][0]["body"] == "<p>more</p>"
    assert not {"source", "contacts", "priority", "statistics"} & set(found)


def test_tickets_carry_all_parts_and_assignees_as_texts() -> None:
    desk = IntercomDesk(kind="ticket")
    number = desk.create_ticket(requester=OTTO, subject="Down", body="b")
    created = item(desk)

    desk.agent_note(number, "one", ANNA)
    desk.agent_reply(number, "two", ANNA)
    replied = item(desk)
    desk.agent_update(number, agent=ANNA, status="solved")

    assert (created["type"], created["admin_assignee_id"], created["channel"]) == ("ticket", "0", "messenger")
    assert (replied["type"], replied["ticket"]["ticket_parts"]["total_count"]) == ("ticket_ticket_part", 2)
    assert replied["ticket_part"]["body"] == "<p>two</p>"
    assert topics(desk) == [
        "ticket.created", "ticket.note.created", "ticket.admin.replied", "ticket.state.updated", "ticket.closed",
    ]  # fmt: skip
    assert (item(desk)["type"], item(desk)["open"]) == ("ticket", False)


def test_no_topic_of_conversations_speaks_of_a_ticket() -> None:
    desk = IntercomDesk(kind="ticket")
    first, second, third = (desk.create_ticket(requester=OTTO, subject=name, body="b") for name in "abc")

    desk.customer_reply(first, "more")
    desk.agent_update(first, agent=ANNA, tags_add=["vip"], team="Senior", assignee=ANNA, status="on_hold")
    desk.agent_update(first, agent=ANNA, status="open")
    desk.merge(second, first, ANNA)
    desk.rate(first, 5)
    desk.mark_spam(first)
    desk.delete(third)

    assert {topic.partition(".")[0] for topic in topics(desk)} == {"ticket"}


def test_unsubscribed_topics_are_not_sent() -> None:
    desk = IntercomDesk(topics=frozenset({"conversation.user.created"}))
    thread = desk.create_ticket(requester=OTTO, subject="s", body="b")

    desk.agent_note(thread, "n", ANNA)

    assert topics(desk) == ["conversation.user.created"]


def test_the_signature_is_sha1_over_the_raw_body(desk: IntercomDesk) -> None:
    wanted = hmac.new(desk.secret.encode(), b'{"a": 1}', hashlib.sha1).hexdigest()

    assert desk.sign(b'{"a": 1}') == {"X-Hub-Signature": f"sha1={wanted}"}


def test_saving_an_address_sends_head_and_a_ping_without_id(desk: IntercomDesk) -> None:
    app, seen = Flask("receiver"), list[tuple[str, bytes, str]]()

    @app.route("/hook", methods=["GET", "POST"])
    def hook() -> str:
        seen.append((request.method, request.get_data(), request.headers.get("X-Hub-Signature", "")))
        return ""

    with serving(app) as address:
        status = desk.subscribe(f"{address}/hook")
        assert desk.wait_idle()
        desk.webhooks.stop()

    assert (status, [method for method, _, _ in seen]) == (200, ["HEAD", "POST"])
    ping = json.loads(seen[1][1])
    assert (ping["topic"], ping["id"], ping["delivery_status"]) == ("ping", None, None)
    assert seen[1][2] == desk.sign(seen[1][1])["X-Hub-Signature"]
