"""One custom value, or one Freshdesk description, read as a ticket of a helpdesk would be: for cases of values and texts.

A case as JSON on standard input: {"provider": "intercom", "type": "bool", "value": "true"}, or for Freshdesk "description" and
"description_text". Out comes {"value", "body", "stripped"}, or {"unreadable": why} where the ticket could not be read.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from adapters.errors import PayloadUnexpected
from adapters.freshdesk import hydrate as freshdesk
from adapters.freshdesk.thread import Thread
from adapters.helpdesk import Account, FieldMapping
from adapters.intercom import hydrate as intercom
from adapters.intercom.dialect import Dialect
from adapters.raw import Raw
from adapters.ticket import Provider, Ticket
from adapters.zendesk import hydrate as zendesk
from bot.senses.reading import strip_reply

VENDOR = {Provider.ZENDESK: "1", Provider.INTERCOM: "X", Provider.FRESHDESK: "cf_x"}


def read(case: dict[str, Any]) -> Ticket:
    """The ticket of a case. Raises PayloadUnexpected."""
    provider, value = Provider(case["provider"]), case.get("value")
    mapping = FieldMapping(slug="x", vendor=VENDOR[provider], type=case.get("type", "text"))
    account = Account(name="case", provider=provider, address="http://case", fields=(mapping,))
    if provider is Provider.ZENDESK:
        raw = Raw({"id": 1, "status": "open", "requester_id": 9, "custom_fields": [{"id": 1, "value": value}]})
        return zendesk.to_ticket(zendesk.Found(ticket=raw), account, "", datetime.now(UTC))
    if provider is Provider.INTERCOM:
        author = {"type": "user", "id": "u"}
        source = {"type": "email", "body": "<p>Hello</p>", "author": author}
        conversation = {"id": "1", "state": "open", "created_at": 1_772_000_000, "source": source}
        attributes = {"custom_attributes": {"X": value}}
        return intercom.to_conversation(Raw(conversation | attributes), intercom.Around(), Dialect(account))
    said = {"description": case.get("description", "<div>Hello</div>"), "description_text": case.get("description_text", "Hello")}
    ticket = {"id": 1, "status": 2, "priority": 1, "source": 1, "requester_id": 9, "custom_fields": {"cf_x": value}}
    return freshdesk.to_ticket(Raw(ticket | said), Thread(), account, freshdesk.Known())


def main() -> None:
    try:
        ticket = read(json.load(sys.stdin))
    except PayloadUnexpected as error:
        print(json.dumps({"unreadable": str(error)}))
        return
    stripped = strip_reply(ticket.description)
    print(json.dumps({"value": ticket.custom.get("x"), "body": ticket.description, "stripped": stripped}))


if __name__ == "__main__":
    main()
