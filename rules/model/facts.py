"""What rules see: complete values, gathered before any rule runs. No rule asks anything while it runs.

`Facts` is the input of `decide` (rules/engine/decide.py), `Decision` (rules/model/decision.py) its output. Both are plain values,
so a decision can be stored, hashed and replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict

from adapters.ticket import Changes, Company, EventType, Person, Ticket
from rules.values.working_hours import WorkingHours

_STRICT = ConfigDict(extra="forbid")
SignalValue = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a detector found. `score` is 0 to 1: how sure. `why` is a few words for a person; it may quote the ticket.
    `source`: who else had a say, a model by its name; "" for the detectors alone."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    value: SignalValue = None
    score: float = 1.0
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What of the messages is the customer's own, without history, signature, legal lines and other people's lines. `first`,
    `newest`: of the first message, and of the customer's newest; None where the body is all own words. `quoted`: what the newest
    quotes."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    first: str | None = None
    newest: str | None = None
    quoted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One of the team who can be given a ticket. `agent`: the e-mail address, else the name, as the helpdesk knows it.
    `open_tickets`: of theirs now."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    agent: str
    name: str = ""
    teams: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    is_away: bool = False
    open_tickets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """What a rule remembers about one ticket between runs; stored in `rule_state` with the plan.

    `semantic_hash`: of the rule's meaning (on, when, then, limits); another hash is another rule, which takes its first
    look at an old ticket silently. `held`: its condition was true at the last look under one of its events.
    `message_id`: the newest customer message when its note, notice, draft or macro last fired. `fired`: how often, with
    the newest times (at most 50) for limits. `flipped_at`: the newest times at which it turned back what we ourselves had set
    or taken off on the ticket (rules/engine/turns.py).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    rule: str
    semantic_hash: str
    held: bool = False
    message_id: str = ""
    fired: int = 0
    fired_at: tuple[datetime, ...] = ()
    flipped_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a decision may depend on.

    `events`: what happened since the last run, from the snapshots' difference (never empty).
    `is_first_sight`: no earlier snapshot of this ticket; otherwise a rule without state looks silently.
    `toggled`: tags that our own ledger put on and may take off again.
    `ours`: what stands on the ticket as our own last word, by the names of `Decision.by` (`priority`, `field:x`, `tag:x` for a
    tag that we put on or took off); what a person or another program has changed since is not ours any more.
    `switched_off`: ids of rules that do not count now, whatever their file says (bot/rulesets/circuit_breaker.py,
    `deskhand rules disable`).
    `clocks` and `counts`: names of rules/language/fields.py and rules/language/history_counts.py with their values; absent ones
    are unknown (no condition holds on them but `known: false`). `agents`: whom a ticket may be given to, where a rule chooses
    among them.
    `own_words`: facts of earlier versions have none, so that there the bodies count.
    `working_hours`: None where the team set none, so that every time is working time; `in_working_time`: whether it is now.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    ticket: Ticket
    now: datetime
    events: frozenset[EventType] = frozenset({EventType.TICKET_CREATED})
    changes: Changes = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)
    own_words: OwnWords = field(default_factory=OwnWords)
    company: Company = field(default_factory=Company)
    requester: Person = field(default_factory=Person)
    clocks: Mapping[str, float | str | bool | None] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    agents: tuple[Candidate, ...] = ()
    working_hours: WorkingHours | None = None
    in_working_time: bool = True
    is_first_sight: bool = True
    toggled: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    state: Mapping[str, RuleState] = field(default_factory=dict)
    switched_off: frozenset[str] = frozenset()
