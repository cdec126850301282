"""A Freshdesk ticket read afresh, and what its fields mean in our words.

One call brings ticket, requester, company, stats and the ten oldest conversations; only longer threads cost pages.
Statuses are extended by customers: `options: {statuses: {6: pending, 7: on_hold}}` of the account says what theirs mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr

from adapters.custom_values import read_fields
from adapters.freshdesk import poll
from adapters.freshdesk.api import INCLUDED, FreshdeskApi, LastRead, listed, number, of_ticket
from adapters.freshdesk.people import to_company, to_person
from adapters.freshdesk.tables import CHANNEL, PRIORITY, STATUS
from adapters.freshdesk.thread import Thread, read_thread
from adapters.helpdesk import Account
from adapters.html_text import to_text
from adapters.raw import Raw
from adapters.ticket import (
    Agent,
    Attachment,
    AuthorKind,
    Channel,
    Direction,
    Json,
    Message,
    MessageKind,
    Priority,
    Provider,
    Status,
    Team,
    Ticket,
    TicketKey,
    TicketType,
    Visibility,
)

OUTBOUND_EMAIL = 10

# Ticket types are free text; these are the usual ones.
TYPE = {
    "question": TicketType.QUESTION,
    "incident": TicketType.INCIDENT,
    "problem": TicketType.PROBLEM,
    "task": TicketType.TASK,
    "service task": TicketType.TASK,
    "feature request": TicketType.FEATURE,
    "feature": TicketType.FEATURE,
}

# A conversation's source; all that is absent here is a message or a note.
# https://developers.freshdesk.com/api/#conversations
KIND = {6: MessageKind.EVENT, 8: MessageKind.EVENT}  # a survey's remark; forwarded to a third party
NOTE = 2

# The seven steps of a satisfaction rating on our five.
# https://developers.freshdesk.com/api/#satisfaction-ratings
RATING = {103: 5, 102: 4, 101: 4, 100: 3, -101: 2, -102: 2, -103: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a ticket's numbers point at. Nothing in it is a ticket's own."""

    me: Agent = field(default_factory=Agent)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    contact: Raw = field(default_factory=lambda: Raw({}))
    company: Raw = field(default_factory=lambda: Raw({}))


def hydrate(key: TicketKey, api: FreshdeskApi) -> Ticket:
    """The ticket as it is now: one call while caches are warm and the thread is under ten entries.

    Raises TicketGone, HelpdeskDown, RateLimited, AccessDenied.
    """
    ticket_id = number(key.external_id, "ticket")
    read_at = api.clock()  # before the call: what happens while it is under way counts as after it
    raw = of_ticket(api.get(f"/tickets/{ticket_id}", include=INCLUDED)).object().tolerant()
    api.last_read = LastRead(ticket_id, read_at, raw)
    thread = read_thread(ticket_id, raw, api)
    ticket = to_ticket(raw, thread, api.account, known(raw, api), read_at)
    return _rated(ticket, ticket_id, api) if api.account.options.get("ratings") is True else ticket


def known(raw: Raw, api: FreshdeskApi) -> Known:
    """What the ticket points at, from the cache where it is young enough."""
    requester_id, company_id = raw["requester_id"].whole(default=0), raw["company_id"].whole(default=0)
    has_assignee, has_team = raw["responder_id"].is_there, raw["group_id"].is_there
    return Known(
        me=poll.me(api),
        agents={agent.external_id: agent for agent in poll.agents(api)} if has_assignee else {},
        teams={team.external_id: team for team in poll.teams(api)} if has_team else {},
        contact=poll.contact(requester_id, api) if requester_id else Raw({}),
        company=poll.company(company_id, api) if company_id else Raw({}),
    )


def to_ticket(raw: Raw, thread: Thread, account: Account, who: Known, read_at: datetime | None = None) -> Ticket:
    """The unified ticket for one Freshdesk ticket with conversations, requester, company and stats included."""
    raw = raw.tolerant()
    ticket_id = str(raw["id"].whole())
    stats = raw["stats"]
    messages = (_first_message(raw, who), *sorted((to_message(part.tolerant(), raw, who) for part in thread.parts), key=_when))
    spam, deleted = raw["spam"].flag(default=False), raw["deleted"].flag(default=False)
    return Ticket(
        provider=Provider.FRESHDESK,
        account=account.name,
        external_id=ticket_id,
        number=ticket_id,
        url=f"{account.address.rstrip('/')}/a/tickets/{ticket_id}",
        subject=raw["subject"].text(default=""),
        description=messages[0].body_text,
        status=to_status(raw, messages, account),
        status_raw=raw["status"].text(default=""),
        priority=PRIORITY.get(raw["priority"].whole(default=0), Priority.NONE),
        priority_raw=raw["priority"].text(default=""),
        type=_type(raw["type"].text(default="")),
        type_raw=raw["type"].text(default=""),
        channel=CHANNEL.get(raw["source"].whole(default=0), Channel.OTHER),
        channel_raw=raw["source"].text(default=""),
        tags=frozenset(tag.strip().casefold() for tag in raw["tags"].texts()),
        custom=read_fields(raw["custom_fields"].__getitem__, account),
        requester=to_person(raw, who.contact),
        followers=_addresses(raw["cc_emails"]) | _addresses(raw["ticket_cc_emails"]),
        company=to_company(raw["company"], who.company, account),
        assignee=_assignee(raw["responder_id"], who),
        team=_team(raw["group_id"], who),
        brand=raw["product_id"].identifier(default=None),
        messages=messages,
        message_count=thread.count + 1,
        created_at=raw["created_at"].time(default=None),
        updated_at=raw["updated_at"].time(default=None),
        first_replied_at=stats["first_responded_at"].time(default=None),
        solved_at=stats["resolved_at"].time(default=None),
        closed_at=stats["closed_at"].time(default=None),
        due_at=raw["due_by"].time(default=None),
        first_response_due_at=raw["fr_due_by"].time(default=None),
        reopen_count=1 if stats["reopened_at"].is_there else 0,
        is_spam=spam,
        is_deleted=deleted,
        is_writable=not (spam or deleted or raw["archived"].flag(default=False)),
        read_at=read_at,
        raw=_without(raw, "conversations", "description", "description_text"),
    )


def statuses(account: Account) -> dict[int, Status]:
    """The account's statuses by number: the vendor's, and over them those of `options.statuses`.

    Raises ValueError that names the account where the option says something else than a number and a status.
    """
    ours = account.options.get("statuses") or {}
    try:
        return STATUS | {int(key): Status(word) for key, word in ours.items()}
    except (ValueError, AttributeError) as error:
        raise ValueError(f"account {account.name}: options.statuses: {error}; write `7: on_hold`") from error


def to_status(raw: Raw, messages: tuple[Message, ...], account: Account) -> Status:
    """`new` is derived: open, and no agent has replied yet."""
    status = statuses(account).get(raw["status"].whole(default=0), Status.OTHER)
    is_answered = raw["stats"]["first_responded_at"].is_there or any(each.is_agent_reply for each in messages)
    return Status.NEW if status is Status.OPEN and not is_answered else status


def _type(word: str) -> TicketType | None:
    return TYPE.get(word.strip().casefold(), TicketType.OTHER) if word else None


def _first_message(raw: Raw, who: Known) -> Message:
    """The description, under an id of its own: Freshdesk counts it among no conversations."""
    is_outbound = raw["source"].whole(default=0) == OUTBOUND_EMAIL
    author_id = raw["responder_id" if is_outbound else "requester_id"].text(default="")
    return Message(
        external_id="first",
        author_kind=_author(author_id, not is_outbound, who),
        author_id=author_id,
        author_name=raw["requester"]["name"].text(default="") if not is_outbound else _name(author_id, who),
        direction=Direction.OUT if is_outbound else Direction.IN,
        body_text=_text(raw["description_text"], raw["description"]),
        body_html=raw["description"].text(default=""),
        attachments=_attachments(raw),
        created_at=raw["created_at"].time(default=None),
        is_ours=is_outbound and author_id == who.me.external_id,
    )


def to_message(part: Raw, ticket: Raw, who: Known) -> Message:
    """One conversation entry: a reply, a note, or what came in by another way."""
    source = part["source"].whole(default=0)
    is_private = part["private"].strict().flag(default=source == NOTE)
    author_id = part["user_id"].text(default="")
    is_incoming = part["incoming"].flag(default=author_id == ticket["requester_id"].text(default=""))
    kind = KIND.get(source, MessageKind.NOTE if is_private else MessageKind.MESSAGE)
    return Message(
        external_id=str(part["id"].whole()),
        author_kind=_author(author_id, is_incoming, who),
        author_id=author_id,
        author_name=_author_name(author_id, ticket, who),
        direction=Direction.NONE if is_private else Direction.IN if is_incoming else Direction.OUT,
        visibility=Visibility.INTERNAL if is_private else Visibility.PUBLIC,
        kind=kind,
        body_text=_text(part["body_text"], part["body"]),
        body_html=part["body"].text(default=""),
        attachments=_attachments(part),
        created_at=part["created_at"].time(default=None),
        is_auto_generated=part["auto_response"].flag(default=False),
        is_ours=not is_incoming and bool(author_id) and author_id == who.me.external_id,
        raw=_without(part, "body", "body_text"),
    )


def _author(author_id: str, is_incoming: bool, who: Known) -> AuthorKind:
    if is_incoming:
        return AuthorKind.PERSON
    return AuthorKind.BOT if author_id and author_id == who.me.external_id else AuthorKind.AGENT


def _author_name(author_id: str, ticket: Raw, who: Known) -> str:
    if author_id == ticket["requester_id"].text(default=""):
        return ticket["requester"]["name"].text(default="")
    return _name(author_id, who)


def _name(agent_id: str, who: Known) -> str:
    if agent_id == who.me.external_id:
        return who.me.name
    return who.agents[agent_id].name if agent_id in who.agents else ""


def _when(message: Message) -> tuple[float, int]:
    moment = message.created_at.timestamp() if message.created_at else 0.0
    return moment, int(message.external_id)


def _text(plain: Raw, markup: Raw) -> str:
    """The vendor's own plain text; from the markup only where there is none."""
    words = plain.text(default="")
    return words if words.strip() else to_text(markup.text(default=""))


def _attachments(raw: Raw) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            name=each["name"].text(default=""),
            content_type=each["content_type"].text(default=""),
            size_bytes=each["size"].whole(default=0) or None,
            url=each["attachment_url"].text(default=""),
        )
        for each in raw["attachments"].items()
    )


def _addresses(raw: Raw) -> frozenset[str]:
    found = (parseaddr(each.text(default=""))[1].lower() for each in raw.items())
    return frozenset(address for address in found if address)


def _assignee(raw: Raw, who: Known) -> Agent | None:
    agent_id = raw.text(default="")
    if not agent_id:
        return None
    if agent_id == who.me.external_id:
        return who.me
    return who.agents.get(agent_id, Agent(external_id=agent_id))


def _team(raw: Raw, who: Known) -> Team | None:
    team_id = raw.text(default="")
    return who.teams.get(team_id, Team(external_id=team_id)) if team_id else None


def _without(raw: Raw, *names: str) -> Json:
    return {name: value for name, value in raw.object().value.items() if name not in names}


def _rated(ticket: Ticket, ticket_id: int, api: FreshdeskApi) -> Ticket:
    """The ticket with its newest rating: one more call, so only with `options: {ratings: true}`."""
    answer = api.get(f"/tickets/{ticket_id}/satisfaction_ratings")
    ratings = list(listed(answer, "satisfaction_ratings").items()) if answer.status != 404 else []
    if not ratings:
        return ticket
    newest = ratings[-1].tolerant()
    value = newest["ratings"]["default_question"].whole(default=0)
    return replace(
        ticket,
        rating=RATING.get(value),
        rating_raw=str(value),
        rating_comment=newest["feedback"].text(default=""),
        rated_at=newest["created_at"].time(default=None),
    )
