"""`deskhand normalize`: events of every payload that we know, and a path for every one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import FIXTURES, Run

PAYLOADS = sorted(FIXTURES.glob("*/*.webhook.*"))
WRONG = {
    "freshdesk/missing_ticket_id.webhook.json": "$.freshdesk_webhook.ticket_id",
    "intercom/missing_ticket_id.webhook.json": "$.data.item.id",
    "zendesk/wrong_id.webhook.json": "$.detail.id",
}
KEYS = {"provider", "type", "ticket", "delivery_key", "actor", "actor_is_us", "occurred_at", "changes"}
NOT_OURS = ("company.created", "contact_tag", "user_tag", "ping", "unknown_event", "organization_event", "user_event")


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", [each for each in PAYLOADS if name_of(each) not in WRONG], ids=name_of)
def test_every_payload_gives_events(deskhand_command: Run, path: Path) -> None:
    result = deskhand_command("normalize", "--provider", path.parent.name, text=path.read_bytes())

    assert result.exit_code == 0, result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events
    for event in events:
        assert set(event) >= KEYS
        assert event["provider"] == path.parent.name
        assert event["delivery_key"]
        assert event["ticket"] is not None or path.name.startswith(NOT_OURS)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_payload_names_the_path_and_prints_nothing_else(deskhand_command: Run, name: str) -> None:
    path = FIXTURES / name

    result = deskhand_command("normalize", "--provider", path.parent.name, text=path.read_bytes())

    assert result.exit_code == 1
    assert result.stdout == ""
    assert WRONG[name] in result.stderr


@pytest.mark.parametrize("provider", ["zendesk", "intercom", "freshdesk"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Nina says that everything is down",
        b'{"subject": "Nina says", "ticket',
        b'["Nina says"]',
        b'{"id": {"Nina says": 1}}',
        b'{"topic": ["Nina says"], "type": "zen:event-type:ticket.created", "detail": "Nina says"}',
        b"\xff\xfe\x00N\x00i\x00n\x00a",
        b"<x>Nina says</x>",
        b"words=Nina+says",
        b'{"type": "notification_event", "topic": "conversation.user.created", "data": {"item": "Nina says"}}',
        b"[" * 100_000,
        b'{"ticket_id": "Nina says"}',
    ],
)
def test_nothing_of_a_customers_words_is_repeated(deskhand_command: Run, provider: str, body: bytes) -> None:
    result = deskhand_command("normalize", "--provider", provider, text=body)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"{provider}: $")
    assert "Nina" not in result.stderr


def test_who_did_it_and_what_changed_are_told(deskhand_command: Run) -> None:
    body = (FIXTURES / "zendesk" / "priority_changed.webhook.json").read_bytes()

    result = deskhand_command("normalize", "--provider", "zendesk", text=body)

    event = json.loads(result.stdout)
    assert event["type"] == "priority.changed"
    assert list(event["changes"]) == ["priority"]
    assert event["actor"]
    assert event["occurred_at"].endswith("+00:00")


def test_headers_may_come_from_a_file(deskhand_command: Run, tmp_path: Path) -> None:
    headers = tmp_path / "headers.json"
    headers.write_text('{"Content-Type": "application/x-www-form-urlencoded"}', encoding="utf-8")
    body = (FIXTURES / "freshdesk" / "reply_sent.webhook.form").read_bytes()

    result = deskhand_command("normalize", "--provider", "freshdesk", "--headers", str(headers), text=body)

    assert json.loads(result.stdout)["ticket"] == "48213"


@pytest.mark.parametrize("words", ["[]", "{", "nothing"])
def test_headers_that_are_no_object_are_refused(deskhand_command: Run, tmp_path: Path, words: str) -> None:
    headers = tmp_path / "headers.json"
    headers.write_text(words, encoding="utf-8")

    result = deskhand_command("normalize", "--provider", "freshdesk", "--headers", str(headers), text=b"{}")

    assert result.exit_code == 1
    assert "headers.json" in result.stderr


def test_an_unknown_provider_is_wrong_usage(deskhand_command: Run) -> None:
    assert deskhand_command("normalize", "--provider", "jira", text=b"{}").exit_code == 2
