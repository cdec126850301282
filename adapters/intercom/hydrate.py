"""An Intercom conversation or ticket, read afresh, as our Ticket: one call when people and companies are known.

The tables are in dialect.py (words), messages.py (part types); contacts and companies in people.py.
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.custom_values import read_fields
from adapters.errors import TicketGone
from adapters.html_text import to_text
from adapters.intercom import people
from adapters.intercom.api import IntercomApi, Refused, explained, gone
from adapters.intercom.dialect import CATEGORY, CHANNEL, STATE, Dialect
from adapters.intercom.messages import to_first_message, to_message
from adapters.intercom.priority import read_priority
from adapters.raw import Raw
from adapters.ticket import (
    Agent,
    AuthorKind,
    Channel,
    Company,
    Message,
    Person,
    Provider,
    Status,
    Team,
    Ticket,
    TicketKey,
    TicketKind,
)

SUBJECT_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around a conversation: fetched (or cached) before the pure part begins."""

    our_id: str = ""
    requester: Person | None = None
    others: tuple[Person, ...] = ()
    company: Company | None = None
    assignee: Agent | None = None
    team: Team | None = None


def hydrate(key: TicketKey, api: IntercomApi) -> Ticket:
    """The ticket read afresh. Raises TicketGone (deleted, merged away, or not ours to see), HelpdeskDown, RateLimited,
    AccessDenied, PayloadUnexpected. Intercom gives the newest 500 parts at most."""
    read_at = datetime.now(UTC)  # before the call: what happens while it is under way counts as after it
    with explained():
        raw = fetch(key, api)
        if _was_merged_away(raw):
            raise TicketGone("merged")
        around = _around(raw, api)
    is_ticket = key.kind is TicketKind.TICKET
    to = to_ticket if is_ticket else to_conversation
    return to(raw, around, Dialect(api.account, is_ticket), read_at=read_at)


def fetch(key: TicketKey, api: IntercomApi) -> Raw:
    """The raw conversation or ticket. Raises TicketGone."""

    def call(client: Any) -> Any:
        if key.kind is TicketKind.TICKET:
            return client.tickets.get(key.external_id)
        return client.conversations.find(key.external_id)

    try:
        return api.read(call).object().tolerant()
    except Refused as refused:
        raise gone(refused) or refused from None


def to_conversation(raw: Raw, around: Around, dialect: Dialect, read_at: datetime | None = None) -> Ticket:
    """The unified ticket for one conversation."""
    raw = raw.tolerant()
    first = to_first_message(raw, around.our_id)
    parts = [to_message(part.tolerant(), around.our_id) for part in parts_of(raw).items()]
    messages = (first, *_newest(parts, dialect.account.max_messages - 1))
    source_type = raw["source"]["type"].text(default="")
    status = conversation_status(raw, messages, dialect, around.our_id)
    statistics = raw["statistics"]
    closed_at = statistics["last_close_at"].time(default=None) if status in (Status.SOLVED, Status.CLOSED) else None
    return Ticket(
        kind=TicketKind.CONVERSATION,
        number=raw["id"].text(),
        subject=_subject(raw["title"].text(default="") or raw["source"]["subject"].text(default=""), first),
        description=first.body_text,
        status=status,
        status_raw=raw["state"].text(default=""),
        channel=CHANNEL.get(source_type, Channel.OTHER),
        channel_raw=source_type,
        custom=read_fields(raw["custom_attributes"].__getitem__, dialect.account),
        submitter_id=first.author_id or None,
        messages=messages,
        message_count=max(len(messages), statistics["count_conversation_parts"].whole(default=0), 1 + _part_count(raw)),
        first_replied_at=statistics["first_admin_reply_at"].time(default=None),
        solved_at=closed_at,
        closed_at=closed_at if status is Status.CLOSED else None,
        waiting_since=raw["waiting_since"].time(default=None),
        reopen_count=statistics["count_reopens"].whole(default=0),
        **_rating(raw["conversation_rating"]),
        **_shared(raw, around, dialect, read_at),
    )


def to_ticket(raw: Raw, around: Around, dialect: Dialect, read_at: datetime | None = None) -> Ticket:
    """The unified ticket for one Intercom ticket. Its words are attributes; its parts are what followed."""
    raw = raw.tolerant()
    attributes, state = raw["ticket_attributes"], raw["ticket_state"]
    description = attributes["_default_description_"].text(default="")
    first = Message(
        external_id=f"description-{raw['id'].text()}",
        author_id=around.requester.external_id if around.requester else "",
        author_name=around.requester.name if around.requester else "",
        body_text=description,
        created_at=raw["created_at"].time(default=None),
    )
    parts = [to_message(part.tolerant(), around.our_id) for part in parts_of(raw).items()]
    messages = ((first,) if description else ()) + tuple(_newest(parts, dialect.account.max_messages - 1))
    return Ticket(
        kind=TicketKind.TICKET,
        number=raw["ticket_id"].text(default="") or raw["id"].text(),
        subject=_subject(attributes["_default_title_"].text(default=""), first),
        description=description,
        status=ticket_status(raw, messages, around.our_id),
        status_raw=state["internal_label"].text(default="") or state["category"].text(default=""),
        type_raw=raw["ticket_type"]["name"].text(default=""),
        form=raw["ticket_type"]["id"].text(default="") or None,
        category=raw["category"].text(default="") or None,
        channel=Channel.IN_APP,
        custom=read_fields(attributes.__getitem__, dialect.account),
        messages=messages,
        message_count=max(len(messages), _part_count(raw)),
        **_shared(raw, around, dialect, read_at),
    )


def conversation_status(raw: Raw, messages: tuple[Message, ...], dialect: Dialect, our_id: str) -> Status:
    """`closed` is solved; the pending tag states that the customer is to act, until the customer did; `snoozed` is on hold;
    an open one is new until a teammate answers."""
    state = raw["state"].text(default="open" if raw["open"].value is not False else "closed")
    status = STATE.get(state, Status.OTHER)
    if status is Status.SOLVED:
        return Status.CLOSED if dialect.account.options.get("closed_is_final") else Status.SOLVED
    if _is_pending(raw, messages, dialect, our_id):
        return Status.PENDING
    has_answer = raw["statistics"]["first_admin_reply_at"].is_there or any(_is_teammates_reply(each) for each in messages)
    return Status.NEW if status is Status.OPEN and not has_answer else status


def ticket_status(raw: Raw, messages: tuple[Message, ...], our_id: str) -> Status:
    """By the category of the ticket's state; closing and snoozing stand beside it. Waiting ends when the customer wrote."""
    status = CATEGORY.get(raw["ticket_state"]["category"].text(default=""), Status.OTHER)
    if status is Status.SOLVED or raw["open"].value is False:
        return Status.SOLVED
    if raw["snoozed_until"].is_there:
        return Status.ON_HOLD
    if status is Status.PENDING:
        stated = [part for part in parts_of(raw).items() if str(part["part_type"].value).startswith("ticket_state_updated")]
        last = stated[-1] if stated else None
        return status if last is None or _holds(last["created_at"], last["author"], messages, our_id) else Status.OPEN
    is_untouched = raw["ticket_state"]["category"].value == "submitted"
    if is_untouched and not any(_is_teammates_reply(message) for message in messages):
        return Status.NEW
    return status


def parts_of(raw: Raw) -> Raw:
    """The list of parts, under the name that this kind of answer uses. Without it nobody knows what was said: another type is
    an error."""
    name = "ticket_parts" if "ticket_parts" in raw else "conversation_parts"
    return raw[name][name].strict()


def tag_names(raw: Raw) -> frozenset[str]:
    """Names of all tags, carriers included, folded."""
    return frozenset(name.casefold() for each in raw["tags"]["tags"].items() if (name := each["name"].text(default="")))


def _around(raw: Raw, api: IntercomApi) -> Around:
    """The people of a conversation: no call where all of them are cached."""
    listed = [each["id"].identifier(default=None) for each in raw["contacts"]["contacts"].items()]
    contacts = [people.contact(each, api) for each in listed if each]
    persons = [_person(each, known, raw) for each, known in zip(filter(None, listed), contacts, strict=True)]
    admin_id, team_id = raw["admin_assignee_id"].identifier(default=None), raw["team_assignee_id"].identifier(default=None)
    return Around(
        our_id=people.me(api).external_id,
        requester=persons[0] if persons else None,
        others=tuple(persons[1:]),
        company=_company(raw, contacts[0] if contacts else None, api),
        assignee=people.agent_of(admin_id, api) if admin_id else None,
        team=people.team_of(team_id, api) if team_id else None,
    )


def _person(contact_id: str, known: Raw, raw: Raw) -> Person:
    """The contact; where it is deleted, what the first message still says of its author."""
    if known["id"].is_there:
        return people.to_person(known)
    author = raw["source"]["author"]
    return Person(
        external_id=contact_id,
        name=author["name"].text(default=""),
        emails=(email,) if (email := author["email"].text(default="")) else (),
    )


def _company(raw: Raw, contact: Raw | None, api: IntercomApi) -> Company | None:
    """The conversation's company (whole in newer versions), else the contact's first."""
    found = raw["company"]
    if "custom_attributes" not in found:
        company_id = found["id"].identifier(default=None) or raw["company_id"].identifier(default=None)
        company_id = company_id or (next(people.company_ids(contact), None) if contact is not None else None)
        if company_id is None:
            return None
        found = people.company(company_id, api)
    return people.to_company(found, api.account) if found["id"].is_there else None


def _shared(raw: Raw, around: Around, dialect: Dialect, read_at: datetime | None) -> dict[str, Any]:
    """The fields that conversations and tickets say alike."""
    parts = (part.tolerant() for part in parts_of(raw).items())
    return {
        "provider": Provider.INTERCOM,
        "account": dialect.account.name,
        "external_id": raw["id"].text(),
        "url": f"https://app.intercom.com/a/inbox/_/inbox/conversation/{raw['id'].text()}",
        "priority": read_priority(raw, parts, dialect, around.our_id),
        "priority_raw": raw["priority"].text(default=""),
        "tags": tag_names(raw) - dialect.hidden_tags,
        "requester": around.requester,
        "followers": frozenset(person.email for person in around.others if person.email),
        "company": around.company,
        "assignee": around.assignee,
        "team": around.team,
        "created_at": raw["created_at"].time(default=None),
        "updated_at": raw["updated_at"].time(default=None),
        "snoozed_until": raw["snoozed_until"].time(default=None),
        "read_at": read_at,
        # Each message carries its own part, so the parts are not kept twice.
        "raw": {name: value for name, value in raw.value.items() if name not in ("conversation_parts", "ticket_parts")},
    }


def _rating(raw: Raw) -> dict[str, Any]:
    stars = raw["rating"].number(default=0.0)
    if not stars:
        return {}
    return {
        "rating": min(max(round(stars), 1), 5),
        "rating_raw": raw["rating"].text(),
        "rating_comment": raw["remark"].text(default=""),
        "rated_at": raw["updated_at"].time(default=None) or raw["created_at"].time(default=None),
    }


def _subject(given: str, first: Message) -> str:
    """Its title, else the first line that the customer wrote: a chat has no subject."""
    text = _one_line(given) or next((line.strip() for line in first.body_text.splitlines() if line.strip()), "")
    return text if len(text) <= SUBJECT_CHARS or given else text[: SUBJECT_CHARS - 1].rstrip() + "…"


def _one_line(given: str) -> str:
    return " ".join(to_text(given).split())


def _newest(messages: list[Message], most: int) -> list[Message]:
    ordered = sorted(messages, key=lambda message: message.created_at or datetime.min.replace(tzinfo=UTC))
    return ordered[-most:]


def _part_count(raw: Raw) -> int:
    return raw["ticket_parts" if "ticket_parts" in raw else "conversation_parts"]["total_count"].whole(default=0)


def _is_pending(raw: Raw, messages: tuple[Message, ...], dialect: Dialect, our_id: str) -> bool:
    tags = (each for each in raw["tags"]["tags"].items() if each["name"].text(default="").casefold() == dialect.pending_tag)
    tag = next(tags, None)
    return tag is not None and _holds(tag["applied_at"], tag["applied_by"], messages, our_id)


def _holds(stated_at: Raw, by: Raw, messages: tuple[Message, ...], our_id: str) -> bool:
    """Whether it still waits for the customer, as somebody stated: the customer did not write after that."""
    public = [message for message in messages if message.is_from_customer or message.is_agent_reply]
    if not public or not public[-1].is_from_customer:
        return True
    at, spoke_at = stated_at.time(default=None), public[-1].created_at
    if at is None or spoke_at is None or at == spoke_at:
        # Stamps are whole seconds. We may answer within the customer's second; a person does not.
        return at is not None and by["id"].text(default="") == our_id
    return at > spoke_at


def _is_teammates_reply(message: Message) -> bool:
    return message.is_agent_reply and message.author_kind is AuthorKind.AGENT


def _was_merged_away(raw: Raw) -> bool:
    """The secondary of a merge is closed and linked to the primary, where the thread goes on."""
    return any(part["part_type"].value == "merged_secondary_conversation" for part in parts_of(raw).items())
