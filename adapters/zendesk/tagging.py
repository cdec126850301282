"""Who put a tag on a ticket, by its audits: an event's actor is also named for what a trigger did in the same update.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.errors import AccessDenied, PayloadUnexpected, TicketGone
from adapters.helpdesk import TaggedBy, tagged_by_id
from adapters.raw import Raw
from adapters.ticket import Agent, Json, Ticket
from adapters.zendesk import api as paths
from adapters.zendesk.api import ZendeskApi, path_to
from adapters.zendesk.poll import MINUTE_S, agents, me
from adapters.zendesk.tables import word

# Channels of what no person did in the agents' own pages or apps. 8 is a rule as older audits number it.
# https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
_NO_PERSON: Mapping[str, str] = {
    "rule": "a trigger or automation",
    "8": "a trigger or automation",
    "api": "another app",
    "web_service": "another app",
}


def tagged_by(tag: str, ticket: Ticket, api: ZendeskApi) -> TaggedBy | None:
    """By the newest audit that put `tag` on. None where the audits do not show it, or are not for our user to see."""
    try:
        found = _newest_change(tag, ticket.external_id, api)
    except (TicketGone, PayloadUnexpected):
        return None
    if found is None:
        return None
    audit, change = found
    via = word((change if change["via"].is_there else audit)["via"]["channel"].text(default=""))
    if via in _NO_PERSON:
        return TaggedBy(otherwise=_NO_PERSON[via])
    person, ours = audit["author_id"].text(default=""), me(api).external_id
    known = agents(api)
    if person != ours and person not in {each.external_id for each in known}:
        known = agents(api, MINUTE_S)  # somebody new may not be in the kept list yet
    by = tagged_by_id(person, known, ours)
    return replace(by, agent=replace(by.agent, teams=_teams_of(by.agent, api))) if by.agent else by


def _teams_of(agent: Agent, api: ZendeskApi) -> tuple[str, ...]:
    """All groups that an agent is in, their own first one first: the list of users names that one only.

    https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
    """
    try:
        rows = Raw(api.cached("memberships", lambda: _memberships(api)), "$.group_memberships")
    except (AccessDenied, PayloadUnexpected):
        return agent.teams
    found = [row["group_id"].text() for row in rows.items() if row["user_id"].text() == agent.external_id]
    return tuple(dict.fromkeys((*agent.teams, *found)))


def _memberships(api: ZendeskApi) -> Json:
    rows = (row for page in api.pages(paths.MEMBERSHIPS) for row in page["group_memberships"].items())
    return [{name: row[name].value for name in ("user_id", "group_id")} for row in rows]


def _newest_change(tag: str, ticket_id: str, api: ZendeskApi) -> tuple[Raw, Raw] | None:
    """Asked for newest first, in the words of both kinds of paging; where that wish is not heard, all pages are looked at."""
    found: tuple[Raw, Raw] | None = None
    for page in api.pages(path_to(paths.AUDITS, ticket_id), sort="-created_at", sort_order="desc"):
        rows = list(page["audits"].items())
        is_newest_first = len(rows) < 2 or rows[0]["id"].whole(default=0) > rows[-1]["id"].whole(default=0)
        for audit in rows if is_newest_first else reversed(rows):
            for change in audit["events"].items():
                if _puts_on(tag, change):
                    found = (audit, change)
                    break
            if found and is_newest_first:
                return found
            if found:
                break
    return found


def _puts_on(tag: str, change: Raw) -> bool:
    return change["field_name"].value == "tags" and tag in _tags(change["value"]) and tag not in _tags(change["previous_value"])


def _tags(place: Raw) -> frozenset[str]:
    """A list, or one text with spaces between them."""
    words = place.value.split() if isinstance(place.value, str) else place.value
    return frozenset(str(each).casefold() for each in words) if isinstance(words, list) else frozenset()
