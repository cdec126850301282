"""Single values of Zendesk: a channel in our words, a custom field's value in Zendesk's (adapters/custom_values.py reads them).

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

from adapters.raw import Raw
from adapters.ticket import Channel, CustomValue, Json
from adapters.zendesk.tables import CHANNEL, word


def to_channel(place: Raw) -> Channel:
    """From a word or a number; unknown ones are Channel.OTHER."""
    return CHANNEL.get(word(place.text(default="")), Channel.OTHER)


def to_wire(value: CustomValue) -> Json:
    """A custom field's value as Zendesk takes it: several choices as a list."""
    return [*value] if isinstance(value, tuple) else value
