"""Freshdesk tickets that no webhook told us of, and the lists that hardly change: ourselves, agents, teams, companies, macros.

Lists go through the account's ReferenceCache; a miss costs one call (macros: one per folder).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.freshdesk.api import PER_PAGE, FreshdeskApi, listed
from adapters.helpdesk import PollPage
from adapters.html_text import to_text
from adapters.raw import Raw
from adapters.ticket import Agent, Event, EventType, Json, Macro, MacroPreview, Provider, Team, Ticket, TicketKey, TicketKind

HOUR_S = 3600.0
MINUTE_S = 60.0
_FIRST_LOOK_BACK = timedelta(hours=1)


def poll(cursor: str, now: datetime, api: FreshdeskApi) -> PollPage:
    """One page of tickets updated at or after the cursor's time, oldest first.

    The cursor is a time and a page. The time moves on after each page, so that a ticket which is updated while we read
    cannot push another one over a page's edge unseen; the page counts only where a whole page has one and the same time.
    https://developers.freshdesk.com/api/#list_all_tickets
    """
    since, page = _read_cursor(cursor, now)
    answer = api.get("/tickets", updated_since=since, order_by="updated_at", order_type="asc", per_page=PER_PAGE, page=page)
    events = tuple(_to_event(raw, api.account.name) for raw in listed(answer, "/tickets").items())
    last = max((_stamp(event.occurred_at) for event in events if event.occurred_at), default=since)
    has_more = answer.next_page is not None and bool(events)
    same_time = has_more and last == since
    return PollPage(events=events, cursor=f"{last}|{page + 1 if same_time else 1}", has_more=has_more)


def _read_cursor(cursor: str, now: datetime) -> tuple[str, int]:
    since, _, page = cursor.partition("|")
    return since or _stamp(now - _FIRST_LOOK_BACK), int(page) if page.isdecimal() else 1


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _to_event(raw: Raw, account_name: str) -> Event:
    ticket_id = str(raw["id"].whole())
    updated_at = raw["updated_at"].time()
    return Event(
        provider=Provider.FRESHDESK,
        type=EventType.TICKET_UPDATED,
        ticket=TicketKey(account_name, TicketKind.TICKET, ticket_id),
        delivery_key=f"poll:{ticket_id}:{updated_at.isoformat() if updated_at else ''}",
        occurred_at=updated_at,
        kind_raw="poll",
        raw={"id": raw["id"].whole(), "updated_at": raw["updated_at"].text()},
    )


def _kept(api: FreshdeskApi, name: str, max_age_s: float, read: Callable[[], Json]) -> Raw:
    return Raw(api.cache.once(name, max_age_s, read))


def me(api: FreshdeskApi) -> Agent:
    """The agent whose key we use: what it wrote is ours."""

    def read() -> Json:
        answer = api.get("/agents/me")
        return _brief_agent(listed(answer, "/agents/me").object())

    agent = _to_agent(_kept(api, "me", HOUR_S, read))
    return Agent(external_id=agent.external_id, name=agent.name, email=agent.email, is_bot=True, teams=agent.teams)


def agents(api: FreshdeskApi, max_age_s: float = HOUR_S) -> list[Agent]:
    """The account's agents. Our own is among them."""
    kept = _kept(api, "agents", max_age_s, lambda: [_brief_agent(raw) for raw in api.items("/agents")])
    return [_to_agent(raw) for raw in kept.items()]


def _brief_agent(raw: Raw) -> Json:
    contact = raw["contact"]
    return {
        "id": raw["id"].whole(),
        "name": contact["name"].text(default=""),
        "email": contact["email"].text(default=""),
        "active": contact["active"].flag(default=True),
        "teams": [group.whole() for group in raw["group_ids"].items()],
    }


def _to_agent(kept: Raw) -> Agent:
    return Agent(
        external_id=kept["id"].text(),
        name=kept["name"].text(default=""),
        email=kept["email"].text(default="").lower(),
        is_active=kept["active"].flag(default=True),
        teams=tuple(team.text() for team in kept["teams"].items()),
    )


def teams(api: FreshdeskApi, max_age_s: float = HOUR_S) -> list[Team]:
    """The account's groups."""

    def read() -> Json:
        return [{"id": raw["id"].whole(), "name": raw["name"].text(default="")} for raw in api.items("/groups")]

    kept = _kept(api, "teams", max_age_s, read)
    return [Team(external_id=raw["id"].text(), name=raw["name"].text(default="")) for raw in kept.items()]


def company(company_id: int, api: FreshdeskApi) -> Raw:
    """The whole company with its own fields; an empty object where it is gone or not for our agent to see."""
    return _one(f"company:{company_id}", f"/companies/{company_id}", api)


def contact(contact_id: int, api: FreshdeskApi) -> Raw:
    """The whole contact; an empty object where it is gone, or is an agent."""
    return _one(f"contact:{contact_id}", f"/contacts/{contact_id}", api)


def _one(name: str, path: str, api: FreshdeskApi) -> Raw:
    def read() -> Json:
        answer = api.get(path)
        if answer.status in (403, 404, 405):
            return {}
        value: Json = listed(answer, path).object().value
        return value

    return _kept(api, name, HOUR_S, read)


def macros(api: FreshdeskApi) -> list[Macro]:
    """Canned responses of every folder that our agent may see, personal ones left out.

    https://developers.freshdesk.com/api/#canned-responses
    """

    def read() -> Json:
        folders = [raw for raw in api.items("/canned_response_folders") if not raw["personal"].flag(default=False)]
        return [macro for folder in folders for macro in _of_folder(folder["id"].whole(), api)]

    return [
        Macro(
            external_id=raw["id"].text(),
            name=raw["name"].text(default=""),
            text=raw["text"].text(default=""),
            html=raw["html"].text(default=""),
        )
        for raw in _kept(api, "macros", HOUR_S, read).items()
    ]


def _of_folder(folder_id: int, api: FreshdeskApi) -> list[dict[str, Any]]:
    return [
        {
            "id": raw["id"].whole(),
            "name": raw["title"].text(default=""),
            "text": raw["content"].text(default="") or to_text(raw["content_html"].text(default="")),
            "html": raw["content_html"].text(default=""),
        }
        for raw in api.items(f"/canned_response_folders/{folder_id}/responses")
    ]


_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]{1,80})\s*(?:\|[^{}]{0,80})?\}\}")


def preview(macro: Macro, ticket: Ticket, api: FreshdeskApi) -> MacroPreview:
    """The canned response as it reads on this ticket. Freshdesk renders only in its own pages, so we do."""
    values = _placeholders(ticket)
    missing: list[str] = []

    def fill(found: re.Match[str]) -> str:
        word = found[1].removeprefix("ticket.")
        if not values.get(word):
            missing.append(found[1])
        return values.get(word, "")

    text = _PLACEHOLDER.sub(fill, macro.text)
    return MacroPreview(macro=macro, text=text, missing=tuple(dict.fromkeys(missing)))


def _placeholders(ticket: Ticket) -> Mapping[str, str]:
    """Freshdesk's placeholder words without their `ticket.`; an empty value counts as missing."""
    requester, assignee = ticket.requester, ticket.assignee
    first, _, last = requester.name.strip().partition(" ") if requester else ("", "", "")
    company_name = ticket.company.name if ticket.company else ""
    return {
        "id": ticket.external_id,
        "url": ticket.url,
        "subject": ticket.subject,
        "status": ticket.status.value,
        "priority": ticket.priority.value,
        "requester.name": requester.name if requester else "",
        "requester.firstname": first,
        "requester.lastname": last,
        "requester.email": requester.email if requester else "",
        "requester.phone": requester.phones[0] if requester and requester.phones else "",
        "requester.company_name": company_name,
        "company.name": company_name,
        "agent.name": assignee.name if assignee else "",
        "agent.email": assignee.email if assignee else "",
        "group.name": ticket.team.name if ticket.team else "",
    }
