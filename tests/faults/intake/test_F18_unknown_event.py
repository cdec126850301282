"""F18: an event of an unknown type."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store import tickets
from bot.store.database.engine import reading
from bot.store.database.schema import deliveries
from tests.faults.receiver_setup import door


@pytest.mark.parametrize(("provider", "name"), [("zendesk", "type"), ("intercom", "topic")])  # Freshdesk's authors name theirs
def test_F18_is_kept_and_ignored_with_its_reason(tmp_path: Path, provider: str, name: str) -> None:
    with door(tmp_path, provider) as found:
        unknown = json.loads(found.delivery()) | {name: "zen:event-type:ticket.sneezed_at"}

        answer = found.knock(json.dumps(unknown).encode())

        assert (answer.status_code, found.rows()) == (202, {"ignored": 1})
        assert answer.json()["ignored"].startswith("unknown_event")
        assert found.counted("ignored") == 1
        with reading(found.engine) as connection:
            assert tickets.unfinished(connection) == 0
            assert "sneezed_at" in connection.execute(select(deliveries.c.reason)).scalar_one()


def test_F18_an_intercom_ping_is_answered_and_not_worked_on(tmp_path: Path) -> None:
    with door(tmp_path, "intercom") as found:
        ping = json.loads(found.delivery()) | {"topic": "ping", "id": None}
        ping["data"]["item"] = {"type": "ping", "message": "hello"}

        answer = found.knock(json.dumps(ping).encode())

        assert answer.status_code == 202
        assert set(found.rows()) <= {"ignored"}


def test_F18_an_unknown_word_of_a_freshdesk_rule_means_look_at_the_ticket(tmp_path: Path) -> None:
    with door(tmp_path, "freshdesk") as found:
        body = {"ticket_id": "7", "triggered_event": "{sneezed:true}"}

        answer = found.knock(json.dumps(body).encode())

        assert (answer.status_code, found.rows()) == (202, {"pending": 1})
