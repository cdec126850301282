"""Rules decided the plain way: each asked in its turn, each text searched again for each word. What the engine must agree with.

It shares with the engine how a single condition is evaluated and what an action wants, and nothing of what makes it fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rules.engine.combine import Combined
from rules.engine.decide import (
    EVERY_RULE,
    HELD_BACK,
    _after_firing,
    _due,
    _event_step,
    _goes_round,
    _limit,
    _Run,
    _turns,
    _wished,
)
from rules.engine.rule import Rule, RuleFile
from rules.engine.ruleset import RuleSet
from rules.model.decision import Decision, RuleResult, Step
from rules.model.effects import WantTags
from rules.model.facts import Facts, RuleState
from rules.model.view import NOTHING_DECIDED, View, message_key


@dataclass(slots=True)
class _Plain:
    run: _Run  # for the actions' sake; its results and state are not used
    results: list[RuleResult] = field(default_factory=list)
    state: dict[str, RuleState] = field(default_factory=dict)
    kept_on: set[str] = field(default_factory=set)
    let_go: list[tuple[str, str]] = field(default_factory=list)


def decide_plainly(rules: RuleSet, facts: Facts, decided: Decision = NOTHING_DECIDED) -> Decision:
    plain = _Plain(_Run(facts, rules, Combined(facts.ticket), EVERY_RULE))
    combined = plain.run.combined
    for number, file in enumerate(rules.files):
        _file(plain, file, View(facts, decided if number == 0 else combined.decision()))
    for tag, rule in plain.let_go:
        if tag in facts.toggled and tag not in plain.kept_on and tag not in combined.tags_add:
            combined.add(WantTags(remove=frozenset((tag,))), rule)
    return combined.decision(tuple(plain.results), plain.state)


def _file(plain: _Plain, file: RuleFile, view: View) -> None:
    stopped_by = ""
    for rule in file.rules:
        known = plain.run.facts.state.get(rule.id)
        before = known if known is not None and known.semantic_hash == rule.semantic_hash else None
        is_off = rule.id in plain.run.facts.switched_off
        if not rule.is_live or is_off or stopped_by:
            because = rule.stage.value if not rule.is_live else "switched off" if is_off else f"stopped by {stopped_by}"
            if rule.is_live:
                _keep(plain, rule, before or _blank(rule))
            plain.results.append(
                RuleResult(id=rule.id, name=rule.name, file=rule.file, matched=False, fired=False, because=because)
            )
        elif _rule(plain, rule, before, view) and rule.stop:
            stopped_by = rule.id


def _blank(rule: Rule) -> RuleState:
    return RuleState(rule=rule.id, semantic_hash=rule.semantic_hash)


def _keep(plain: _Plain, rule: Rule, state: RuleState) -> None:
    plain.state[rule.id] = state
    if state.held:
        plain.kept_on |= rule.toggles


def _rule(plain: _Plain, rule: Rule, before: RuleState | None, view: View) -> bool:
    facts, steps = plain.run.facts, list[Step]()
    asked = bool(rule.on & facts.events)
    if not asked:
        steps.append(_event_step(rule, facts))
    holds = rule.when.evaluate(view, steps) if rule.when else True
    because, actions = ("event" if holds else "", ()) if not asked else _act(plain, rule, before, view, steps, holds)
    if not asked:
        _keep(plain, rule, before or _blank(rule))
    plain.results.append(
        RuleResult(
            id=rule.id,
            name=rule.name,
            file=rule.file,
            matched=holds is True,
            fired=bool(actions),
            steps=tuple(steps),
            because=because,
            actions=actions,
        )
    )
    return asked and holds is True


def _act(
    plain: _Plain, rule: Rule, before: RuleState | None, view: View, steps: list[Step], holds: bool | None
) -> tuple[str, tuple[str, ...]]:
    facts, state = plain.run.facts, before or _blank(rule)
    if holds is not True:
        held = state.held and holds is None
        _keep(plain, rule, replace(state, held=held))
        if not held:
            plain.let_go += [(tag, rule.id) for tag in sorted(rule.toggles)]
        return "", ()
    now_held = replace(state, held=True)
    if before is None and not facts.is_first_sight:
        _keep(plain, rule, replace(now_held, message_id=message_key(facts.ticket)))
        return "first look", ()
    due = _due(plain.run, rule, state, view)
    limit = _limit(rule, state, facts) if due else ""
    if not due or limit:
        _keep(plain, rule, now_held)
        return limit or "still holds", ()
    wished = list(_wished(plain.run, rule, due, view, steps))
    turns = _turns(wished, facts)
    if turns and _goes_round(rule, state, facts):
        _keep(plain, rule, now_held)
        return HELD_BACK, ()
    for _, wishes in wished:
        for wish in wishes:
            plain.run.combined.add(wish, rule.id)
    _keep(plain, rule, _after_firing(now_held, facts, is_turn=turns) if wished else now_held)
    return "" if wished else "blocked", tuple(action.name for action, _ in wished)
