"""What an automation says set it off: `triggered_event`, which looks like JSON and is not.

`{ticket_action:created}`, `{status:{from:4,to:6}}`, `{note_type:private}`, `{reply_sent:sent}`: words without quotes. Read
leniently and in one pass: whatever cannot be understood is left out, nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from adapters.freshdesk.tables import PRIORITY, STATUS
from adapters.ticket import Changes, EventType

MAX_LENGTH = 4000
_MAX_DEPTH = 8
_PART = re.compile(r"""[{}:,]|"[^"]*"|'[^']*'|[^{}:,"']+|["']""")

Words = dict[str, "str | Words"]


@dataclass(frozen=True, slots=True)
class Trigger:
    type: EventType
    changes: Changes
    kind_raw: str


def read_trigger(text: str) -> Trigger:
    """The event's type, its changes in our words, and the text itself; `ticket.updated` where it says nothing we know."""
    text = "".join(char for char in text[:MAX_LENGTH] if char.isprintable())  # no NUL and no half of a pair goes on from here
    words = read_words(text)
    kinds = [_kind(name, value) for name, value in words.items()]
    known = [kind for kind in kinds if kind is not EventType.TICKET_UPDATED]
    changes = {name: _change(name, value) for name, value in words.items() if name in _FIELD and isinstance(value, dict)}
    return Trigger(known[0] if known else EventType.TICKET_UPDATED, changes, text[:200])


# What the names in triggered_event stand for. `ticket_action`, `status` and `note_type` were seen, the others are read
# in good faith: an unknown one means that the ticket was updated.
# https://support.freshdesk.com/support/solutions/articles/132589
_BY_NAME = {
    "status": EventType.STATUS_CHANGED,
    "priority": EventType.PRIORITY_CHANGED,
    "note_type": EventType.NOTE_CREATED,
    "reply_sent": EventType.AGENT_REPLIED,
    "agent": EventType.ASSIGNEE_CHANGED,
    "responder_id": EventType.ASSIGNEE_CHANGED,
    "tags": EventType.TAGS_CHANGED,
    "tag": EventType.TAGS_CHANGED,
    "rating": EventType.RATING_RECEIVED,
    "customer_feedback": EventType.RATING_RECEIVED,
}
_BY_ACTION = {
    "created": EventType.TICKET_CREATED,
    "deleted": EventType.TICKET_DELETED,
    "merged": EventType.TICKET_MERGED,
}
_FIELD: Mapping[str, Callable[[int], str | None]] = {
    "status": lambda value: STATUS[value].value if value in STATUS else None,
    "priority": lambda value: PRIORITY[value].value if value in PRIORITY else None,
}


def _kind(name: str, value: str | Words) -> EventType:
    if name == "ticket_action":
        return _BY_ACTION.get(value.casefold(), EventType.TICKET_UPDATED) if isinstance(value, str) else EventType.TICKET_UPDATED
    return _BY_NAME.get(name, EventType.TICKET_UPDATED)


def _change(name: str, value: Words) -> tuple[str | None, str | None]:
    return _ours(name, value.get("from")), _ours(name, value.get("to"))


def _ours(name: str, value: str | Words | None) -> str | None:
    """Our word for a number, else the vendor's own text (a status that the customer made)."""
    if not isinstance(value, str):
        return None
    is_number = value.isascii() and value.isdecimal() and len(value) < 10
    return (_FIELD[name](int(value)) if is_number else None) or value


def read_words(text: str) -> Words:
    """Names and values in nested braces; quotes are optional, the last of two equal names wins."""
    parts = (part.strip() for part in _PART.findall(text[:MAX_LENGTH]))
    return _object((part for part in parts if part), 0)


def _object(parts: Iterator[str], depth: int) -> Words:
    words: Words = {}
    name = ""
    wants_value = False
    for part in parts:
        if part == "}":
            if depth:
                break
        elif part == "{":
            inside = _object(parts, depth + 1) if depth < _MAX_DEPTH else {}
            if wants_value:
                words[name] = inside
            elif not depth:
                words.update(inside)
            wants_value = False
        elif part == ":":
            wants_value = bool(name)
        elif part == ",":
            name, wants_value = "", False
        elif wants_value:
            words[name] = part.strip("\"'")
            wants_value = False
        else:
            name = part.strip("\"'").casefold()
    return words
