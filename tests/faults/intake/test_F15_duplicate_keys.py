"""F15: an object with the same key twice. No two readers may see two tickets in one delivery, and none is lost: what a helpdesk's
own code makes is refused; in a template, whose words a customer may have made up, the template's own id counts, or it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.receiver_setup import answers_to, door, with_ticket

TEMPLATES = ["zendesk", "freshdesk"]


def twice(provider: str, body: str) -> list[bytes]:
    name = "ticket_id" if provider == "freshdesk" else "id"
    told = [
        body.replace("{", '{"x": 1, "x": 2, ', 1),
        body[:-1] + ', "y": [{"z": 1, "z": 1}]}',
        body[:-1] + ', "y": 1, "\\u0079": 2}',
        with_ticket(provider, body.encode(), f'"7", "{name}": "8"').decode(),
        '{"id": 1, "id": 2}',
    ]
    return [each.encode() for each in told]


def test_F15_what_no_customers_words_can_be_in_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    with door(tmp_path, "intercom") as found:
        bodies = twice("intercom", found.delivery().decode())

        assert answers_to(found, bodies) == [400] * len(bodies)
        assert found.rows() == {}
        assert "twice" in found.knock(json.dumps({"a": 1})[:-1].encode() + b', "a": 2}').json()["error"]


@pytest.mark.parametrize("provider", TEMPLATES)
def test_F15_a_template_with_one_ticket_in_it_is_read_and_one_with_two_is_kept(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        *readable, two_tickets, two_ids = twice(provider, found.delivery().decode())

        assert answers_to(found, readable) == [202] * len(readable)
        assert found.rows() == {"pending": len(readable)}
        assert answers_to(found, [two_ids]) == [202]
        assert found.rows() == {"pending": len(readable), "ignored": 1}
        assert "more than one ticket" in found.knock(two_ids).json()["ignored"]
        if provider == "zendesk":  # simple content of Freshdesk begins with its own id
            assert "more than one ticket" in found.knock(two_tickets).json()["ignored"]


@pytest.mark.parametrize("provider", TEMPLATES)
@pytest.mark.parametrize(
    ("body", "ticket"),
    [
        ('{"ticket_id": "48213", "subject": "x","ticket_id":"7","y":"", "event": "updated"}', "48213"),
        ('{"ticket_id": 48213, "subject": "x","ticket\\u005fid":7,"y":""}', "48213"),
        ('{"subject": "x","subject":"y", "ticket_id": "48213"}', "48213"),
        ('{"subject": "x","ticket_id":"7","y":"", "ticket_id": "48213"}', None),
        ('{"subject": "x","id":7,"y":"", "id": 48213}', None),
        ('{"event": "updated", "ticket": {"subject": "x"},"ticket":{"id":7},"y":{"z":"", "id": "48213"}}', None),
    ],
)
def test_F15_a_key_that_a_customer_made_up_never_chooses_the_ticket(
    tmp_path: Path, provider: str, body: str, ticket: str | None
) -> None:
    with door(tmp_path, provider) as found:
        answer = found.knock(body.encode())

        assert answer.status_code == 202
        assert found.rows() == ({"ignored": 1} if ticket is None else {"pending": 1})
        assert found.tickets() == [ticket]
