"""What the tests of reading share: conversations with parts and tags laid out, read without a call."""

from __future__ import annotations

from typing import Any

from adapters.intercom.dialect import Dialect
from adapters.intercom.hydrate import Around, to_conversation
from adapters.raw import Raw
from adapters.ticket import Ticket
from tests.adapters.intercom.conftest import account, answer

T = 1768032000


def conversation(*parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    listed = {"conversation_parts": list(parts), "total_count": len(parts)}
    found: dict[str, Any] = answer("conversation")
    return found | {"conversation_parts": listed, "tags": {"tags": []}} | changes


def part(kind: str, author: str, at: int, body: str | None = "<p>Hi</p>", **author_also: Any) -> dict[str, Any]:
    return {
        "id": str(at),
        "part_type": kind,
        "body": body,
        "created_at": T + at,
        "author": {"type": author, "id": "7001"} | author_also,
    }


def read(raw: dict[str, Any], **options: Any) -> Ticket:
    return to_conversation(Raw(raw), Around(our_id="7009"), Dialect(account(**options)))


def tagged(*names: str, at: int | None = None, by: str = "7001") -> dict[str, Any]:
    who = {"type": "admin", "id": by}
    return {"tags": [{"id": str(place), "name": name, "applied_at": at, "applied_by": who} for place, name in enumerate(names)]}
