"""Everything a condition can ask: one row a field. Signals are rows like any other.

Validation, docs/rules.md, docs/rules.schema.json and the placeholders in notes are made from these rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from adapters.ticket import Channel, EventType, Json, Priority, Provider, Status, TicketKind, TicketType
from rules.language.history_counts import SIMILAR_OPEN
from rules.language.opinion_fields import opinion_fields
from rules.language.registry import Field, FieldType, Reader, Registry, signal_field
from rules.model.view import (
    FactValue,
    View,
    all_own_text,
    customer_message_count,
    customer_waits,
    description,
    exchanges,
    is_auto_reply,
    is_reopen,
    is_spam,
    issue,
    issues,
    last_text,
    own_last_text,
    tier_of_issue,
    waiting_s,
)
from rules.values.taxonomy import PATHS, TYPES

HOUR_S = 3600


def _row(
    type: FieldType, name: str, meaning: str, example: Json, read: Reader, *, unit_s: int = 0, changes: bool = True
) -> Field:
    return Field(name=name, type=type, meaning=meaning, example=example, read=read, unit_s=unit_s)


def _choice(name: str, meaning: str, example: Json, choices: Iterable[str], read: Reader, *, rising: bool = False) -> Field:
    type = FieldType.ORDERED if rising else FieldType.CHOICE
    words = tuple(map(str, choices))
    return Field(name=name, type=type, meaning=meaning, example=example, read=read, choices=words)


def _address(name: str, meaning: str, example: Json, read: Reader) -> Field:
    return Field(name=name, type=FieldType.TEXT, meaning=meaning, example=example, read=read, is_address=True)


def _prose(name: str, meaning: str, example: Json, read: Reader) -> Field:
    return Field(name=name, type=FieldType.TEXT, meaning=meaning, example=example, read=read, is_prose=True)


_rising = partial(_choice, rising=True)
_text = partial(_row, FieldType.TEXT)
_set = partial(_row, FieldType.SET)
_number = partial(_row, FieldType.NUMBER)
_money = partial(_row, FieldType.MONEY)
_duration = partial(_row, FieldType.DURATION)
_time = partial(_row, FieldType.TIME)


def _bool(name: str, meaning: str, read: Reader) -> Field:
    return _row(FieldType.BOOL, name, meaning, True, read)


def _until(at: datetime | None, view: View) -> float | None:
    return None if at is None else (at - view.facts.now).total_seconds()


WISHES = (
    *("cancel", "downgrade", "refund", "callback", "manager", "legal", "privacy", "alternatives", "renewal_doubt"),
    *("no_value", "leadership_asks"),
)
TIERS = ("community", "standard", "professional", "enterprise")
_PRIORITIES = tuple(map(str, Priority))

# "" where nothing is set: nobody assigned is something we know, so `not: {assignee: x}` holds there and `known: false` as well.
TICKET = (
    _prose("subject", "the ticket's subject line", {"has_any": ["down", "outage"]}, lambda v: v.facts.ticket.subject),
    _prose("description", "the first message's text", {"has": "invoice"}, lambda v: description(v.facts.ticket)),
    _prose("last_message", "own words of the newest customer message", {"has_any": ["still broken"]}, own_last_text),
    _prose("last_message_raw", "the newest customer message as it came", {"has": "survey"}, lambda v: last_text(v.facts.ticket)),
    _prose("quoted_text", "what it quotes of older ones", {"has": "survey"}, lambda v: v.facts.own_words.quoted),
    _prose("text", "subject, own words of first and newest message", {"has_any": ["cancel", "kündigen"]}, all_own_text),
    _choice("status", "the unified status", ["new", "open"], Status, lambda v: v.facts.ticket.status),
    _text("status_raw", "the helpdesk's own word for the status", "hold", lambda v: v.facts.ticket.status_raw),
    _rising("priority", "the ticket's priority now", {"at_least": "high"}, _PRIORITIES, lambda v: v.facts.ticket.priority),
    _text("priority_raw", "the helpdesk's own word for the priority", "2", lambda v: v.facts.ticket.priority_raw),
    _choice("type", "the kind of ticket", "incident", TicketType, lambda v: v.facts.ticket.type or ""),
    _text("type_raw", "the helpdesk's own word for the type", "Incident", lambda v: v.facts.ticket.type_raw),
    _text("category", "the ticket's category", "billing", lambda v: v.facts.ticket.category or ""),
    _choice("channel", "how it came in", "email", Channel, lambda v: v.facts.ticket.channel),
    _text("channel_raw", "the helpdesk's own word for the channel", "web", lambda v: v.facts.ticket.channel_raw),
    _set("tags", "the ticket's tags", {"has": "known-incident"}, lambda v: v.facts.ticket.tags),
    _text(
        "assignee",
        "the agent's e-mail address, else the name; empty where nobody is assigned",
        {"known": False},
        lambda v: (v.facts.ticket.assignee.email or v.facts.ticket.assignee.name) if v.facts.ticket.assignee else "",
    ),
    _text(
        "team", "the team's name; empty where none", "Tier 1", lambda v: v.facts.ticket.team.name if v.facts.ticket.team else ""
    ),
    _text("brand", "the brand or inbox", "main", lambda v: v.facts.ticket.brand or ""),
    _text("form", "the ticket form", "support", lambda v: v.facts.ticket.form or ""),
    _set("followers", "e-mail addresses in copy", {"has": "boss@example.com"}, lambda v: v.facts.ticket.followers),
    _text(
        "problem_id", "the problem ticket that this one belongs to", {"known": True}, lambda v: v.facts.ticket.problem_id or ""
    ),
    _text(
        "merged_into", "the ticket that this one was merged into", {"known": False}, lambda v: v.facts.ticket.merged_into or ""
    ),
    _time("created_at", "when the ticket was made", {"older_than": "4 h"}, lambda v: v.facts.ticket.created_at),
    _time("updated_at", "the newest change", {"older_than": "5 days"}, lambda v: v.facts.ticket.updated_at),
    _time("first_replied_at", "the first public agent reply", {"known": False}, lambda v: v.facts.ticket.first_replied_at),
    _time("solved_at", "when it was solved", {"newer_than": "7 days"}, lambda v: v.facts.ticket.solved_at),
    _time("closed_at", "when it was closed for good", {"known": True}, lambda v: v.facts.ticket.closed_at),
    _time("snoozed_until", "the end of a snooze", {"known": True}, lambda v: v.facts.ticket.snoozed_until),
    _time("due_at", "the helpdesk's own due time", {"before": "2026-12-31T00:00:00Z"}, lambda v: v.facts.ticket.due_at),
    _time(
        "first_response_due_at",
        "the helpdesk's own first-response due time",
        {"known": True},
        lambda v: v.facts.ticket.first_response_due_at,
    ),
    _number("reopen_count", "how often it was opened again", {"at_least": 1}, lambda v: v.facts.ticket.reopen_count),
    _number("rating", "the customer's rating, 1 to 5", {"at_most": 2}, lambda v: v.facts.ticket.rating),
    _prose("rating_comment", "the rating's comment", {"has": "slow"}, lambda v: v.facts.ticket.rating_comment),
    _bool("is_deleted", "the ticket is deleted", lambda v: v.facts.ticket.is_deleted),
    _bool("is_writable", "the helpdesk accepts changes on it", lambda v: v.facts.ticket.is_writable),
)

DERIVED = (
    _choice("provider", "which helpdesk", "zendesk", Provider, lambda v: v.facts.ticket.provider),
    _text("account", "the name of the account in the configuration", "main", lambda v: v.facts.ticket.account),
    _choice("kind", "Intercom keeps conversations and tickets apart", "ticket", TicketKind, lambda v: v.facts.ticket.kind),
    _text("external_id", "the helpdesk's own id of the ticket", "4711", lambda v: v.facts.ticket.external_id),
    _text("number", "the number that people see", "4711", lambda v: v.facts.ticket.number or v.facts.ticket.external_id),
    _address("url", "the ticket's address in the helpdesk", {"starts": "https://"}, lambda v: v.facts.ticket.url),
    _number(
        "message_count",
        "all messages and notes",
        {"over": 20},
        lambda v: max(v.facts.ticket.message_count, len(v.facts.ticket.messages)),
    ),
    _number(
        "customer_messages",
        "messages of the customer so far",
        {"at_least": 3},
        lambda v: customer_message_count(v.facts.ticket),
    ),
    _number("agent_replies", "public replies by agents so far", {"at_least": 2}, lambda v: len(v.facts.ticket.agent_replies)),
    _number(
        "exchanges",
        "how often the customer wrote again after a public reply; replies one behind the other are one try",
        {"at_least": 3},
        lambda v: exchanges(v.facts.ticket),
    ),
    _bool(
        "is_first_message",
        "the customer has written once, and nobody has answered",
        lambda v: customer_message_count(v.facts.ticket) <= 1 and not v.facts.ticket.agent_replies,
    ),
    _bool("customer_waits", "the newest public message is the customer's", lambda v: customer_waits(v.facts.ticket)),
    _bool("is_reopen", "this change opened a solved ticket again", is_reopen),
    _duration(
        "hours_waiting",
        "how long the oldest unanswered customer message waits; unknown where nobody waits. A bare number is hours",
        {"over": 4},
        waiting_s,
        unit_s=HOUR_S,
    ),
    replace(
        _set("event", "what happened since the last look", "customer.replied", lambda v: frozenset(map(str, v.facts.events))),
        choices=tuple(map(str, EventType)),
    ),
    _number(
        "support_tier",
        "where such an issue is answered (docs/issues.md): 1 general, 2 technical, 3 specialists; unknown without an issue",
        {"at_least": 2},
        tier_of_issue,
    ),
    _time("now", "the time of this look", {"after": "2026-01-01T00:00:00Z"}, lambda v: v.facts.now),
    _bool("in_working_time", "it is now within the team's working hours", lambda v: v.facts.in_working_time),
)

REQUESTER = (
    _text("requester.name", "the person who asks", "Rita Example", lambda v: v.facts.requester.name or None),
    _address("requester.email", "the first e-mail address", {"ends": "@example.com"}, lambda v: v.facts.requester.email or None),
    _text("requester.title", "the job title", {"has_any": ["CEO", "CTO"]}, lambda v: v.facts.requester.title or None),
    _text("requester.locale", "language and country", {"starts": "de"}, lambda v: v.facts.requester.locale or None),
    _text("requester.timezone", "the time zone", "Europe/Berlin", lambda v: v.facts.requester.timezone or None),
    _choice(
        "requester.role",
        "customer, lead, agent or bot",
        "customer",
        ("customer", "lead", "agent", "bot"),
        lambda v: v.facts.requester.role,
    ),
    _set("requester.tags", "tags on the person", {"has": "beta"}, lambda v: v.facts.requester.tags),
    _bool("requester.is_vip", "flagged by hand as a VIP", lambda v: v.facts.requester.is_vip),
    _time("requester.created_at", "known since", {"newer_than": "30 days"}, lambda v: v.facts.requester.created_at),
)

COMPANY = (
    _text("company.name", "the customer's organisation", "Northwind", lambda v: v.facts.company.name or None),
    _address("company.domain", "its first domain", "northwind.example", lambda v: next(iter(v.facts.company.domains), None)),
    _rising("company.tier", "its tier", ["enterprise", "professional"], TIERS, lambda v: v.facts.company.tier),
    _text("company.plan", "its plan", "growth", lambda v: v.facts.company.plan),
    _money("company.arr", "yearly revenue with it", {"at_least": 50_000}, lambda v: v.facts.company.arr),
    _money("company.mrr", "monthly revenue with it", {"at_least": 5000}, lambda v: v.facts.company.mrr),
    _number("company.health", "health, 0 to 100", {"under": 40}, lambda v: v.facts.company.health),
    _number("company.nps", "its last NPS answer", {"at_most": 6}, lambda v: v.facts.company.nps),
    _time("company.renewal_at", "when the contract renews", {"known": True}, lambda v: v.facts.company.renewal_at),
    _duration(
        "company.renewal_in",
        "time left until the renewal; negative once it has passed",
        {"between": ["0 days", "60 days"]},
        lambda v: _until(v.facts.company.renewal_at, v),
    ),
    _text("company.csm", "its customer success manager", {"known": True}, lambda v: v.facts.company.csm),
    _text("company.account_manager", "its account manager", {"known": True}, lambda v: v.facts.company.account_manager),
    _bool("company.is_premium", "premium support is in the contract", lambda v: v.facts.company.is_premium),
    _bool("company.is_strategic", "a strategic account", lambda v: v.facts.company.is_strategic),
    _set("company.flags", "flags set by hand", {"has": "vip"}, lambda v: v.facts.company.flags),
    _set("company.tags", "tags on the company", {"has_any": ["pilot"]}, lambda v: v.facts.company.tags),
)


def _clock(name: str, read_as: str) -> Reader:
    def read(view: View) -> FactValue:
        value = view.facts.clocks.get(name)
        if read_as == "hours":
            return value * HOUR_S if isinstance(value, int | float) and not isinstance(value, bool) else None
        if read_as == "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        return value if isinstance(value, str) else None

    return read


_CLOCK_NAMES = {
    "first_response": "the first public agent reply",
    "next_response": "the next public agent reply",
    "resolution": "solving it",
}

CLOCKS = (
    *(
        _number(
            f"clocks.{name}_used",
            f"share of the time for {what} that is gone; 1 is breached",
            {"at_least": 0.75},
            _clock(f"{name}_used", "number"),
        )
        for name, what in _CLOCK_NAMES.items()
    ),
    *(
        _duration(
            f"clocks.{name}_left",
            f"time left for {what}; negative once breached. In the facts, and as a bare number: hours",
            {"under": "30 min"},
            _clock(f"{name}_left", "hours"),
            unit_s=HOUR_S,
        )
        for name, what in _CLOCK_NAMES.items()
    ),
    _rising(
        "clocks.state",
        "the worst of the running clocks",
        ["at_risk", "breached"],
        ("ok", "at_risk", "breached"),
        _clock("state", "text"),
    ),
    _text("clocks.policy", "the name of the policy that counts", "enterprise", _clock("policy", "text")),
)


def _count(name: str, meaning: str, example: Json) -> Field:
    return _number(f"counts.{name}", meaning, example, lambda v: v.facts.counts.get(name))


COUNTS = (
    _count("requester_tickets_30d", "tickets of this person in the last 30 days, this one included", {"at_least": 3}),
    _count("requester_same_issue", "all tickets of this person on the same issue, this one included", {"at_least": 3}),
    _count("company_tickets_30d", "tickets of this company in the last 30 days, this one included", {"at_least": 10}),
    _count("company_open", "open tickets of this company, this one included", {"at_least": 5}),
    _count("accounts_same_issue_24h", "companies that report the same issue within 24 hours, this one included", {"at_least": 3}),
    _count(SIMILAR_OPEN, "open tickets of the last 30 days that sound alike, this one included; needs `senses`", {"over": 4}),
)

DECIDED = (
    _rising(
        "decided.priority",
        "the priority that earlier files want; unknown where they want none",
        "urgent",
        _PRIORITIES,
        lambda v: v.decided.priority,
    ),
    _choice("decided.status", "the status that earlier files want", "open", Status, lambda v: v.decided.status),
    _text("decided.team", "the team that earlier files want; empty where none", {"known": False}, lambda v: v.decided.team or ""),
    _text("decided.assignee", "the agent that earlier files want", {"known": False}, lambda v: v.decided.assignee or ""),
    _set("decided.tags", "tags that earlier files add", {"has": "vip"}, lambda v: v.decided.tags_add),
    _bool("decided.wants_reply", "an earlier file asked for a draft", lambda v: v.decided.wants_reply),
)


SIGNALS = (
    Field(
        name="language",
        type=FieldType.TEXT,
        meaning="language of the newest customer message, ISO 639-1 or und; the helpdesk's word where no detector spoke",
        example=["de", "fr"],
        read=lambda v: str(found.value) if (found := v.signal("language")) else v.facts.ticket.language,
        is_signal=True,
    ),
    signal_field(
        "sentiment",
        FieldType.CHOICE,
        "the customer's mood",
        ["angry", "frustrated"],
        ("angry", "frustrated", "confused", "neutral", "satisfied"),
    ),
    signal_field("frustration", FieldType.NUMBER, "how frustrated, 0 to 1", {"at_least": 0.6}),
    signal_field("issue_type", FieldType.CHOICE, "what it is about", {"is": "outage", "confidence": 0.7}, tuple(TYPES)),
    Field(
        name="issue",
        type=FieldType.PATH,
        meaning="what it is about, in up to three levels (docs/issues.md), as fine as its words tell; the first is `issue_type`",
        example="billing.invoice",
        read=issue,
        choices=PATHS,
        is_signal=True,
    ),
    Field(
        name="issues",
        type=FieldType.SET,
        meaning="everything that it is about, the gravest first, each with the levels above it; `issue` is what comes first",
        example={"has": "data_loss"},
        read=issues,
        choices=PATHS,
        is_signal=True,
    ),
    signal_field(
        "severity",
        FieldType.CHOICE,
        "p1 (worst) to p4; unknown where nothing tells how grave it is",
        ["p1", "p2"],
        ("p1", "p2", "p3", "p4"),
    ),
    signal_field("product_area", FieldType.TEXT, "the area of the product, of the team's own list", "checkout"),
    signal_field(
        "complexity",
        FieldType.ORDERED,
        "how much has to be known to answer it",
        {"at_least": "complex"},
        ("simple", "normal", "complex"),
    ),
    signal_field("is_diagnosable", FieldType.BOOL, "it says enough to begin to look for the cause", False),
    signal_field(
        "questions_to_ask", FieldType.SET, "what has to be asked before anybody can look for the cause", {"empty": False}
    ),
    replace(
        signal_field("wishes", FieldType.SET, "what the customer wants of us, now and for themselves", {"has": "refund"}),
        choices=WISHES,
    ),
    signal_field("churn_words", FieldType.SET, "phrases of leaving that were found", {"empty": False}),
    signal_field(
        "churn_level",
        FieldType.ORDERED,
        "how likely the customer leaves",
        {"at_least": "high"},
        ("none", "low", "medium", "high", "critical"),
    ),
    signal_field("is_mixed_language", FieldType.BOOL, "two languages stand in the newest words", True),
    signal_field("wants_cancel", FieldType.BOOL, "the customer says that they cancel or want to", True),
    signal_field("asks_for_management", FieldType.BOOL, "the customer asks for a manager", True),
    signal_field(
        "duplicate_of", FieldType.TEXT, "another open ticket of the customer that sounds alike, its id", {"known": True}
    ),
    signal_field("legal_words", FieldType.SET, "words of lawyers and regulators that were found", {"empty": False}),
    _bool("is_auto_reply", "an out-of-office or another machine wrote; false where nobody says so", is_auto_reply),
    _bool("is_spam", "spam; false where nobody says so", is_spam),
)

# What the difference of two snapshots tells (Facts.changes); nothing is kept of the others, so asking is refused at load.
WITH_HISTORY = frozenset(
    """assignee brand category channel followers form is_deleted is_spam merged_into priority problem_id rating snoozed_until
    status subject tags team type""".split()  # noqa: SIM905
)
_ALL = (*TICKET, *DERIVED, *REQUESTER, *COMPANY, *SIGNALS, *opinion_fields(WISHES), *CLOCKS, *COUNTS, *DECIDED)
FIELDS = Registry({each.name: replace(each, can_change=each.name in WITH_HISTORY) for each in _ALL})
