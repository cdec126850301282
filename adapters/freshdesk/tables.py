"""Freshdesk's numbers and our words, for what is read, written and told by a webhook."""

from __future__ import annotations

from adapters.ticket import Channel, Priority, Status

# Statuses are numbers; 6 and up belong to the account, these two exist from the start.
# https://developers.freshdesk.com/api/#tickets
STATUS = {
    2: Status.OPEN,
    3: Status.PENDING,
    4: Status.SOLVED,
    5: Status.CLOSED,
    6: Status.PENDING,  # waiting on customer
    7: Status.ON_HOLD,  # waiting on third party
}

# https://developers.freshdesk.com/api/#tickets
PRIORITY = {1: Priority.LOW, 2: Priority.NORMAL, 3: Priority.HIGH, 4: Priority.URGENT}

# The list is open: an unknown source is Channel.OTHER.
# https://developers.freshdesk.com/api/#tickets
CHANNEL = {
    1: Channel.EMAIL,
    2: Channel.WEB,
    3: Channel.PHONE,
    5: Channel.SOCIAL,
    6: Channel.SOCIAL,
    7: Channel.CHAT,
    9: Channel.WEB,
    10: Channel.EMAIL,
    12: Channel.CHAT,
    13: Channel.WHATSAPP,
}
