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
