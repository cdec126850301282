"""Rules in shadow: each run also decides with them, beside the rules that count, and keeps what they would have written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.ticket import Json
from bot.rulesets.active import ActiveRules
from bot.writes.summary import writes_of
from rules.engine.decide import NO_RULE, decide
from rules.engine.rule import Stage
from rules.model.decision import Decision, RuleResult
from rules.model.facts import Facts, RuleState


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """`would`: rule -> what it would have written, in words. `state`: what the rules in shadow remember of it."""

    results: tuple[RuleResult, ...] = ()
    would: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    state: Mapping[str, RuleState] = field(default_factory=dict)

    def to_json(self) -> Json:
        return [
            {
                "id": each.id,
                "matched": each.matched,
                "fired": each.fired,
                "because": each.because,
                "actions": [*each.actions],
                "would": [*self.would.get(each.id, ())],
            }
            for each in self.results
        ]


def in_shadow(standing: ActiveRules, facts: Facts, decision: Decision, state: Mapping[str, RuleState]) -> Shadow:
    """What the rules in shadow make of these facts if they counted too. Their `state` is their own: what they remember from when
    they counted, or will then, is another."""
    ours = standing.in_shadow
    if not ours:
        return Shadow()
    known = {rule: each for rule, each in facts.state.items() if rule not in ours}
    known |= {rule: each for rule, each in state.items() if rule in ours}
    would = decide(standing.rules.as_if_live(Stage.SHADOW), replace(facts, state=known), in_full=NO_RULE)
    now, then = writes_of(facts.ticket, decision), writes_of(facts.ticket, would)
    found: dict[str, tuple[str, ...]] = {}
    for what, (value, rules) in sorted(then.items()):
        if now.get(what, ("",))[0] != value:
            found |= {rule: (*found.get(rule, ()), f"{what}: {value}") for rule in rules if rule in ours}
    return Shadow(
        results=tuple(each for each in would.rules if each.id in ours),
        would=found,
        state={rule: each for rule, each in would.state.items() if rule in ours},
    )
