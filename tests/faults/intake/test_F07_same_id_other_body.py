"""F07: the same delivery id with another body."""

from __future__ import annotations

import json
from pathlib import Path

from bot.store import tickets
from bot.store.database.engine import reading
from tests.faults.receiver_setup import door, each_signer


@each_signer  # Freshdesk's webhooks have no id
def test_F07_is_kept_apart_counted_and_not_worked_on(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        found.knock(body)

        answer = found.knock(json.dumps(json.loads(body) | {"a": "new field"}).encode())

        assert (answer.status_code, answer.json()["conflict"]) == (202, True)
        assert (found.rows(), found.conflicts()) == ({"pending": 1}, 1)
        assert found.counted("conflict") == 1
        with reading(found.engine) as connection:
            assert tickets.unfinished(connection) == 1


@each_signer
def test_F07_a_retry_that_counts_itself_is_a_repeat_and_a_forgery_under_its_id_is_not(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        tries = [found.desk.nth_try(body, number) for number in (1, 2, 3)]
        forged = json.dumps(json.loads(tries[2]) | {"created_at": 1, "time": "2026-01-01T00:00:00Z"}).encode()

        said = [found.knock(each).json() for each in (*tries, forged)]

        assert len(set(tries)) == (3 if provider == "intercom" else 1)
        assert [each.get("duplicate", False) for each in said] == [False, True, True, False]
        assert [each.get("conflict", False) for each in said] == [False, False, False, True]
        assert (found.rows(), found.conflicts(), found.counted("conflict")) == ({"pending": 1}, 1, 1)
