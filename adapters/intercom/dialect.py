"""What differs between Intercom workspaces and API versions, and the tables of their words.

Two dialects of priority: up to 2.15 `priority | not_priority`, from 2.16 `none low medium high urgent`; only Preview
writes it. Where it cannot be written, a tag (or a conversation attribute) carries it and is read back.

`options` of an account:
    version              "2.16"; any version of the API, or "Preview"
    priority_attribute   name of a conversation attribute that carries the priority instead of a tag
    priority_by_preview  true: write the priority natively, that one call under the Preview version
    pending_tag          "pending-customer": states that the ball is with the customer
    survey_tag           "survey-off": a Workflow of the workspace leaves the survey out where it is set
    followers            "note" (default) or "participant": how a follower is carried
    snooze_hours         24: for on_hold without a date
    closed_is_final      false; true: a closed conversation reads as closed, not solved
    admin_id             our teammate's id, where the token belongs to another one
    tickets              true; false: the workspace has no tickets, the poll leaves them out
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.helpdesk import Account
from adapters.ticket import Channel, Priority, Status

DEFAULT_VERSION = "2.16"

# https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations (both dialects)
PRIORITY: Mapping[str, Priority] = {
    "none": Priority.NONE,
    "low": Priority.LOW,
    "medium": Priority.NORMAL,
    "high": Priority.HIGH,
    "urgent": Priority.URGENT,
    "not_priority": Priority.NONE,
    "priority": Priority.HIGH,
}
PRIORITY_WORD: Mapping[Priority, str] = {
    Priority.NONE: "none",
    Priority.LOW: "low",
    Priority.NORMAL: "medium",
    Priority.HIGH: "high",
    Priority.URGENT: "urgent",
}
PRIORITY_TAG: Mapping[Priority, str] = {
    Priority.LOW: "priority-low",
    Priority.NORMAL: "priority-normal",
    Priority.HIGH: "priority-high",
    Priority.URGENT: "priority-urgent",
}

# Conversations have three states; `pending` is a tag and `new` is derived (hydrate.py).
STATE: Mapping[str, Status] = {"open": Status.OPEN, "snoozed": Status.ON_HOLD, "closed": Status.SOLVED}

# Tickets have states of their own per workspace, each in one of four categories.
# https://developers.intercom.com/docs/references/rest-api/api.intercom.io/ticket-states
CATEGORY: Mapping[str, Status] = {
    "submitted": Status.OPEN,
    "in_progress": Status.OPEN,
    "waiting_on_customer": Status.PENDING,
    "resolved": Status.SOLVED,
}
CATEGORY_WORD: Mapping[Status, str] = {
    Status.NEW: "submitted",
    Status.OPEN: "in_progress",
    Status.PENDING: "waiting_on_customer",
    Status.SOLVED: "resolved",
    Status.CLOSED: "resolved",
}

# `source.type` of a conversation; a ticket's webhook says `channel` in the Messenger's words.
CHANNEL: Mapping[str, Channel] = {
    "conversation": Channel.IN_APP,
    "messenger": Channel.IN_APP,
    "push": Channel.IN_APP,
    "email": Channel.EMAIL,
    "facebook": Channel.SOCIAL,
    "instagram": Channel.SOCIAL,
    "twitter": Channel.SOCIAL,
    "phone_call": Channel.PHONE,
    "phone_switch": Channel.PHONE,
    "sms": Channel.SMS,
    "whatsapp": Channel.WHATSAPP,
    "web": Channel.WEB,
    "chat": Channel.CHAT,
    "api": Channel.API,
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One account's way of saying things. Intercom tickets have no priority of their own in any version."""

    account: Account
    is_ticket: bool = False

    @property
    def version(self) -> str:
        return str(self.account.options.get("version", DEFAULT_VERSION))

    @property
    def writes_priority(self) -> bool:
        if self.is_ticket:
            return False
        return self.version == "Preview" or bool(self.account.options.get("priority_by_preview"))

    @property
    def priority_attribute(self) -> str:
        return "" if self.writes_priority else self._word("priority_attribute", "")

    @property
    def has_macros(self) -> bool:
        """Macros exist from 2.16 on: https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/macros"""
        return self.version == "Preview" or _numbers(self.version) >= (2, 16)

    @property
    def has_attribute_list(self) -> bool:
        """From 2.16 on, conversations' attributes have a list of their own."""
        return self.has_macros

    @property
    def pending_tag(self) -> str:
        return self._word("pending_tag", "pending-customer").casefold()

    @property
    def survey_tag(self) -> str:
        return self._word("survey_tag", "survey-off").casefold()

    @property
    def snooze_hours(self) -> float:
        return float(self.account.options.get("snooze_hours", 24))

    @property
    def follows_as_participant(self) -> bool:
        return self._word("followers", "note") == "participant"

    @property
    def hidden_tags(self) -> frozenset[str]:
        """Tags that carry something else and are not shown as tags, so that a story reads alike on every helpdesk."""
        carriers = () if self.writes_priority or self.priority_attribute else PRIORITY_TAG.values()
        return frozenset({self.pending_tag, self.survey_tag, *carriers})

    def _word(self, name: str, default: str) -> str:
        return str(self.account.options.get(name) or default)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
