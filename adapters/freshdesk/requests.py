"""What we want of a ticket, as Freshdesk requests: one PUT for fields and tags, then replies, then the note.

Plan positions that no request can carry become requests that are refused without a call, so that the rest still happens.
https://developers.freshdesk.com/api/#update_ticket
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.errors import OutcomeUnknown, PayloadUnexpected
from adapters.freshdesk import poll
from adapters.freshdesk.api import FreshdeskApi, number
from adapters.freshdesk.hydrate import statuses
from adapters.freshdesk.tables import PRIORITY
from adapters.freshdesk.thread import conversations
from adapters.freshdesk.update import refused, same_tag, update, value_at
from adapters.helpdesk import Account
from adapters.raw import Raw
from adapters.ticket import CustomValue, Priority, Status, Ticket, TicketKey
from adapters.writes import (
    REFUSE,
    AddFollower,
    AddTags,
    Capability,
    Link,
    Merge,
    Note,
    Outcome,
    Plan,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    Request,
    Result,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    Support,
    SuppressSurvey,
    Write,
)

SURVEY_OFF_TAG = "no-survey"
LINK_TAG = "linked-to-"

_YES = Capability(support=Support.YES)


def _instead(fallback: str, *, is_read_back: bool = True) -> Capability:
    return Capability(support=Support.FALLBACK, fallback=fallback, is_read_back=is_read_back)


# How each write is carried. docs/providers/freshdesk.md has the same table.
CAPABILITIES: Mapping[str, Capability] = {
    "add_tags": _YES,
    "remove_tags": _YES,
    "set_priority": _instead("Freshdesk knows no ticket without a priority: `none` is refused, the other four are as they are."),
    "set_status": _instead(
        "`new` is written as open; `on_hold` as the account's own status that `options.statuses` calls on_hold."
    ),
    "set_assignee": _YES,
    "set_team": _YES,
    "set_field": _YES,
    "add_follower": _instead(
        "In copy on the plan's public reply; without one, a line in the plan's note asks the agent to do it.",
        is_read_back=False,
    ),
    "remove_follower": Capability(support=Support.NO, fallback=""),
    "suppress_survey": _instead(f"The tag `{SURVEY_OFF_TAG}`; the account's survey rule must leave out tickets with it."),
    "note": _YES,
    "reply": _YES,
    "propose_macro": _instead("Shown in the plan's note: canned responses are rendered by us."),
    "link": _instead(f"The tag `{LINK_TAG}<ticket>`.", is_read_back=False),
    "merge": _YES,
}

_STATUS_NUMBER = {Status.NEW: 2, Status.OPEN: 2, Status.PENDING: 3, Status.SOLVED: 4, Status.CLOSED: 5}
_PRIORITY_NUMBER = {word: digit for digit, word in PRIORITY.items()}


class _Refused(Exception):
    """This write cannot be made of this account. The message goes to the person who wrote the rule."""


@dataclass(slots=True)
class _Joined:
    """A plan on its way into requests: fields by their vendor name, each with the plan positions that it carries."""

    fields: dict[str, Any] = field(default_factory=dict)
    add: dict[str, str] = field(default_factory=dict)
    remove: set[str] = field(default_factory=set)
    carries: dict[str, list[int]] = field(default_factory=dict)
    notes: list[tuple[int, Note]] = field(default_factory=list)
    replies: list[tuple[int, Reply]] = field(default_factory=list)
    merges: list[tuple[int, int]] = field(default_factory=list)
    copies: list[tuple[int, str]] = field(default_factory=list)
    macros: list[int] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)

    def set(self, position: int, name: str, value: Any) -> None:
        self.fields[name] = value
        self.carries.setdefault(name, []).append(position)

    def tag(self, position: int, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        self.add.update({same_tag(each): each.strip() for each in sorted(add)})
        self.remove |= {same_tag(each) for each in remove}
        self.carries.setdefault("tags", []).append(position)


def to_requests(plan: Plan, ticket: Ticket, api: FreshdeskApi) -> list[Request]:
    """The vendor requests of a plan: the PUT, replies, notes, merges; at the end, as requests that are never sent, what
    this account cannot have (a team that does not exist), so that the rest of the plan still happens."""
    joined = _Joined()
    for position, planned in enumerate(plan.writes):
        try:
            _join(joined, position, planned.write, api)
        except _Refused as refusal:
            joined.refusals.append((position, str(refusal)))
    _place_copies(joined)
    _place_macros(joined)
    # A reply first: that the ticket waits for the customer is true only once they were answered.
    parts = [*_replies(joined, ticket), *_updates(joined, ticket), *_notes(joined), *_merges(joined, ticket), *_refusals(joined)]
    return [Request(ticket=plan.ticket, number=place, **part) for place, part in enumerate(parts)]


def _join(joined: _Joined, position: int, write: Write, api: FreshdeskApi) -> None:
    match write:
        case AddTags(tags=tags):
            joined.tag(position, add=tags)
        case RemoveTags(tags=tags):
            joined.tag(position, remove=tags)
        case SetPriority(priority=priority):
            joined.set(position, "priority", _priority(priority))
        case SetStatus(status=status):
            joined.set(position, "status", _status(status, api.account))
        case SetAssignee(agent=agent):
            joined.set(position, "responder_id", _agent_id(agent, api))
        case SetTeam(team=team):
            joined.set(position, "group_id", _team_id(team, api))
        case SetField(slug=slug, value=value):
            joined.set(position, *_custom_field(slug, value, api.account))
        case AddFollower(email=email):
            joined.copies.append((position, email))
        case RemoveFollower():
            raise _Refused("Freshdesk cannot take a person out of a ticket's copies")
        case SuppressSurvey():
            joined.tag(position, add=carrier_tags(write, api))
        case Note():
            joined.notes.append((position, write))
        case Reply():
            joined.replies.append((position, write))
        case ProposeMacro():
            joined.macros.append(position)
        case Link():
            joined.tag(position, add=carrier_tags(write, api))
        case Merge(into=into):
            joined.merges.append((position, _ticket_id(into)))


def carrier_tags(write: Write, api: FreshdeskApi) -> frozenset[str]:
    """The tag by which a survey is kept from going out, or by which a link is shown."""
    match write:
        case SuppressSurvey():
            return frozenset({str(api.account.options.get("survey_off_tag") or SURVEY_OFF_TAG).strip()})
        case Link(to=to):
            return frozenset({f"{LINK_TAG}{to}"})
        case _:
            return frozenset()


def _priority(priority: Priority) -> int:
    if priority not in _PRIORITY_NUMBER:
        raise _Refused("Freshdesk knows no ticket without a priority: use low, normal, high or urgent")
    return _PRIORITY_NUMBER[priority]


def _status(status: Status, account: Account) -> int:
    if status in _STATUS_NUMBER:
        return _STATUS_NUMBER[status]
    own = sorted(digit for digit, word in statuses(account).items() if word is status)
    if not own:
        raise _Refused(f"no status of this account means {status.value}: name it in the account's options.statuses")
    return own[0]


def _agent_id(agent: str | None, api: FreshdeskApi) -> int | None:
    if agent is None:
        return None
    for max_age_s in (poll.HOUR_S, poll.MINUTE_S):  # somebody new may not be in the kept list yet
        for each in poll.agents(api, max_age_s):
            if agent.casefold() in (each.external_id, each.email.casefold(), each.name.casefold()):
                return int(each.external_id)
    raise _Refused(f"no agent {agent!r} in this Freshdesk account")


def _team_id(team: str | None, api: FreshdeskApi) -> int | None:
    if team is None:
        return None
    for max_age_s in (poll.HOUR_S, poll.MINUTE_S):
        for each in poll.teams(api, max_age_s):
            if team.casefold() in (each.external_id, each.name.casefold()):
                return int(each.external_id)
    raise _Refused(f"no team {team!r} in this Freshdesk account: its groups have other names")


def _ticket_id(text: str) -> int:
    try:
        return number(text, "ticket")
    except PayloadUnexpected:
        raise _Refused("a Freshdesk ticket is named by its number") from None


def _custom_field(slug: str, value: CustomValue, account: Account) -> tuple[str, Any]:
    mapping = next((each for each in account.fields if each.slug == slug), None)
    if mapping is None:
        raise _Refused(f"no custom field {slug!r}: map it in the account's fields")
    if mapping.type == "number" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if mapping.type == "date" and isinstance(value, str):
        value = value[:10]
    return f"custom_fields.{mapping.vendor}", list(value) if isinstance(value, tuple) else value


def _place_copies(joined: _Joined) -> None:
    if joined.copies and not joined.replies and not joined.notes:
        joined.refusals += [(position, "Freshdesk takes copies only with a public reply") for position, _ in joined.copies]
        joined.copies.clear()


def _place_macros(joined: _Joined) -> None:
    if not joined.notes:
        joined.refusals += [
            (position, "a macro is proposed inside the plan's note, and this plan has none") for position in joined.macros
        ]
        joined.macros.clear()


def _updates(joined: _Joined, ticket: Ticket) -> list[dict[str, Any]]:
    if not joined.carries:
        return []
    raw = Raw(ticket.raw)
    arguments = {
        "fields": joined.fields,
        "add_tags": list(joined.add.values()),
        "remove_tags": sorted(joined.remove - joined.add.keys()),
        "was": {name: value_at(raw, name) for name in joined.fields},
        "tags": [tag.text() for tag in raw["tags"].items()],
        "read_at": ticket.read_at.isoformat() if ticket.read_at and raw["tags"].is_there else "",
        "carries": joined.carries,
    }
    positions = sorted({position for carried in joined.carries.values() for position in carried})
    return [{"operation": "update_ticket", "arguments": arguments, "writes": tuple(positions), "is_repeatable": True}]


def _replies(joined: _Joined, ticket: Ticket) -> list[dict[str, Any]]:
    copies = [email for _, email in joined.copies]
    cc = {"cc_emails": sorted({*ticket.followers, *copies})} if copies else {}
    carried = tuple(position for position, _ in joined.copies)
    return [
        {
            "operation": "reply",
            "arguments": {"body": _paragraphs(reply.text), **_author(reply), **cc},
            "writes": (position, *(carried if not place else ())),
            "is_public": True,
        }
        for place, (position, reply) in enumerate(joined.replies)
    ]


def _author(reply: Reply) -> dict[str, Any]:
    return {"user_id": int(reply.author)} if reply.author.isdecimal() else {}


def _paragraphs(text: str) -> str:
    parts = (html.escape(part).replace("\n", "<br>") for part in text.replace("\r\n", "\n").strip().split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts)


def _notes(joined: _Joined) -> list[dict[str, Any]]:
    """The first note also carries the plan's macro proposals, and copies that no reply could take."""
    asked = joined.copies if not joined.replies else []
    line = f"<p>Please take into copy: {html.escape(', '.join(email for _, email in asked))}</p>" if asked else ""
    carried = (*joined.macros, *(position for position, _ in asked))
    return [
        {
            "operation": "add_note",
            "arguments": {"body": (line if not place else "") + note.html},
            "writes": (position, *(carried if not place else ())),
            "marker": note.marker,
        }
        for place, (position, note) in enumerate(joined.notes)
    ]


def _merges(joined: _Joined, ticket: Ticket) -> list[dict[str, Any]]:
    this = number(ticket.external_id, "ticket")
    return [
        {
            "operation": "merge",
            "arguments": {"primary_id": primary, "ticket_ids": [this]},
            "writes": (position,),
        }
        for position, primary in joined.merges
    ]


def _refusals(joined: _Joined) -> list[dict[str, Any]]:
    return [
        {"operation": REFUSE, "arguments": {"reason": reason}, "writes": (position,), "is_repeatable": True}
        for position, reason in joined.refusals
    ]


def send(request: Request, api: FreshdeskApi) -> Outcome:
    """Send one request and read its answer. Raises RateLimited, AccessDenied, TicketGone, HelpdeskDown (surely not sent).

    A write is sent once; only tags that came out otherwise are merged and put again, which does no harm twice.
    """
    try:
        match request.operation:
            case "update_ticket":
                return update(request, api)
            case "reply" | "add_note":
                return _say(request, api)
            case "merge":
                # The misspelt key is the vendor's. Nobody is put into copy unasked.
                body = {**request.arguments, "convert_recepients_to_cc": False}
                answer = api.put("/tickets/merge", body)
                return Outcome(result=Result.CONFIRMED) if answer.is_ok else refused(answer)
            case _:
                return Outcome(result=Result.REJECTED, reason=str(request.arguments.get("reason", request.operation)))
    except OutcomeUnknown as error:
        return Outcome(result=Result.UNKNOWN, reason=str(error))


_REFUSES_A_NAME = frozenset({400, 403, 422})


def _say(request: Request, api: FreshdeskApi) -> Outcome:
    """A private note, or a reply, which Freshdesk mails to the requester."""
    ticket_id = number(request.ticket.external_id, "ticket")
    if request.operation == "add_note":
        answer = api.post(f"/tickets/{ticket_id}/notes", {**request.arguments, "private": True})
    else:
        answer = api.post(f"/tickets/{ticket_id}/reply", request.arguments)
        if answer.status in _REFUSES_A_NAME and "user_id" in request.arguments:
            # Nothing was sent. It may be that nothing can be said in this agent's name: then it goes out as our own user.
            as_us = {name: value for name, value in request.arguments.items() if name != "user_id"}
            answer = api.post(f"/tickets/{ticket_id}/reply", as_us)
    if not answer.is_ok:
        copies = [*request.writes[1:]] if "cc_emails" in request.arguments else []
        return refused(answer, Raw({"cc_emails": copies}))
    if not answer.body["id"].is_there:
        return Outcome(result=Result.UNKNOWN, reason="the answer names no conversation")
    came_out_public = request.operation == "add_note" and answer.body["private"].value is False
    return Outcome(
        result=Result.CONFIRMED,
        external_id=answer.body["id"].text(),
        not_applied=request.writes if came_out_public else (),
        reason="the note came out public" if came_out_public else "",
    )


def find_marker(key: TicketKey, marker: str, api: FreshdeskApi) -> str | None:
    """The id of our own private note that holds the marker, newest first; None where there is none."""
    if not marker:
        return None
    ours = poll.me(api).external_id
    thread = conversations(number(key.external_id, "ticket"), api, api.account.max_messages)
    for part in reversed(thread.parts):
        is_ours = (
            part["user_id"].text(default="") == ours and part["private"].value is True and part["incoming"].value is not True
        )
        if is_ours and marker in part["body"].text(default="") + part["body_text"].text(default=""):
            return part["id"].text()
    return None
