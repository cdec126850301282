"""Who put a tag on a conversation or ticket: Intercom says it beside each tag."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.helpdesk import TaggedBy, tagged_by_id
from adapters.intercom.api import IntercomApi
from adapters.intercom.people import agents, me
from adapters.raw import Raw
from adapters.ticket import Ticket

# `applied_by.type` of what is no teammate. A workflow acts as Operator, which is in the list of teammates nowhere.
_NO_TEAMMATE: Mapping[str, str] = {
    "bot": "a workflow or bot",
    "operator": "a workflow or bot",
    "workflow": "a workflow or bot",
    "user": "a customer",
    "contact": "a customer",
    "lead": "a customer",
    "visitor": "a customer",
}


def tagged_by(tag: str, ticket: Ticket, api: IntercomApi) -> TaggedBy | None:
    """By `applied_by` of the tag as it was read. None where it is not there."""
    for each in Raw(ticket.raw)["tags"]["tags"].items():
        by = each["applied_by"]
        if each["name"].text(default="").casefold() == tag and by["id"].is_there:
            kind = str(by["type"].value)
            if kind in _NO_TEAMMATE:
                return TaggedBy(otherwise=_NO_TEAMMATE[kind])
            return tagged_by_id(by["id"].text(), agents(api), me(api).external_id)
    return None
