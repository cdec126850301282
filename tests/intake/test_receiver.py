"""The receiver over real HTTP: what it does when it cannot take more in, or when something goes wrong inside.

What strangers and vendors may send: tests/faults/test_F01 to F25. That its logs hold nothing of all this: test_logs.py.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.intake.inbox import Inbox
from bot.log import Often, get_logger
from tests.faults.receiver_setup import WORDS, ReceiverSetup, door, each_helpdesk
from tests.harness.processes import wait_for

pytestmark = pytest.mark.both_storages


@each_helpdesk
def test_a_body_without_a_ticket_is_told_the_path(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answer = found.knock(_without_ticket(provider, found.delivery()))

        assert (answer.status_code, found.rows()) == (400, {})
        assert "$." in answer.json()["error"]
        assert WORDS not in answer.text


@pytest.mark.parametrize("provider", ["freshdesk", "zendesk"])  # where a person writes the template
def test_a_body_that_names_two_tickets_is_kept_with_its_reason(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = json.dumps({"subject": WORDS, "ticket_id": 7, "ticket": {"id": 42}}).encode()

        answer, again = found.knock(body), found.knock(body)

        assert (answer.status_code, found.rows()) == (202, {"ignored": 1})
        assert answer.json()["ignored"].startswith("unclear: the body names more than one ticket")
        assert again.json()["duplicate"] is True
        assert WORDS not in answer.text


@each_helpdesk
def test_a_locked_database_asks_the_sender_to_come_again(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        with closing(sqlite3.connect(tmp_path / "deskhand.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            answer = found.knock(body)
            took_s = time.monotonic() - started
            rows = found.rows()
            other.execute("ROLLBACK")
        again = found.knock(body)

        assert (answer.status_code, rows) == (503, {})
        assert 5 <= int(answer.headers["Retry-After"]) <= 55
        assert took_s < 3
        assert again.ok
        assert found.rows() == {"pending": 1}


@each_helpdesk
def test_too_many_waiting_deliveries_are_a_reason_to_refuse_until_they_are_fewer(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider, server={"max_backlog": 3}) as found:
        for _ in range(3):
            found.knock(found.delivery())

        wait_for("a refusal", lambda: found.knock(found.delivery()).status_code == 503)
        refused = found.knock(found.delivery())
        before = found.rows()["pending"]
        _work_off(found)
        wait_for("an open door", lambda: found.knock(found.delivery()).status_code == 202)

        assert 5 <= int(refused.headers["Retry-After"]) <= 55
        assert refused.json()["error"] == "too many deliveries wait"
        assert before < 100  # what came within the second that one look counts for


@each_helpdesk
def test_a_disk_that_is_nearly_full_is_a_reason_to_refuse(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider, server={"min_free_bytes": 2**60}) as found:
        wait_for("a refusal", lambda: found.knock(found.delivery()).status_code == 503)

        refused = found.knock(found.delivery())
        stranger = found.post(found.delivery(), {"Content-Type": "application/json"})

        assert refused.json()["error"] == "the disk is nearly full"
        assert 5 <= int(refused.headers["Retry-After"]) <= 55
        assert stranger.status_code == 401  # he learns nothing of our troubles


def test_whatever_goes_wrong_inside_is_a_503_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"about {WORDS}")

    monkeypatch.setattr(Inbox, "accept", broken)
    monkeypatch.setattr("webhooks.often", Often(get_logger("webhooks")))  # it has counted none of the tests before
    with door(tmp_path, "zendesk") as found:
        answers = [found.knock(found.delivery()) for _ in range(5)]

    said = "".join(capfd.readouterr())
    assert [each.status_code for each in answers] == [503] * 5
    assert all(5 <= int(each.headers["Retry-After"]) <= 55 for each in answers)
    assert not any("Traceback" in each.text or WORDS in each.text for each in answers)
    assert said.count("receiver.failed") == 1  # the others are counted, and told together
    assert "Traceback" not in said
    assert WORDS not in said


def _work_off(found: ReceiverSetup) -> None:
    with found.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'done'")


def _without_ticket(provider: str, body: bytes) -> bytes:
    """The delivery, of a known kind, with the ticket's id taken out."""
    told = json.loads(body)
    match provider:
        case "zendesk":
            told["subject"] = "zen:ticket:"
            del told["detail"]["id"]
        case "intercom":
            del told["data"]["item"]["id"]
        case _:
            del told["freshdesk_webhook"]["ticket_id"]
    return json.dumps(told).encode()
