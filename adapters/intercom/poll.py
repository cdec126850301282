"""What no webhook told us: conversations and tickets changed since the cursor; and the workspace's lists.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
A search has no declared order, so the cursor moves only when all pages of one search are read. `>` means "or equal" there
and times are whole seconds: the ids seen in the newest second are kept, so that none is told twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from intercom import Intercom

from adapters.helpdesk import PollPage
from adapters.html_text import to_text
from adapters.intercom import people
from adapters.intercom.api import IntercomApi, Refused, explained
from adapters.intercom.dialect import Dialect
from adapters.intercom.preview import preview
from adapters.raw import Raw
from adapters.ticket import Agent, Event, EventType, Json, Macro, Provider, Team, TicketKey, TicketKind

__all__ = ["agents", "macros", "me", "poll", "preview", "teams"]

PER_PAGE = 150
MOST_PAGES = 200  # of one search: a page that points in circles ends here
START_BEFORE = timedelta(hours=1)

# Each kind: its word in the cursor, its search, the list in the answer.
_SEARCHES: Mapping[TicketKind, tuple[str, Callable[[Intercom], Callable[..., Any]], str]] = {
    TicketKind.CONVERSATION: ("c", lambda client: client.conversations.search, "conversations"),
    TicketKind.TICKET: ("t", lambda client: client.tickets.search, "tickets"),
}


def poll(cursor: str, now: datetime, api: IntercomApi) -> PollPage:
    """One page of each search that is not finished. `cursor` "" starts an hour before `now`."""
    places = _read(cursor)
    start = int((now - START_BEFORE).timestamp())
    events: list[Event] = []
    for kind, (word, _, _) in _SEARCHES.items():
        if kind is TicketKind.TICKET and api.account.options.get("tickets") is False:
            continue
        place = places.get(word) or {"since": start, "seen": [], "top": start, "at_top": [], "after": None, "pages": 0}
        with explained():
            found, places[word] = _page(kind, place, api)
        events += found
    has_more = any(place["after"] for place in places.values())
    events.sort(key=lambda event: (event.occurred_at or now, event.delivery_key))
    return PollPage(events=tuple(events), cursor=json.dumps(places, sort_keys=True), has_more=has_more)


def _read(cursor: str) -> dict[str, Any]:
    """Where each search stands. One that cannot be read (an earlier version cut off long ones) begins anew."""
    try:
        return dict(json.loads(cursor)) if cursor else {}
    except ValueError:
        return {}


def me(api: IntercomApi) -> Agent:
    with explained():
        return people.me(api)


def teams(api: IntercomApi) -> list[Team]:
    with explained():
        return people.teams(api)


def agents(api: IntercomApi) -> list[Agent]:
    with explained():
        return people.agents(api)


def macros(api: IntercomApi) -> list[Macro]:
    """All macros; none where the version has no macros (before 2.16). Placeholders are left in."""
    if not Dialect(api.account).has_macros:
        return []
    with explained():
        listed = api.reference("macros", lambda: _all_macros(api))
    return [
        Macro(
            external_id=each["id"].text(),
            name=each["name"].text(default=""),
            text=each["body_text"].text(default="") or to_text(each["body"].text(default="")),
            html=each["body"].text(default=""),
        )
        for each in Raw(listed).items()
    ]


def _page(kind: TicketKind, place: dict[str, Any], api: IntercomApi) -> tuple[list[Event], dict[str, Any]]:
    """The events of one page and where to go on. `top` and `at_top` gather the newest second of the search so far."""
    _, search, name = _SEARCHES[kind]
    try:
        answer = api.read(lambda client: search(client)(**_query(place)))
    except Refused as refused:
        if kind is TicketKind.TICKET and refused.status in (403, 404):
            return [], place  # a workspace without tickets
        raise
    events = []
    for each in answer[name].items():
        found, stamp = each["id"].identifier(), each["updated_at"].whole()
        if found is None or (stamp == place["since"] and found in place["seen"]):
            continue
        events.append(_event(kind, found, stamp, api))
        if stamp > place["top"]:
            place = {**place, "top": stamp, "at_top": [found]}
        elif stamp == place["top"]:
            place = {**place, "at_top": [*place["at_top"], found]}
    return events, _next(place, answer["pages"]["next"])


def _next(place: dict[str, Any], following: Raw) -> dict[str, Any]:
    # Older answers give `next` as a link; only the object with a cursor can be followed without naming another host.
    after = following["starting_after"].text(default="")
    if after and after != place["after"] and place["pages"] + 1 < MOST_PAGES:
        return {**place, "after": after, "pages": place["pages"] + 1}
    seen = place["at_top"] if place["top"] > place["since"] else [*place["seen"], *place["at_top"]]
    return {"since": place["top"], "seen": sorted(set(seen)), "top": place["top"], "at_top": [], "after": None, "pages": 0}


def _query(place: Mapping[str, Any]) -> dict[str, Any]:
    """As plain JSON: the vendor's schema, which the library's types narrow."""
    wanted = {"operator": "AND", "value": [{"field": "updated_at", "operator": ">", "value": str(place["since"])}]}
    pages: dict[str, Any] = {"per_page": PER_PAGE}
    if place["after"]:
        pages["starting_after"] = place["after"]
    return {"query": wanted, "pagination": pages}


def _event(kind: TicketKind, external_id: str, stamp: int, api: IntercomApi) -> Event:
    return Event(
        provider=Provider.INTERCOM,
        type=EventType.TICKET_UPDATED,
        ticket=TicketKey(api.account.name, kind, external_id),
        delivery_key=f"poll:{kind}:{external_id}:{stamp}",
        occurred_at=datetime.fromtimestamp(stamp, UTC),
        kind_raw="poll",
    )


def _all_macros(api: IntercomApi) -> Json:
    found: list[Json] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        answer = api.read(partial(_macro_page, after=after))
        found += [each.value for each in answer["data"].items() if each.value]
        following = answer["pages"]["next"]["starting_after"].text(default="")
        if not following or following == after:
            break
        after = following
    return found


def _macro_page(client: Intercom, after: str | None) -> Any:
    return client.unstable.macros.list_macros(per_page=PER_PAGE, starting_after=after)
