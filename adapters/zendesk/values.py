"""Single values of Zendesk in our types: custom fields, channels. A value of another type than the mapping says is None;
the vendor's own stays in `raw`.
"""

from __future__ import annotations

from adapters.errors import PayloadUnexpected
from adapters.raw import Raw
from adapters.ticket import Channel, CustomValue, Json
from adapters.zendesk.tables import CHANNEL, word


def to_channel(place: Raw) -> Channel:
    """From a word or a number; unknown ones are Channel.OTHER."""
    return CHANNEL.get(word(place.text(default="")), Channel.OTHER)


def custom_value(place: Raw, kind: str) -> CustomValue:
    """A custom field's value by the type of its mapping (text, number, bool, date, enum, multi).

    https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
    """
    try:
        return _typed(place, kind)
    except PayloadUnexpected:
        return None


def _typed(place: Raw, kind: str) -> CustomValue:
    if not place.is_there:
        return None
    if kind == "number":
        return place.number()
    if kind == "bool":
        return _flag(place)
    if kind == "date":
        place.time()
        return place.text()
    if kind == "multi":
        return tuple(each.text() for each in place.items())
    return place.text()


def _flag(place: Raw) -> bool:
    """A checkbox; organisations' and users' fields may hold it as text."""
    if isinstance(place.value, str) and place.value.lower() in ("true", "false"):
        return place.value.lower() == "true"
    return place.flag()


def plain_value(place: Raw) -> CustomValue:
    """A field without a mapping: as it is, if it is a single value."""
    value = place.value
    return value if isinstance(value, str | int | float | bool) else None


def to_wire(value: CustomValue) -> Json:
    """A custom field's value as Zendesk takes it: several choices as a list."""
    return [*value] if isinstance(value, tuple) else value
