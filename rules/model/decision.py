"""What rules decided: wishes with the rules that made them, and the evaluator's own trace.

Nothing here is a write yet: `plan` (bot/writes/planner.py) turns the decision into the fewest writes on the ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from adapters.ticket import CustomValue, Json, Priority, Status
from rules.model.facts import RuleState


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One evaluated condition. `path` is its place in the rule (`when.all[0].company.tier`), `wanted` the operator and
    value as written, `found` the fact's value (shortened; texts are not repeated here), `holds` the result.
    `why` tells what a reader would ask next: `not known`, `signal score 0.4 < 0.7`."""

    path: str
    wanted: Json
    found: Json
    holds: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What became of one rule. `matched`: its condition holds. `fired`: and its actions count in this decision.
    `because`: why it did not fire although it matched (`still holds`, `limit per_ticket`, `first look`, `stopped by ...`,
    `event`), or "" where it fired or did not match. `actions`: the names of those that fired.

    `ruled_out`: why it was not evaluated, `event` or the path of a condition without which it cannot match; "" where it was.
    Its steps are there only where the decision was asked for in full, and so is whether its condition would hold without its
    event."""

    id: str
    name: str
    file: str
    matched: bool
    fired: bool
    steps: tuple[Step, ...] = ()
    because: str = ""
    actions: tuple[str, ...] = ()
    ruled_out: str = ""


class NoteKind(StrEnum):
    NOTE = "note"
    ESCALATION = "escalation"
    PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWish:
    """A paragraph for the run's one note. `title` is a line, `text` plain text with newlines.

    Of an escalation `text` is its reason. `team`: who gets the ticket; `tell`: people whom the reader tells, in words; `within`:
    the time to answer in, from the decision on; `priority`: what the rule proposes, shown where no rule sets one.
    """

    rule: str
    text: str
    title: str = ""
    kind: NoteKind = NoteKind.NOTE
    team: str = ""
    tell: tuple[str, ...] = ()
    within: timedelta | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWish:
    rule: str
    tone: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroWish:
    rule: str
    macro: str  # the macro's name or external id


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to people outside the ticket (a channel of the configuration). `to`: who they are, in words for the note."""

    rule: str
    channel: str
    text: str
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    rule: str
    after: timedelta
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A wish that another rule's wish overrode: shown in the trace."""

    field: str
    value: Json
    rule: str
    to_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The wishes of all rules that fired, combined. None means: nobody wished anything about this field.

    `by` names the winning rules per field (`priority`, `team`, `tag:vip`, `note`, ...).
    `priority_from`: of those of the priority the rules without which it would be another, in their order.
    `sets_*` distinguish "set to none" from "no wish": `assignee`/`team` wishes are texts, never empty.
    """

    priority: Priority | None = None
    status: Status | None = None
    team: str | None = None
    assignee: str | None = None
    tags_add: frozenset[str] = frozenset()
    tags_remove: frozenset[str] = frozenset()
    fields: Mapping[str, CustomValue] = field(default_factory=dict)
    followers_add: frozenset[str] = frozenset()
    survey_off: bool = False
    links: tuple[str, ...] = ()
    notes: tuple[NoteWish, ...] = ()
    drafts: tuple[DraftWish, ...] = ()
    macros: tuple[MacroWish, ...] = ()
    notices: tuple[Notice, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    sla_policy: str | None = None
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    priority_from: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    rules: tuple[RuleResult, ...] = ()
    state: Mapping[str, RuleState] = field(default_factory=dict)

    @property
    def wants_reply(self) -> bool:
        return bool(self.drafts)
