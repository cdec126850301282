"""F13: invalid UTF-8, UTF-16 and halves of surrogate pairs. On both databases."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from adapters.ticket import TicketKey, TicketKind
from bot.store import deliveries
from bot.store.database.engine import reading
from bot.store.database.schema import deliveries as table
from tests.faults.receiver_setup import ReceiverSetup, answers_to, door, each_helpdesk


@each_helpdesk
def test_F13_other_codings_are_refused(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        others = [body.decode().encode(coding) for coding in ("utf-16", "utf-16-le", "utf-32")]
        others += [body.replace(b"Zanzibar", b"Zanz\xffibar"), body.replace(b"Zanzibar", b"Zanz\xed\xa0\x80ibar"), b"\xff\xfe"]

        answers = answers_to(found, [each for each in others if each != body])

        assert set(answers) == {400}
        assert found.rows() == {}


@each_helpdesk
def test_F13_half_a_pair_is_stored_safely(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        _half_a_pair_is_stored(found)


@each_helpdesk
def test_F13_half_a_pair_is_stored_safely_on_postgresql(tmp_path: Path, provider: str, postgres_url: str) -> None:
    with door(tmp_path, provider, url=postgres_url) as found:
        _half_a_pair_is_stored(found)


def _half_a_pair_is_stored(found: ReceiverSetup) -> None:
    told = json.loads(found.delivery())
    odd = json.dumps(told).replace("Down", "\\ud800 Down \\udfff").encode()
    if found.provider == "zendesk":
        odd = odd.replace(b'"ticket.created"', b'"ticket.created\\ud83d"').replace(b":ticket.created", b":ticket.tags_changed")

    answer = found.knock(odd)

    assert answer.status_code == 202
    assert sum(found.rows().values()) == 1
    with reading(found.engine) as connection:
        (row,) = connection.execute(select(table))
        key = TicketKey(row.account, TicketKind(row.kind), row.external_id)
        assert len(deliveries.pending(connection, key)) == 1


@each_helpdesk
def test_F13_a_byte_order_mark_before_utf_8_is_read(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        assert found.knock(b"\xef\xbb\xbf" + found.delivery()).status_code == 202
