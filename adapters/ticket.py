"""The unified model: what a ticket is, whatever helpdesk it lives in.

Small closed enums for rules, the vendor's own word beside each (`*_raw`), the vendor's payload in `raw`.
Every field has a default, so `Ticket(subject="Help")` is a ticket: tests, `deskhand decide` and rule tests
write only what matters to them. All times are aware UTC. All values are immutable; a change is a new value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, JsonValue

Json = JsonValue
_STRICT = ConfigDict(extra="forbid")


class Provider(StrEnum):
    ZENDESK = "zendesk"
    INTERCOM = "intercom"
    FRESHDESK = "freshdesk"


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"  # the ball is with the customer, as somebody stated
    ON_HOLD = "on_hold"  # waits for a third party, or snoozed
    SOLVED = "solved"
    CLOSED = "closed"
    OTHER = "other"


class Priority(StrEnum):
    NONE = "none"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for none up to 4 for urgent; compare priorities by this, never by their words."""
        return list(Priority).index(self)


class TicketType(StrEnum):
    QUESTION = "question"
    INCIDENT = "incident"
    PROBLEM = "problem"
    TASK = "task"
    FEATURE = "feature"
    OTHER = "other"


class Channel(StrEnum):
    EMAIL = "email"
    WEB = "web"
    CHAT = "chat"
    IN_APP = "in_app"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PHONE = "phone"
    SOCIAL = "social"
    API = "api"
    INTERNAL = "internal"
    OTHER = "other"


class AuthorKind(StrEnum):
    PERSON = "person"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    NONE = "none"


class Visibility(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"


class MessageKind(StrEnum):
    MESSAGE = "message"
    NOTE = "note"
    EVENT = "event"


class Role(StrEnum):
    CUSTOMER = "customer"
    LEAD = "lead"
    AGENT = "agent"
    BOT = "bot"


class EventType(StrEnum):
    TICKET_CREATED = "ticket.created"
    TICKET_UPDATED = "ticket.updated"
    CUSTOMER_REPLIED = "customer.replied"
    AGENT_REPLIED = "agent.replied"
    NOTE_CREATED = "note.created"
    STATUS_CHANGED = "status.changed"
    PRIORITY_CHANGED = "priority.changed"
    ASSIGNEE_CHANGED = "assignee.changed"
    TAGS_CHANGED = "tags.changed"
    RATING_RECEIVED = "rating.received"
    TICKET_MERGED = "ticket.merged"
    TICKET_DELETED = "ticket.deleted"
    DRAFT_READY = "draft.ready"
    OPINION_READY = "opinion.ready"
    OTHER = "other"


INTERNAL = frozenset({EventType.DRAFT_READY, EventType.OPINION_READY})  # of our own making; no helpdesk tells them


class TicketKind(StrEnum):
    """Intercom keeps conversations and tickets apart, with ids of their own; the other two know tickets only."""

    TICKET = "ticket"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True, order=True)
class TicketKey:
    """What a wake-up carries and a lease is held on: one ticket of one account."""

    account: str
    kind: TicketKind
    external_id: str

    def __str__(self) -> str:
        return f"{self.account}/{self.kind}/{self.external_id}"

    @staticmethod
    def parse(text: str) -> TicketKey:
        """The key that `str(key)` printed. Raises ValueError on anything else."""
        account, kind, external_id = text.split("/", 2)
        return TicketKey(account, TicketKind(kind), external_id)


# A date is ISO 8601 text here: JSON keeps it as it is, and rules read it by the field's declared type.
CustomValue = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    external_id: str = ""
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    title: str = ""
    locale: str = ""
    timezone: str = ""
    company_id: str | None = None
    role: Role = Role.CUSTOMER
    tags: frozenset[str] = frozenset()
    custom: Mapping[str, CustomValue] = field(default_factory=dict)
    is_vip: bool = False
    created_at: datetime | None = None

    @property
    def email(self) -> str:
        return self.emails[0] if self.emails else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The customer's organisation, from the provider's own fields and from the directory (bot/directory)."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    external_id: str = ""
    name: str = ""
    domains: tuple[str, ...] = ()
    tier: str | None = None  # community, standard, professional, enterprise
    plan: str | None = None
    mrr: float | None = None
    arr: float | None = None
    health: float | None = None  # 0 to 100
    renewal_at: datetime | None = None
    csm: str | None = None
    account_manager: str | None = None
    nps: float | None = None
    is_premium: bool = False
    is_strategic: bool = False
    flags: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    custom: Mapping[str, CustomValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    external_id: str = ""
    name: str = ""
    email: str = ""
    is_bot: bool = False
    is_active: bool = True
    may_answer: bool = True  # False for whom the helpdesk lets write to colleagues only (a light agent)
    teams: tuple[str, ...] = ()  # external ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    external_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A prepared answer of the helpdesk. `text` still holds the vendor's placeholders."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    external_id: str = ""
    name: str = ""
    text: str = ""
    html: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroPreview:
    """A macro as it would read on one ticket. `missing` names the placeholders that came out empty:
    a preview with one is never proposed ("Hi ," must not go out)."""

    macro: Macro
    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str = ""
    content_type: str = ""
    size_bytes: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A comment, part or conversation entry. `body_text` is plain text of the whole body; quotes are split later."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    external_id: str = ""
    author_kind: AuthorKind = AuthorKind.PERSON
    author_id: str = ""
    author_name: str = ""
    direction: Direction = Direction.IN
    visibility: Visibility = Visibility.PUBLIC
    kind: MessageKind = MessageKind.MESSAGE
    body_text: str = ""
    body_html: str = ""
    language: str | None = None
    attachments: tuple[Attachment, ...] = ()
    created_at: datetime | None = None
    is_auto_generated: bool = False  # out-of-office, bounce, mailing machine: never answered
    is_ours: bool = False  # written by Deskhand's own user
    raw: Json = None

    @property
    def is_public(self) -> bool:
        return self.visibility is Visibility.PUBLIC

    @property
    def is_from_customer(self) -> bool:
        return self.is_public and self.direction is Direction.IN and self.kind is MessageKind.MESSAGE

    @property
    def is_agent_reply(self) -> bool:
        return self.is_public and self.direction is Direction.OUT and self.kind is MessageKind.MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One ticket, read afresh. `messages` are in order of time, the customer's first message included as first.

    `version` is what the provider wants back for a conditional write (Zendesk `updated_at`), else "".
    `read_at` is when we read it: a snapshot under two seconds old counts as the re-read before a write.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    provider: Provider | None = None
    account: str = ""
    kind: TicketKind = TicketKind.TICKET
    external_id: str = ""
    number: str = ""
    url: str = ""
    subject: str = ""
    description: str = ""
    status: Status = Status.NEW
    status_raw: str = ""
    priority: Priority = Priority.NONE
    priority_raw: str = ""
    type: TicketType | None = None
    type_raw: str = ""
    category: str | None = None
    channel: Channel = Channel.OTHER
    channel_raw: str = ""
    language: str | None = None
    tags: frozenset[str] = frozenset()
    custom: Mapping[str, CustomValue] = field(default_factory=dict)
    requester: Person | None = None
    submitter_id: str | None = None
    followers: frozenset[str] = frozenset()  # e-mail addresses in copy
    company: Company | None = None
    assignee: Agent | None = None
    team: Team | None = None
    brand: str | None = None
    form: str | None = None
    problem_id: str | None = None
    merged_into: str | None = None
    messages: tuple[Message, ...] = ()
    message_count: int = 0  # as the provider counts; may exceed len(messages) where reads are bounded
    created_at: datetime | None = None
    updated_at: datetime | None = None
    first_replied_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    waiting_since: datetime | None = None
    snoozed_until: datetime | None = None
    due_at: datetime | None = None
    first_response_due_at: datetime | None = None
    reopen_count: int = 0
    rating: int | None = None  # 1 to 5
    rating_raw: str = ""
    rating_comment: str = ""
    rated_at: datetime | None = None
    is_spam: bool = False
    is_deleted: bool = False
    is_writable: bool = True  # False where the provider refuses any write (closed at Zendesk, spam or archived at Freshdesk)
    version: str = ""
    read_at: datetime | None = None
    raw: Json = None

    @property
    def key(self) -> TicketKey:
        return TicketKey(self.account, self.kind, self.external_id)

    @property
    def customer_messages(self) -> tuple[Message, ...]:
        return tuple(message for message in self.messages if message.is_from_customer)

    @property
    def agent_replies(self) -> tuple[Message, ...]:
        return tuple(message for message in self.messages if message.is_agent_reply)

    @property
    def last_customer_message(self) -> Message | None:
        return self.customer_messages[-1] if self.customer_messages else None


Changes = Mapping[str, tuple[Json, Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one delivery says about one ticket. Never trusted for state: the ticket is read afresh.

    `delivery_key` comes from the signed body (the vendor's event id, else a hash of the body).
    `actor_is_us` is None where the payload names no actor (Freshdesk) or our own user is not known.
    `ticket` is None for a delivery that speaks of no ticket (a ping, an unknown kind).
    """

    provider: Provider
    type: EventType
    ticket: TicketKey | None
    delivery_key: str
    has_delivery_id: bool = True  # False: the key is a hash of the body, so a repeat may be a new change
    actor: str | None = None
    actor_is_us: bool | None = None
    occurred_at: datetime | None = None
    changes: Changes = field(default_factory=dict)
    kind_raw: str = ""  # the vendor's own name of the event
    raw: Json = None
