"""One rule and one rule file, as the engine runs them: checked and compiled by rules/loading/load.py, immutable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adapters.ticket import EventType
from rules.actions import Action
from rules.language.conditions import Condition
from rules.model.decision import Decision
from rules.model.facts import Facts
from rules.model.view import NOTHING_DECIDED

DEFAULT_EVENTS = frozenset({EventType.TICKET_CREATED, EventType.CUSTOMER_REPLIED})


class Stage(StrEnum):
    """How far a rule has come: its tests alone run; it also decides beside the others and nothing is written; it counts."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often a rule may fire on one ticket, ever and within any hour. None: no limit. `total_per_hour`: on all tickets
    together; one that comes to it is switched off for everybody (bot/rulesets/circuit_breaker.py). None: the configuration's."""

    per_ticket: int | None = None
    per_hour: int | None = None
    total_per_hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """One entry of a rule's `tests`. `writes`: the actions that must fire, in any order; None: any."""

    must_match: bool
    facts: Facts
    decided: Decision = NOTHING_DECIDED
    writes: tuple[str, ...] | None = None
    line: int = 1
    column: int = 1
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`semantic_hash` covers what the rule means: on, when, then, limits, stop. Name, tests, comments and layout do not count."""

    id: str
    name: str
    file: str
    on: frozenset[EventType]
    when: Condition | None
    actions: tuple[Action, ...]
    limits: Limits
    stop: bool
    semantic_hash: str
    tests: tuple[RuleCase, ...] = ()
    line: int = 1
    stage: Stage = Stage.LIVE

    @property
    def is_live(self) -> bool:
        return self.stage is Stage.LIVE

    @property
    def toggles(self) -> frozenset[str]:
        """The tags that this rule puts on and takes off."""
        return frozenset(getattr(action.options, "tag", "") for action in self.actions if action.name == "toggle_tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    name: str
    rules: tuple[Rule, ...]
