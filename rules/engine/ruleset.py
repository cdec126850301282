"""Rules as the engine runs them: checked and compiled once by rules/loading/load.py, immutable, in the configuration's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rules.engine.prefilter import Index
from rules.engine.rule import Rule, RuleFile, Stage
from rules.files.problems import Problem
from rules.files.sources import Source
from rules.language.fields import FIELDS
from rules.language.history_counts import Count
from rules.language.registry import Registry
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """`hash` changes when any rule's meaning or stage or the order changes. `warnings` do not keep the set from running.
    `sources` and `values`: what it was made of, enough to make it again. `counts`: what its rules ask about history, by the name
    in the facts. `asks_for_similar`: they ask how many tickets sound alike. `own_issues`: what its files add to the shipped
    issues. `index`: its rules compiled together, for a quick look at all."""

    files: tuple[RuleFile, ...] = ()
    hash: str = ""
    warnings: tuple[Problem, ...] = ()
    registry: Registry = field(default=FIELDS, repr=False)
    sources: tuple[Source, ...] = field(default=(), repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    counts: Mapping[str, Count] = field(default_factory=dict)
    asks_for_similar: bool = False
    own_issues: OwnIssues = field(default=NO_OWN_ISSUES, repr=False, compare=False)
    index: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", Index.of(self.rules))

    @property
    def rules(self) -> Iterator[Rule]:
        return (rule for file in self.files for rule in file.rules)

    @property
    def chooses_agents(self) -> bool:
        """Whether a rule gives tickets to whoever fits, and so needs to know the team."""
        return any(getattr(action.options, "asks_candidates", False) for rule in self.rules for action in rule.actions)

    def rule(self, id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == id), None)

    def without(self, id: str) -> RuleSet:
        """The others."""
        files = [replace(file, rules=tuple(rule for rule in file.rules if rule.id != id)) for file in self.files]
        return replace(self, files=tuple(files))

    def as_if_live(self, *stages: Stage) -> RuleSet:
        """The same rules with those of these stages live: what would be decided. The set itself where it has none of them."""
        if not any(rule.stage in stages for rule in self.rules):
            return self
        files = [
            replace(file, rules=tuple(replace(rule, stage=Stage.LIVE) if rule.stage in stages else rule for rule in file.rules))
            for file in self.files
        ]
        return replace(self, files=tuple(files))
