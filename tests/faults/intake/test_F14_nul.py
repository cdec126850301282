"""F14: NUL characters inside texts, which PostgreSQL's text does not take. The same on both databases."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from bot.store.database.engine import reading
from bot.store.database.schema import deliveries
from tests.faults.receiver_setup import ReceiverSetup, door, each_helpdesk


@each_helpdesk
def test_F14_is_stored_on_sqlite(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        _is_stored(found)


@each_helpdesk
def test_F14_is_stored_on_postgresql(tmp_path: Path, provider: str, postgres_url: str) -> None:
    with door(tmp_path, provider, url=postgres_url) as found:
        _is_stored(found)


def _is_stored(found: ReceiverSetup) -> None:
    """Everywhere in the payload: the body is kept as it came, and no text column holds a NUL."""
    told = json.loads(found.delivery())
    name = {"zendesk": "type", "intercom": "topic"}.get(found.provider)
    odd = json.dumps(told).replace("Down", "\\u0000Down\\u0000").replace("Zanzibar", "Zan\\u0000zibar")
    if name is not None:
        odd = odd.replace(json.dumps(told[name]), json.dumps(told[name] + "\0"))

    answer = found.knock(odd.encode())

    assert answer.status_code == 202
    with reading(found.engine) as connection:
        row = connection.execute(select(deliveries)).one()
    assert bytes(row.body) == odd.encode()
    assert [each for each in row if isinstance(each, str) and "\0" in each] == []
