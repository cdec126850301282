"""Zendesk's words and ours. What is lost on the way: an unknown word becomes `other` (the raw word stays beside it),
and `other` cannot be written.

Custom statuses belong to one of the categories below, and `status` gives the category.
https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/
"""

from __future__ import annotations

from adapters.ticket import Channel, Priority, Role, Status, TicketType

# https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#json-format
STATUS = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "pending": Status.PENDING,
    "hold": Status.ON_HOLD,
    "solved": Status.SOLVED,
    "closed": Status.CLOSED,
}
PRIORITY = {
    "": Priority.NONE,  # null
    "low": Priority.LOW,
    "normal": Priority.NORMAL,
    "high": Priority.HIGH,
    "urgent": Priority.URGENT,
}
TYPE = {
    "question": TicketType.QUESTION,
    "incident": TicketType.INCIDENT,
    "problem": TicketType.PROBLEM,
    "task": TicketType.TASK,
}
STATUS_WORD = {ours: theirs for theirs, ours in STATUS.items()}
PRIORITY_WORD = {ours: theirs or None for theirs, ours in PRIORITY.items()}

# https://developer.zendesk.com/api-reference/users/users/ ; everybody who is no end user works for the team
ROLE = {"end-user": Role.CUSTOMER, "agent": Role.AGENT, "admin": Role.AGENT}

# The channel of a via object is a word or a number, and webhooks use other words than the API for the same thing.
# https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
CHANNEL = {
    **dict.fromkeys(("web", "web_form", "0", "dropbox", "17", "web_widget", "help_center", "closed_ticket", "27"), Channel.WEB),
    **dict.fromkeys(("email", "mail", "4", "recovered_from_suspended_tickets", "21"), Channel.EMAIL),
    **dict.fromkeys(("api", "web_service", "5", "import", "39", "github", "40", "ticket_sharing", "31"), Channel.API),
    **dict.fromkeys(("rule", "8", "merge", "19", "batch", "20", "linked_problem", "9"), Channel.INTERNAL),
    **dict.fromkeys(("chat", "29", "chat_transcript"), Channel.CHAT),
    **dict.fromkeys(("native_messaging", "messaging", "mobile_sdk", "mobile", "iphone", "15"), Channel.IN_APP),
    **dict.fromkeys(("sms", "text_message", "37"), Channel.SMS),
    "whatsapp": Channel.WHATSAPP,
    **dict.fromkeys(("voice", "voicemail", "33", "phone_call_inbound", "34", "phone_call_outbound", "35"), Channel.PHONE),
    **dict.fromkeys(("twitter", "30", "twitter_dm", "26", "twitter_favorite", "23"), Channel.SOCIAL),
    **dict.fromkeys(("facebook", "facebook_post", "38", "facebook_message", "41", "instagram_dm"), Channel.SOCIAL),
}

# Ratings are two-valued; offered and unoffered are none yet. https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/
RATING = {"good": 5, "good_with_comment": 5, "bad": 1, "bad_with_comment": 1}

# In a comment's metadata.flags: mail that a machine made. Not seen in a recording yet; where it is absent the detectors decide.
AUTO_GENERATED_FLAG = 4


def word(text: str) -> str:
    """One of Zendesk's words as the API spells it; webhooks write the same words in capitals."""
    return text.strip().lower()
