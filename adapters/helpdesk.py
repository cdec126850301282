"""A helpdesk account as the flow sees it: the same verbs for every provider.

Each provider package holds `webhook.py`, `hydrate.py`, `requests.py`, `poll.py`, `api.py` with the same functions in the
same order; `adapter.py` names them in its `ADAPTER`, and webhook.py its own two in `READER`. `connect` binds one to an account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from adapters.errors import PayloadUnexpected
from adapters.raw import read_json
from adapters.ticket import Agent, Event, Json, Macro, MacroPreview, Provider, Team, Ticket, TicketKey, TicketKind
from adapters.writes import Capability, Outcome, Plan, Request, Write

if TYPE_CHECKING:
    from adapters.transport import Transport  # the receiver reads webhooks and calls nobody: it loads no client

Headers = Mapping[str, str]  # names in lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """One custom field of an account: our slug, the vendor's id or name, and its type."""

    slug: str
    vendor: str  # Zendesk field id, Freshdesk `cf_...`, Intercom attribute name
    type: str = "text"  # text, number, bool, date, enum, multi


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A field whose value has another type than its mapping says, so that it counts as unknown. Holds no value.

    `field`: the mapping's slug, or `company.<attribute>`. `expected`, `found`: types in words.
    """

    account: str
    field: str
    expected: str
    found: str


def nobody_asks(misfit: Misfit) -> None:
    """For whoever only reads: commands and tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecurity:
    """What proves a delivery. Two secrets at a time, so one can be changed without loss."""

    secrets: tuple[str, ...] = field(repr=False, default=())
    replay_window_s: int = 300
    header: str = "x-deskhand-secret"  # Freshdesk only: the custom header that carries the secret
    retries_s: int = 7200  # Intercom only: how long after its first sending the vendor may still repeat a notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One helpdesk account, as an adapter needs it. Secrets never show in its repr.

    `credentials`: zendesk {email, token}; intercom {token}; freshdesk {api_key}.
    `options`: provider's own settings, e.g. intercom {version: "2.16"}, freshdesk {statuses: {6: pending}}.
    `company_fields`: company attribute (tier, arr, mrr, renewal_at, csm, ...) -> the vendor's field name.
    `on_misfit`: told of each value that could not be read as its mapping says (adapters/custom_values.py).
    """

    name: str
    provider: Provider
    address: str
    credentials: Mapping[str, str] = field(repr=False, default_factory=dict)
    webhook: WebhookSecurity = field(default_factory=WebhookSecurity)
    fields: tuple[FieldMapping, ...] = ()
    company_fields: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    max_messages: int = 500
    on_misfit: Callable[[Misfit], None] = field(default=nobody_asks, repr=False, compare=False)


def identity_of(provider: Provider, address: str) -> str:
    """A helpdesk by its address, however that is spelt: `freshdesk:acme.freshdesk.com`."""
    parts = urlsplit(address)
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{provider.value}:{(parts.hostname or '').rstrip('.')}{port}{parts.path.rstrip('/')}"


class ReferenceCache(Protocol):
    """Slowly changing data (people, companies, teams, macros, our own user), kept with an age in the database."""

    def get(self, name: str, max_age_s: float) -> Json | None:
        """The value kept under `name` (`macros`, `contact:42`), or None if absent or older."""

    def put(self, name: str, value: Json) -> None: ...

    def once(self, name: str, max_age_s: float, fetch: Callable[[], Json]) -> Json:
        """The value kept under `name`, else what `fetch` reads, which is kept; of many who miss it at once one reads."""


class DictCache:
    """A cache for one process: commands and tests."""

    def __init__(self) -> None:
        self._kept: dict[str, Json] = {}

    def get(self, name: str, max_age_s: float) -> Json | None:
        return self._kept.get(name)

    def put(self, name: str, value: Json) -> None:
        self._kept[name] = value

    def once(self, name: str, max_age_s: float, fetch: Callable[[], Json]) -> Json:
        if (kept := self.get(name, max_age_s)) is None:
            kept = fetch()
            self.put(name, kept)
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPage:
    """Tickets that changed since the cursor, as events (`type` ticket.updated, key from id and time), oldest first.

    `cursor` goes into the next poll; `has_more` says that another page waits now.
    """

    events: tuple[Event, ...]
    cursor: str
    has_more: bool = False


class Api(Protocol):
    """What `connect_api` of a provider returns: its client, bound to one account. Only that provider looks inside."""

    @property
    def account(self) -> Account: ...


def no_workspace(api: Any) -> str:
    """For a provider whose address belongs to one account alone."""
    return ""


def no_carrier_tags(write: Write, api: Any) -> frozenset[str]:
    """For a provider that carries nothing by a tag, or does not show such tags as tags."""
    return frozenset()


def no_field_types(api: Any) -> Mapping[str, str]:
    """For a provider that does not tell which custom fields an account has."""
    return {}


def shown_by_its_field(write: Write, kind: TicketKind, api: Any) -> str:
    """For a provider that has a field for everything that it can carry."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedBy:
    """Who put a tag on. `agent`: one of the team who did it by hand; None where it was anybody or anything else, which
    `otherwise` names in words for a note (`a trigger or automation`)."""

    agent: Agent | None = None
    otherwise: str = ""


def tells_nobody(tag: str, ticket: Ticket, api: Any) -> TaggedBy | None:
    """For a provider that does not say who put a tag on."""
    return None


def tagged_by_id(person_id: str, known: Sequence[Agent], our_id: str) -> TaggedBy:
    """By the external id of whoever did it: one of the team, unless it is our own user."""
    if person_id == our_id:
        return TaggedBy(otherwise="Deskhand's own user")
    found = next((each for each in known if each.external_id == person_id and each.is_active and not each.is_bot), None)
    return TaggedBy(agent=found) if found else TaggedBy(otherwise="somebody who is no agent here")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimit:
    """A vendor's own limit for some of its calls, beside the plan's for all: calls a minute, or that share of the plan's.

    `path`: a regular expression for the whole path. `header`: names the answer's header that tells total, remaining and resets.
    `at_once`: the part of a minute's calls that may be made at once; the rest is spread over the minute.
    """

    name: str
    method: str
    path: str
    per_minute: int | None = None
    of_plan: float = 1.0
    header: str = ""
    at_once: float = 0.2


PlannedCall = tuple[str, str]  # a method, and the path with its query: what a budget is asked for before the call


def one_each(method: str, target: str) -> int:
    """For a provider whose limit counts calls."""
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReader:
    """The half of a provider that the receiver needs: `READER` in its webhook.py.

    verify(headers, body, security, now)  raises SignatureInvalid; sees raw bytes, before any parsing
    parse(headers, body, account_name)    -> events; unknown kinds become EventType.OTHER; raises PayloadUnexpected
    """

    provider: Provider
    # How coarse the version stamp is: a ticket is read only when its newest change is older (Zendesk: 1 s); 0: none.
    stamp_grain_s: float
    verify: Callable[[Headers, bytes, WebhookSecurity, datetime], None]
    parse: Callable[[Headers, bytes, str], list[Event]]
    content_types: frozenset[str] = frozenset({"application/json"})  # of bodies that `parse` reads; "": none is named
    # Members at the top of a body that the vendor changes from try to try: they say nothing of what happened.
    retry_members: frozenset[str] = frozenset()

    def content_sha256(self, body: bytes) -> str:
        """The hash of what a delivery says, hexadecimal: equal for each try of the same one, different for another under its id.
        Of the bytes themselves where the vendor repeats them as they were."""
        if self.retry_members and any(f'"{name}"'.encode() in body for name in self.retry_members):
            with suppress(PayloadUnexpected):
                said = {name: place.value for name, place in read_json(body).object().fields() if name not in self.retry_members}
                body = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(body).hexdigest()

    @property
    def half(self) -> dict[str, Any]:
        """Its fields by name, for the whole `Adapter`."""
        return {each.name: getattr(self, each.name) for each in fields(WebhookReader)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter(WebhookReader):
    """A provider's functions under their common names. See docs/adding_a_provider.md for what each promises.

    connect_api(account, transport, cache) -> the bound client
    hydrate(key, api)                     -> the ticket read afresh; raises TicketGone, HelpdeskDown, RateLimited, AccessDenied
    to_requests(plan, ticket, api)        -> vendor requests, fewest first sent; makes no call but cached reference lookups
    send(request, api)                    -> Outcome (OutcomeUnknown becomes Result.UNKNOWN); raises RateLimited, AccessDenied,
                                             TicketGone
    find_marker(key, marker, api)         -> external id of our private note that holds the marker, or None
    poll(cursor, now, api)                -> PollPage; cursor "" starts an hour before `now`
    me(api)                               -> our own user, an Agent
    macros(api), preview(macro, ticket, api), teams(api), agents(api)
    field_types(api)                      -> the account's custom fields by the vendor's id or name: text, enum, number, bool,
                                             date, multi, or "" for a type that no mapping can read
    workspace(api)                        -> the account's own id, where several share the provider's address (Intercom); else ""
    call_cost(method, target)             -> what a call to `target` (path and query) is expected to take of the plan's limit
    run_calls                             -> the calls of a run that writes, the reads first: asked for before its first read
    tagged_by(tag, ticket, api)           -> who put this tag on the ticket as it was read, None where the helpdesk does not say;
                                             raises what a read does
    carrier_tags(write, api)              -> tags that a read shows where this write, which is not about tags, was carried by one
    shown_as(write, kind, api)            -> where an agent finds what has no field of its own: `tag priority-urgent`, or ""
    """

    capabilities: Mapping[str, Capability]
    connect_api: Callable[[Account, Transport, ReferenceCache], Any]
    hydrate: Callable[[TicketKey, Any], Ticket]
    to_requests: Callable[[Plan, Ticket, Any], list[Request]]
    send: Callable[[Request, Any], Outcome]
    find_marker: Callable[[TicketKey, str, Any], str | None]
    poll: Callable[[str, datetime, Any], PollPage]
    me: Callable[[Any], Agent]
    macros: Callable[[Any], list[Macro]]
    preview: Callable[[Macro, Ticket, Any], MacroPreview]
    teams: Callable[[Any], list[Team]]
    agents: Callable[[Any], list[Agent]]
    call_limits: tuple[CallLimit, ...] = ()
    workspace: Callable[[Any], str] = no_workspace
    call_cost: Callable[[str, str], int] = one_each
    run_calls: tuple[PlannedCall, ...] = ()
    carrier_tags: Callable[[Write, Any], frozenset[str]] = no_carrier_tags
    field_types: Callable[[Any], Mapping[str, str]] = no_field_types
    shown_as: Callable[[Write, TicketKind, Any], str] = shown_by_its_field
    tagged_by: Callable[[str, Ticket, Any], TaggedBy | None] = tells_nobody
    assignee_moves_team: bool = False  # a ticket leaves a team that its new assignee is not in, and comes into one of theirs


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """One account's adapter with its client: what the flow holds for the length of a run."""

    adapter: Adapter
    account: Account
    api: Any

    @property
    def identity(self) -> str:
        """Which helpdesk this is, whatever the account is called here: `zendesk:acme.zendesk.com`, and at Intercom, where all
        share an address, its workspace behind a `#`. Asks for the workspace once an hour at most."""
        workspace = self.adapter.workspace(self.api)
        return identity_of(self.account.provider, self.account.address) + (f"#{workspace}" if workspace else "")

    def hydrate(self, key: TicketKey) -> Ticket:
        return self.adapter.hydrate(key, self.api)

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        return self.adapter.to_requests(plan, ticket, self.api)

    def send(self, request: Request) -> Outcome:
        return self.adapter.send(request, self.api)

    def find_marker(self, key: TicketKey, marker: str) -> str | None:
        return self.adapter.find_marker(key, marker, self.api)

    def poll(self, cursor: str, now: datetime) -> PollPage:
        return self.adapter.poll(cursor, now, self.api)

    def me(self) -> Agent:
        return self.adapter.me(self.api)

    def macros(self) -> list[Macro]:
        return self.adapter.macros(self.api)

    def preview(self, macro: Macro, ticket: Ticket) -> MacroPreview:
        return self.adapter.preview(macro, ticket, self.api)

    def teams(self) -> list[Team]:
        return self.adapter.teams(self.api)

    def agents(self) -> list[Agent]:
        return self.adapter.agents(self.api)

    def field_types(self) -> Mapping[str, str]:
        return self.adapter.field_types(self.api)

    def tagged_by(self, tag: str, ticket: Ticket) -> TaggedBy | None:
        return self.adapter.tagged_by(tag, ticket, self.api)

    def carrier_tags(self, write: Write) -> frozenset[str]:
        return self.adapter.carrier_tags(write, self.api)

    def shown_as(self, write: Write, kind: TicketKind) -> str:
        return self.adapter.shown_as(write, kind, self.api)
