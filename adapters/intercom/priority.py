"""Which of two words for a conversation's priority counts: the native one, or the carrier by which we had to say ours.

The carrier is a tag, or the attribute of options.priority_attribute (dialect.py). The newer of the two is what somebody wanted
last: a person who lowers the native priority below our tag has decided, and so has one who takes the tag off. Intercom tells both
times: a change of the native word is a part of the thread, a tag says when it was applied.
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/conversation_part
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapters.intercom.dialect import PRIORITY, PRIORITY_TAG, Dialect
from adapters.raw import Raw
from adapters.ticket import Priority

_OF_TAG = {tag: priority for priority, tag in PRIORITY_TAG.items()}


@dataclass(frozen=True, slots=True)
class _Word:
    """`at`: when it was said, None where that is not told. `is_ours`: by our own user."""

    priority: Priority
    at: datetime | None
    is_ours: bool = False


def read_priority(raw: Raw, parts: Iterable[Raw], dialect: Dialect, our_id: str) -> Priority:
    """The priority of a conversation or ticket. `parts`: the thread as it was read, whose bound may cut an old change off."""
    listed = list(parts)
    native = _native(raw, listed)
    if dialect.writes_priority:
        return native.priority
    carrier = _attribute(raw, listed, dialect) if dialect.priority_attribute else _tag(raw, our_id)
    return native.priority if carrier is None else _last_word(native, carrier)


def _last_word(native: _Word, carrier: _Word) -> Priority:
    higher = max(native.priority, carrier.priority, key=lambda each: each.rank)
    if native.at is None or carrier.at is None:
        return higher
    if native.at != carrier.at:
        return native.priority if native.at > carrier.at else carrier.priority
    # Times are whole seconds. What we carried was decided on a read before, so the change of another is the later one.
    return native.priority if carrier.is_ours else higher


def _native(raw: Raw, parts: list[Raw]) -> _Word:
    changed = [part for part in parts if part["part_type"].value == "priority_changed"]
    return _Word(PRIORITY.get(raw["priority"].text(default=""), Priority.NONE), _newest(changed, "created_at"))


def _tag(raw: Raw, our_id: str) -> _Word | None:
    """The carrier tag that was applied last; of several at once the highest."""
    found = [
        _Word(_OF_TAG[name], each["applied_at"].time(default=None), each["applied_by"]["id"].text(default="") == our_id != "")
        for each in raw["tags"]["tags"].items()
        if (name := each["name"].text(default="").casefold()) in _OF_TAG
    ]
    if any(each.at is None for each in found):
        return max(found, key=lambda each: each.priority.rank)
    return max(found, key=lambda each: (each.at, each.priority.rank), default=None)


def _attribute(raw: Raw, parts: list[Raw], dialect: Dialect) -> _Word | None:
    """The attribute's word, and when it was changed; the part names no author, whoever it was."""
    name = dialect.priority_attribute
    value = raw["ticket_attributes" if dialect.is_ticket else "custom_attributes"][name].text(default="").strip().casefold()
    if not value:
        return None
    told = [part for part in parts if part["part_type"].text(default="").startswith("conversation_attribute_updated")]
    changed = [part for part in told if part["event_details"]["attribute"]["name"].value == name]
    priority = Priority(value) if value in set(Priority) else PRIORITY.get(value, Priority.NONE)
    return _Word(priority, _newest(changed, "created_at"), is_ours=True)


def _newest(places: list[Raw], name: str) -> datetime | None:
    times = [at for each in places if (at := each[name].time(default=None)) is not None]
    return max(times, default=None)
