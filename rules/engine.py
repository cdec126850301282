"""`decide`: facts in, decision with its trace out. Pure: no clock, no network, no order that depends on a hash.

Files run in order. All rules of one file see the same facts; a later file also sees what earlier ones decided.

When a rule fires. It is asked under its events (`on`) only. Its condition is a state; what it sets fires when the state
turns true, and not again while it stays true. What it tells people (notes, notices, drafts, macros, escalations) fires once
per ticket, or with `per: message` once for each newest customer message while the condition holds. A rule that a ticket has
not met before takes its first look silently, unless the ticket itself is new to us. An unknown condition changes nothing:
what held is taken to hold still. `stop` ends the file for this ticket as soon as its rule matches, whether it fires or not.
A rule that is not live, or is switched off, is not asked. One that changes a ticket time and again is held back on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from adapters.ticket import Json
from rules.actions import Action
from rules.actions._base import RuleRef
from rules.combine import Combined
from rules.decision import Decision, RuleResult, Step
from rules.facts import Facts, RuleState
from rules.ruleset import Rule, RuleFile, RuleSet
from rules.view import NOTHING_DECIDED, View, message_key
from rules.wishes import Blocked, WantTags, Wish

HOUR = timedelta(hours=1)
_KEPT_FIRINGS = 50
FLIPS_PER_HOUR = 4  # a condition that turns true more often than this on one ticket goes round in a circle with somebody
HELD_BACK = f"held back: set something {FLIPS_PER_HOUR} times on this ticket within an hour"


def decide(rules: RuleSet, facts: Facts, decided: Decision = NOTHING_DECIDED) -> Decision:
    """The wishes of all rules that fire, combined. `decided` stands for files before these (rule tests set it)."""
    run = _Run(facts, rules, Combined(facts.ticket))
    for number, file in enumerate(rules.files):
        view = View(facts, decided if number == 0 else run.combined.decision())
        _run_file(run, file, view)
    _take_off(run)
    return run.combined.decision(tuple(run.results), run.state)


@dataclass(slots=True)
class _Run:
    facts: Facts
    rules: RuleSet
    combined: Combined
    results: list[RuleResult] = field(default_factory=list)
    state: dict[str, RuleState] = field(default_factory=dict)
    kept_on: set[str] = field(default_factory=set)  # tags whose rule still holds, or was not asked
    let_go: list[tuple[str, str]] = field(default_factory=list)  # (tag, rule) whose condition is no longer true


def _run_file(run: _Run, file: RuleFile, view: View) -> None:
    stopped_by = ""
    for rule in file.rules:
        if not rule.is_live:  # and what it remembers is another state's business
            run.results.append(_not_asked(rule, rule.stage.value))
            continue
        known = run.facts.state.get(rule.id)
        before = known if known is not None and known.semantic_hash == rule.semantic_hash else None
        if rule.id in run.facts.switched_off:
            _skip(run, rule, before, "switched off")
            continue
        if stopped_by:
            _skip(run, rule, before, f"stopped by {stopped_by}")
            continue
        if _run_rule(run, rule, before, view) and rule.stop:
            stopped_by = rule.id


def _skip(run: _Run, rule: Rule, before: RuleState | None, because: str) -> None:
    """Not asked: its state stays, and its presence is recorded so that a later look is not its first."""
    _keep(run, rule, before or RuleState(rule=rule.id, semantic_hash=rule.semantic_hash))
    run.results.append(_not_asked(rule, because))


def _not_asked(rule: Rule, because: str) -> RuleResult:
    return RuleResult(id=rule.id, name=rule.name, file=rule.file, matched=False, fired=False, because=because)


def _keep(run: _Run, rule: Rule, state: RuleState) -> None:
    run.state[rule.id] = state
    if state.held:
        run.kept_on |= rule.toggles


def _run_rule(run: _Run, rule: Rule, before: RuleState | None, view: View) -> bool:
    """Ask one rule and let it act. Returns whether it matched under one of its events (what `stop` goes by)."""
    steps: list[Step] = []
    asked = bool(rule.on & run.facts.events)
    if not asked:
        steps.append(_event_step(rule, run.facts))
    holds = rule.when.evaluate(view, steps) if rule.when else True
    actions: tuple[str, ...] = ()
    because = ""
    if not asked:
        _keep(run, rule, before or RuleState(rule=rule.id, semantic_hash=rule.semantic_hash))
        because = "event" if holds else ""
    else:
        because, actions = _act(run, rule, before, view, steps, holds)
    run.results.append(
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


def _event_step(rule: Rule, facts: Facts) -> Step:
    wanted: list[Json] = [*sorted(map(str, rule.on))]
    found: list[Json] = [*sorted(map(str, facts.events))]
    return Step(path="on", wanted=wanted, found=found, holds=False)


def _act(
    run: _Run, rule: Rule, before: RuleState | None, view: View, steps: list[Step], holds: bool | None
) -> tuple[str, tuple[str, ...]]:
    """Why it did not fire ("" where it did, or does not match), and the actions that fired."""
    facts = run.facts
    state = before or RuleState(rule=rule.id, semantic_hash=rule.semantic_hash)
    if holds is not True:
        held = state.held and holds is None
        _keep(run, rule, replace(state, held=held))
        if not held:
            run.let_go += [(tag, rule.id) for tag in sorted(rule.toggles)]
        return "", ()
    now_held = replace(state, held=True)
    if before is None and not facts.is_first_sight:
        _keep(run, rule, replace(now_held, message_id=message_key(facts.ticket)))
        return "first look", ()
    due = _due(rule, state, facts)
    limit = _limit(rule, state, facts, due) if due else ""
    if not due or limit:
        _keep(run, rule, now_held)
        return limit or "still holds", ()
    fired = tuple(action.name for action in due if _wish(run, rule, action, view, steps))
    is_flip = bool(fired) and any(_is_setting(action) for action in due)
    _keep(run, rule, _after_firing(now_held, facts, is_flip=is_flip) if fired else now_held)
    return "" if fired else "blocked", fired


def _due(rule: Rule, state: RuleState, facts: Facts) -> list[Action]:
    return [action for action in rule.actions if _is_due(action, state, facts)]


def _is_due(action: Action, state: RuleState, facts: Facts) -> bool:
    if action.per == "message":
        return state.message_id != message_key(facts.ticket)
    if action.per == "ticket" and state.fired:
        return False
    return not state.held


def _is_setting(action: Action) -> bool:
    """It sets something, and so may go round in a circle; what tells people comes once for a ticket or a message."""
    return action.per == "flip"


def _limit(rule: Rule, state: RuleState, facts: Facts, due: list[Action]) -> str:
    limits = rule.limits
    if limits.per_ticket is not None and state.fired >= limits.per_ticket:
        return "limit per_ticket"
    recent = sum(1 for at in state.fired_at if facts.now - at < HOUR)
    if limits.per_hour is not None:
        return "limit per_hour" if recent >= limits.per_hour else ""
    flips = sum(1 for at in state.flipped_at if facts.now - at < HOUR)
    return HELD_BACK if flips >= FLIPS_PER_HOUR and any(map(_is_setting, due)) else ""


def _wish(run: _Run, rule: Rule, action: Action, view: View, steps: list[Step]) -> bool:
    """Add what the action wants. A blocked one leaves a step that says which value is missing."""
    try:
        wishes: tuple[Wish, ...] = action.effect(run.facts, RuleRef(rule.id, rule.name, view, run.rules.registry))
    except Blocked as blocked:
        steps.append(Step(path=action.path, wanted=action.written, found=None, holds=False, why=str(blocked)))
        return False
    for wish in wishes:
        run.combined.add(wish, rule.id)
    return True


def _after_firing(state: RuleState, facts: Facts, *, is_flip: bool) -> RuleState:
    times = (*state.fired_at, facts.now)[-_KEPT_FIRINGS:]
    flips = (*state.flipped_at, facts.now)[-FLIPS_PER_HOUR:] if is_flip else state.flipped_at
    message = message_key(facts.ticket)
    return replace(state, fired=state.fired + 1, fired_at=times, flipped_at=flips, message_id=message)


def _take_off(run: _Run) -> None:
    """Tags that we put on, whose rules all ended, and that no rule of this run wants."""
    for tag, rule in run.let_go:
        if tag in run.facts.toggled and tag not in run.kept_on and tag not in run.combined.tags_add:
            run.combined.add(WantTags(remove=frozenset((tag,))), rule)
