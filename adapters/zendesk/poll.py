"""What we ask Zendesk for without a webhook: tickets that changed, and lists that change slowly (kept for an hour)."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.errors import AccessDenied, TicketGone
from adapters.helpdesk import PollPage
from adapters.html_text import to_text
from adapters.raw import Raw
from adapters.ticket import Agent, Event, EventType, Json, Macro, MacroPreview, Provider, Team, Ticket, TicketKey, TicketKind
from adapters.zendesk import api as paths
from adapters.zendesk.api import HOUR_S, Param, ZendeskApi, path_to
from adapters.zendesk.macro import missing_placeholders
from adapters.zendesk.people import to_agent
from adapters.zendesk.tables import word

FIRST_LOOK_BACK = timedelta(hours=1)
MINUTE_S = 60.0


def poll(cursor: str, now: datetime, api: ZendeskApi) -> PollPage:
    """One page of the incremental export: admins only, 10 calls a minute, ordered by its own time stamp, may repeat tickets.

    https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
    """
    start = {"cursor": cursor} if cursor else {"start_time": str(int((now - FIRST_LOOK_BACK).timestamp()))}
    page = api.get(paths.CHANGED_TICKETS, **start)
    after = page["after_cursor"].text(default="") or cursor
    return PollPage(
        events=tuple(_changed(row, api.account.name) for row in page["tickets"].items()),
        cursor=after,
        has_more=not page["end_of_stream"].flag(default=True) and after != cursor,
    )


def _changed(row: Raw, account_name: str) -> Event:
    ticket_id = row["id"].text()
    is_deleted = word(row["status"].text(default="")) == "deleted"
    return Event(
        provider=Provider.ZENDESK,
        type=EventType.TICKET_DELETED if is_deleted else EventType.TICKET_UPDATED,
        ticket=TicketKey(account_name, TicketKind.TICKET, ticket_id),
        delivery_key=f"poll:{ticket_id}:{row['updated_at'].text(default='')}",
        occurred_at=row["updated_at"].time(default=None),
        kind_raw="incremental",
    )


def me(api: ZendeskApi) -> Agent:
    """Our own user. Raises AccessDenied where Zendesk takes us for nobody (it answers 200 then, with no id)."""
    user = Raw(api.cached("me", lambda: api.get(paths.ME)["user"].value), "$.user")
    user_id = user["id"].identifier(default=None)
    if user_id is None or user["role"].text(default="end-user") == "end-user":
        raise AccessDenied("our credentials belong to no agent: check e-mail address and token in the configuration")
    return to_agent(user, user_id, is_bot=True)


def teams(api: ZendeskApi) -> list[Team]:
    """Groups. https://developer.zendesk.com/api-reference/ticketing/groups/groups/"""
    rows = Raw(api.cached("teams", lambda: _list(api, paths.GROUPS, "groups", ("id", "name", "deleted"))), "$.groups")
    return [
        Team(external_id=row["id"].text(), name=row["name"].text(default=""))
        for row in rows.items()
        if not row["deleted"].flag(default=False)
    ]


_AGENT_FIELDS = ("id", "name", "email", "role", "active", "suspended", "default_group_id", "only_private_comments")


def agents(api: ZendeskApi, max_age_s: float = HOUR_S) -> list[Agent]:
    """Agents and admins. https://developer.zendesk.com/api-reference/ticketing/users/users/#list-users"""
    rows = Raw(api.cached("agents", lambda: _staff(api), max_age_s), "$.users")
    return [to_agent(row, row["id"].text()) for row in rows.items()]


def _staff(api: ZendeskApi) -> Json:
    found = _list(api, paths.USERS, "users", _AGENT_FIELDS, **{"role[]": ("agent", "admin")})
    return [row for row in found if isinstance(row, dict) and row.get("role") != "end-user"]


_MACRO_FIELDS = ("id", "title", "active", "actions")


def macros(api: ZendeskApi) -> list[Macro]:
    """Active macros that answer the customer; the vendor's placeholders are still in `text`.

    https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
    """
    rows = Raw(api.cached("macros", lambda: _list(api, paths.MACROS, "macros", _MACRO_FIELDS, active="true")), "$.macros")
    return [_to_macro(row) for row in rows.items() if row["active"].flag(default=True)]


def _to_macro(row: Raw) -> Macro:
    actions = {action["field"].text(default=""): action["value"] for action in row["actions"].items()}
    html = _comment(actions.get("comment_value_html"))
    return Macro(
        external_id=row["id"].text(),
        name=row["title"].text(default=""),
        text=_comment(actions.get("comment_value")) or to_text(html),
        html=html,
    )


def _comment(place: Raw | None) -> str:
    """An action's text; a macro with a channel gives [channel, text]."""
    if place is None or not place.is_there:
        return ""
    if isinstance(place.value, list):
        return str(place.value[-1]) if place.value else ""
    return place.text()


def preview(macro: Macro, ticket: Ticket, api: ZendeskApi) -> MacroPreview:
    """The macro's comment as Zendesk renders it for the ticket; nothing else of the answer is used, and nothing is changed.

    `missing` is `macro` where the macro is not there any more.
    https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-ticket-after-changes
    """
    try:
        answer = api.get(path_to(paths.MACRO_ON_TICKET, ticket.external_id, macro.external_id))["result"]
    except TicketGone:
        return MacroPreview(macro=macro, text="", missing=("macro",))
    comment = answer["ticket"]["comment"] if answer["ticket"]["comment"].is_there else answer["comment"]
    text = comment["body"].text(default="") or to_text(comment["html_body"].text(default=""))
    return MacroPreview(macro=macro, text=text, missing=missing_placeholders(macro.text, text))


def _list(api: ZendeskApi, path: str, name: str, keep: tuple[str, ...], **params: Param) -> list[Json]:
    """All rows of a list with the fields that are used: what is kept is read by every run."""
    rows = (row for page in api.pages(path, **params) for row in page[name].items())
    return [{each: row[each].value for each in keep if each in row} for row in rows]
