"""F15: an object with the same key twice: no two readers may see two tickets in one delivery."""

from __future__ import annotations

import json
from pathlib import Path

from tests.faults.receiver_setup import answers_to, door, each_helpdesk, with_ticket


@each_helpdesk
def test_F15_is_refused_wherever_it_stands(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery().decode()
        name = "ticket_id" if provider == "freshdesk" else "id"
        twice = [
            '{"id": 1, "id": 2}',
            body.replace("{", '{"x": 1, "x": 2, ', 1),
            with_ticket(provider, body.encode(), f'"7", "{name}": "8"').decode(),
            body[:-1] + ', "y": [{"z": 1, "z": 1}]}',
            body[:-1] + ', "y": 1, "\\u0079": 2}',
        ]

        answers = answers_to(found, [each.encode() for each in twice])

        assert answers == [400] * len(twice)
        assert found.rows() == {}
        assert "twice" in found.knock(json.dumps({"a": 1})[:-1].encode() + b', "a": 2}').json()["error"]
