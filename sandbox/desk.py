"""A stand-in helpdesk: the base of sandbox/zendesk, sandbox/intercom and sandbox/freshdesk.

A provider's desk gives three things: the vendor's API as Flask routes (`app`), the verbs below, and how it signs
webhooks. It gets everything else from here: storage with a past, the effect log, faults, the webhook sender, the control
API under /_sandbox, the agent's page at /.

What a provider's routes may rely on: each call runs alone, inside `desk.lock`; `desk.changed(...)` after each applied
write; a route argument called `ticket_id` counts the call for that ticket; `desk.emit(...)` goes out once the call is over
(and not at all if a fault takes the call back).
"""

from __future__ import annotations

import itertools
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import Response

from sandbox.core_records import Records
from sandbox.deliver import Attempt, Delivery, Sender
from sandbox.effects import Call, EffectLog
from sandbox.faults import FaultBook
from sandbox.world import World, load

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    id: str
    author: str  # name
    author_email: str
    is_public: bool
    is_from_customer: bool
    by_bot: bool  # written by Deskhand's own user
    html: str  # as the vendor stored it, sanitised
    text: str
    at: datetime
    sent_by_bot: bool = False  # by an API call of Deskhand's own user, in whosever name


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """A ticket in unified words, the same for all stand-ins. Names where the vendor keeps ids.

    `status`: new, open, pending, on_hold, solved, closed. `priority`: none, low, normal, high, urgent; where the vendor
    cannot hold it, the vendor's nearest. `messages`: oldest first, the customer's first message included.
    """

    id: str
    subject: str
    status: str
    priority: str
    tags: frozenset[str]
    team: str | None  # name
    assignee: str | None  # e-mail address
    followers: tuple[str, ...]  # e-mail addresses
    requester: str  # e-mail address
    company: str | None  # name
    messages: tuple[MessageView, ...]
    status_raw: str = ""
    priority_raw: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)  # custom fields that are set, by the vendor's name or id
    rating: int | None = None  # 1 to 5
    rating_comment: str = ""
    is_spam: bool = False
    is_deleted: bool = False
    merged_into: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def notes(self) -> tuple[MessageView, ...]:
        return tuple(message for message in self.messages if not message.is_public)

    @property
    def bot_notes(self) -> tuple[MessageView, ...]:
        return tuple(message for message in self.notes if message.by_bot)

    @property
    def replies(self) -> tuple[MessageView, ...]:
        """Public messages that the customer did not write."""
        return tuple(message for message in self.messages if message.is_public and not message.is_from_customer)

    @property
    def bot_replies(self) -> tuple[MessageView, ...]:
        """Those that Deskhand sent, in its own name or in that of the agent who accepted them."""
        return tuple(message for message in self.replies if message.by_bot or message.sent_by_bot)


class NoSuchTicket(KeyError):
    """A verb was asked for a ticket that is not there."""


class Desk(ABC):
    """`clock` gives aware UTC now; `time_scale` multiplies the vendor's webhook retry times (0.01 in tests);
    `secret`: the webhook secret; `target`: where webhooks go (http://127.0.0.1:PORT/webhooks/<account>), None: nowhere.

    A subclass calls `super().__init__(...)`, then seeds itself in `seed_world()`, which `reset` calls as well.
    """

    name: ClassVar[str]  # zendesk, intercom, freshdesk
    title: ClassVar[str]  # as shown on the page
    webhook_timeout_s: ClassVar[float] = 10.0

    def __init__(
        self,
        world: World | None = None,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        time_scale: float = 1.0,
        secret: str | None = None,
        target: str | None = None,
        seed: int = 0,
    ) -> None:
        self.world = world or load()
        self.clock = clock
        self.secret = secret or f"sandbox-{self.name}-secret"
        self.date_ahead_s = 0.0  # of the Date header alone
        self.address = ""  # base URL once it runs (serve.py sets it)
        self.lock = threading.RLock()
        self.effects = EffectLog()
        self.faults = FaultBook()
        self.records = Records()
        self.webhooks = Sender(
            sign=self.sign,
            retry=self.retry,
            count=self.nth_try,
            timeout_s=self.webhook_timeout_s,
            time_scale=time_scale,
            seed=seed,
        )
        self.webhooks.target = target
        self.counter = itertools.count(1)
        self.callers: dict[str, str] = {}  # id of a message that an API call made -> e-mail address of the caller
        self._call: ContextVar[Call | None] = ContextVar("call", default=None)
        self._outbox: list[Delivery] | None = None
        self.seed_world()

    # What a provider gives.

    @abstractmethod
    def seed_world(self) -> None:
        """Make the vendor's people, companies, teams, macros and ids from `self.world`, anew, with the same ids each time."""

    @abstractmethod
    def app(self) -> Any:
        """The WSGI application: vendor API, control API, pages, with faults around the API. `core_gate.build` makes it."""

    @abstractmethod
    def sign(self, body: bytes) -> Mapping[str, str]:
        """The vendor's signature headers for one attempt, now."""

    @abstractmethod
    def retry(self, attempt: Attempt) -> float | None:
        """The vendor's manners after a failed attempt (deliver.py has them)."""

    def nth_try(self, body: bytes, number: int) -> bytes:
        """A webhook's body at its nth try; some vendors count them in it."""
        return body

    @abstractmethod
    def error(self, status: int, retry_after: str | int | None = None) -> Response:
        """The vendor's own answer for an error status, above all 429, 500, 502 and 503."""

    @abstractmethod
    def refusal_of(self, fields: Sequence[str]) -> Response:
        """The vendor's own answer to a write with values that it does not take; it names these fields, or none of them."""

    def clean_path(self, path: str) -> str:
        """The path to route by; Zendesk takes `.json` off."""
        return path

    # The verbs of stories, tests and pages. Each changes the stored state and emits the vendor's webhooks.

    @abstractmethod
    def create_ticket(
        self,
        *,
        requester: str,
        subject: str,
        body: str,
        channel: str = "email",
        tags: Sequence[str] = (),
        locale: str | None = None,
        auto_generated: bool = False,
        cc: Sequence[str] = (),
        agent: str | None = None,
    ) -> str:
        """A customer writes in; the ticket's external id. `requester`, `cc`: e-mail addresses. `body`: plain text.
        `channel`: email, web, chat, api. `auto_generated`: sent by a machine (out of office), marked as far as the vendor
        can. `agent`: an agent opens it and writes the first message in place of the customer."""

    @abstractmethod
    def customer_reply(self, ticket: str, body: str, author: str | None = None, *, auto_generated: bool = False) -> str:
        """The requester, or `author` by e-mail address, writes again: the message's id. Reopens as the vendor does."""

    @abstractmethod
    def agent_reply(self, ticket: str, body: str, agent: str) -> str:
        """A public reply, plain text: the message's id. Reply, note and update take the agent by e-mail address."""

    @abstractmethod
    def agent_note(self, ticket: str, body: str, agent: str) -> str:
        """A private note, plain text: the message's id."""

    @abstractmethod
    def agent_update(
        self,
        ticket: str,
        *,
        agent: str,
        tags_add: Iterable[str] = (),
        tags_remove: Iterable[str] = (),
        priority: str | None = None,
        status: str | None = None,
        assignee: str | None = None,
        team: str | None = None,
    ) -> None:
        """One submit of an agent. Unified words for priority and status; an e-mail address; a team's name. None: as it is."""

    @abstractmethod
    def machine_update(
        self, ticket: str, *, tags_add: Iterable[str] = (), tags_remove: Iterable[str] = (), app: str | None = None
    ) -> None:
        """Tags that no person changed: a trigger, automation or workflow did; or another app, by its API calls, with the
        credentials of `app` (an agent's e-mail address)."""

    @abstractmethod
    def merge(self, ticket: str, into: str, agent: str) -> None:
        """`ticket` is merged into `into` and closed."""

    @abstractmethod
    def rate(self, ticket: str, score_1_5: int, comment: str = "") -> None: ...

    @abstractmethod
    def delete(self, ticket: str) -> None: ...

    @abstractmethod
    def mark_spam(self, ticket: str) -> None: ...

    @abstractmethod
    def view(self, ticket: str) -> TicketView:
        """Raises NoSuchTicket. Deleted tickets can be viewed, with `is_deleted`."""

    def ids(self) -> list[str]:
        """External ids of all tickets, oldest first."""
        with self.lock:
            return self.records.keys()

    # What a provider gets.

    @property
    def call(self) -> Call | None:
        """The API call being handled in this thread, None inside a verb."""
        return self._call.get()

    def changed(self, ticket: str | None, what: str, changes: Mapping[str, Any]) -> None:
        """Note an applied write in the effect log, if an API call made it; see `Effect` for the words."""
        if (call := self.call) is not None:
            self.effects.add(call, at=self.clock(), ticket=ticket, what=what, changes=changes)

    def spoken(self, message: object) -> None:
        """Note that the API call being handled made this message, in whosever name."""
        if (call := self.call) is not None:
            self.callers[str(message)] = str(call.actor)

    def is_sent_by_bot(self, message: object) -> bool:
        return self.callers.get(str(message)) == self.world.bot.email

    def emit(self, *, ticket: str, topic: str, body: bytes, id: str = "", headers: Mapping[str, str] | None = None) -> None:
        """Hand a webhook to the sender, once the verb or call is over."""
        delivery = Delivery(id=id, topic=topic, ticket=ticket, body=body, headers=headers or {})
        if self._outbox is not None:
            self._outbox.append(delivery)
        else:
            self.webhooks.send(delivery)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Around each verb: holds the lock; webhooks go out afterwards."""
        with self.lock:
            if self._outbox is not None:
                yield
                return
            self._outbox = []
            try:
                yield
                deliveries = self._outbox
            finally:
                self._outbox = None
        for delivery in deliveries:
            self.webhooks.send(delivery)

    @contextmanager
    def handling(self, call: Call) -> Iterator[None]:
        """Around each API call; core_gate.py uses it."""
        token = self._call.set(call)
        try:
            yield
        finally:
            self._call.reset(token)

    def discard_webhooks(self) -> None:
        """What this call would have sent is not sent: a fault took it back."""
        if self._outbox is not None:
            self._outbox.clear()

    def wait_idle(self, timeout_s: float = 10.0) -> bool:
        """Until all webhooks are delivered or given up."""
        return self.webhooks.wait_idle(timeout_s)

    def reset(self) -> None:
        """As new: no tickets, no effects, no faults, no webhooks under way; the target stays."""
        with self.lock:
            self.effects.reset()
            self.faults.reset()
            self.webhooks.reset()
            self.records = Records()
            self.counter = itertools.count(1)
            self.seed_world()
