"""`decide`: facts in, decision with its trace out. Pure: no clock, no network, no order that depends on a hash.

Files run in order. All rules of one file see the same facts; a later file also sees what earlier ones decided.

When a rule fires. It is asked under its events (`on`) only. Its condition is a state; what it sets fires when the state turns
true, and not again while it stays true, unless it follows a value (`tag_value`). What it tells people (notes, notices, drafts,
macros, escalations) fires once per ticket, or with `per: message` once for each newest customer message while the condition
holds. A rule that a ticket has not met before takes its first look silently, unless the ticket itself is new to us. An unknown
condition changes nothing: what held is taken to hold still. `stop` ends the file for this ticket as soon as its rule matches,
whether it fires or not. A rule that is not live, or is switched off, is not asked. One that goes round with our own writes on a
ticket is held back on it.

Which rules are evaluated. One whose events did not happen, or that cannot match since a condition that it needs does not hold, is
ruled out: it says so in its result, and no step is made, unless `in_full` asks for them. One that held at the last look is always
evaluated: for it, "no" and "unknown" differ. Nothing else may differ between a decision in full and one that is not.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from adapters.ticket import Json
from rules.actions import Action
from rules.actions._base import RuleRef
from rules.engine.combine import Combined
from rules.engine.prefilter import BY_EVENT, Under
from rules.engine.rule import Rule, RuleFile
from rules.engine.ruleset import RuleSet
from rules.engine.turns import is_turn
from rules.language.conditions import first_failing
from rules.language.registry import Registry
from rules.model.decision import Decision, RuleResult, Step
from rules.model.effects import Blocked, WantTags, Wish
from rules.model.facts import Facts, RuleState
from rules.model.view import NOTHING_DECIDED, View, message_key

HOUR = timedelta(hours=1)
_KEPT_FIRINGS = 50
FLIPS_PER_HOUR = 4  # a rule that sets more often than this what we undo again goes round in a circle
HELD_BACK = f"held back: set {FLIPS_PER_HOUR} times within an hour on this ticket what we undid in between"


class _EveryRule(Container[str]):
    def __contains__(self, rule: object) -> bool:
        return True


EVERY_RULE: Container[str] = _EveryRule()
NO_RULE: Container[str] = frozenset()


def decide(
    rules: RuleSet, facts: Facts, decided: Decision = NOTHING_DECIDED, *, in_full: Container[str] = EVERY_RULE
) -> Decision:
    """The wishes of all rules that fire, combined. `decided` stands for files before these (rule tests set it). `in_full`: rules
    whose steps are wanted even where they are ruled out. Runs want none, people who look at a ticket all."""
    run = _Run(facts, rules, Combined(facts.ticket), in_full)
    view = View(facts, decided, rules.index.texts)
    first = 0
    for number, file in enumerate(rules.files):
        view = view if number == 0 else view.after(run.combined.decision())
        _run_file(run, file, first, view)
        first += len(file.rules)
    _take_off(run)
    return run.combined.decision(tuple(run.results), run.state)


@dataclass(slots=True)
class _Run:
    """`results`, `can_match` and the like name rules by their place in the whole set; `state` has each rule's, old or new."""

    facts: Facts
    rules: RuleSet
    combined: Combined
    in_full: Container[str]
    under: Under = field(init=False)
    results: list[RuleResult] = field(init=False)
    state: dict[str, RuleState] = field(init=False)
    held: set[int] = field(default_factory=set)  # at the last look
    skipped: set[int] = field(default_factory=set)
    off: dict[int, str] = field(default_factory=dict)  # places of rules that do not count now, with the reason
    can_match: set[int] | None = None

    def __post_init__(self) -> None:
        index = self.rules.index
        self.under = index.under(self.facts.events)
        self.results = list(self.under.results)
        self.state = dict(index.blank)
        for id, known in self.facts.state.items():
            blank = self.state.get(id)
            if blank is not None and blank.semantic_hash == known.semantic_hash:
                self.state[id] = known
                if known.held:
                    self.held.add(index.places[id])
        self.off = dict(index.not_live)
        for id in self.facts.switched_off & index.places.keys():
            self.off.setdefault(index.places[id], "switched off")
        for place in index.not_live:  # what it remembers is another state's business
            del self.state[index.rules[place].id]
        self.skipped.update(self.off)

    def before(self, rule: Rule) -> RuleState | None:
        """Its state from the last look; None where it takes its first. Another hash is another rule."""
        known = self.facts.state.get(rule.id)
        return known if known is not None and known.semantic_hash == rule.semantic_hash else None

    def to_ask(self, view: View, first: int, last: int) -> list[int]:
        """The places from `first` to `last` that have to be evaluated, in order."""
        if self.can_match is None:
            self.can_match = self.under.found(view) | (self.held & self.under.asked)
        found = self.can_match | self.under.found_after(view)
        return sorted(place for place in found if first <= place < last and place not in self.off)


def _run_file(run: _Run, file: RuleFile, first: int, view: View) -> None:
    last = first + len(file.rules)
    for place in run.to_ask(view, first, last):
        rule = file.rules[place - first]
        if _run_rule(run, place, rule, view) and rule.stop:
            _skip(run, range(place + 1, last), f"stopped by {rule.id}")
            break
    for place in run.off:
        if first <= place < last:
            _skip(run, range(place, place + 1), run.off[place])
    for place in range(first, last) if run.in_full else ():
        if (result := run.results[place]).ruled_out and result.id in run.in_full:
            run.results[place] = _with_steps(run, result, file.rules[place - first], view)


def _skip(run: _Run, places: range, because: str) -> None:
    """Not asked: their state stays, and their presence is recorded so that a later look is not their first."""
    run.skipped.update(places)
    run.results[places.start : places.stop] = run.rules.index.skipped(places, because)


def _with_steps(run: _Run, result: RuleResult, rule: Rule, view: View) -> RuleResult:
    """A rule that was ruled out, evaluated all the same: for people, nothing comes of it."""
    asked = result.ruled_out != BY_EVENT
    steps = [] if asked else [_event_step(rule, run.facts)]
    holds = rule.when.evaluate(view, steps) if rule.when else True
    return RuleResult(  # what `replace` would do takes three times as long, and this is done for every rule
        id=result.id,
        name=result.name,
        file=result.file,
        matched=holds is True,
        fired=False,
        steps=tuple(steps),
        because="event" if holds and not asked else "",
        ruled_out=result.ruled_out,
    )


def _run_rule(run: _Run, place: int, rule: Rule, view: View) -> bool:
    """Ask one rule and let it act. Returns whether it matched (what `stop` goes by)."""
    before, index = run.before(rule), run.rules.index
    if place not in index.told and not (before and before.held) and (path := first_failing(rule.when, view)):
        run.results[place] = index.ruled_out(place, path)
        return False
    steps: list[Step] = []
    holds = rule.when.evaluate(view, steps) if rule.when else True
    because, actions = _act(run, rule, before, view, steps, holds)
    run.results[place] = RuleResult(
        id=rule.id,
        name=rule.name,
        file=rule.file,
        matched=holds is True,
        fired=bool(actions),
        steps=tuple(steps),
        because=because,
        actions=actions,
    )
    return holds is True


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
        run.state[rule.id] = replace(state, held=state.held and holds is None)
        return "", ()
    if before is None and not facts.is_first_sight:
        run.state[rule.id] = replace(state, held=True, message_id=message_key(facts.ticket))
        return "first look", ()
    due = _due(run, rule, state, view)
    limit = _limit(rule, state, facts) if due else ""
    wished = [] if limit else list(_wished(run, rule, due, view, steps))
    turns = _turns(wished, facts)
    because = limit or (HELD_BACK if turns and _goes_round(rule, state, facts) else "")
    if not due or because:
        run.state[rule.id] = replace(state, held=True)
        return because or "still holds", ()
    for wish in (wish for _, wishes in wished for wish in wishes):
        run.combined.add(wish, rule.id)
    run.state[rule.id] = _after_firing(state, facts, is_turn=turns) if wished else replace(state, held=True)
    return "" if wished else "blocked", tuple(action.name for action, _ in wished)


def _due(run: _Run, rule: Rule, state: RuleState, view: View) -> list[Action]:
    return [action for action in rule.actions if _is_due(action, state, view, run.rules.registry)]


def _is_due(action: Action, state: RuleState, view: View, registry: Registry) -> bool:
    if action.per == "message":
        return state.message_id != message_key(view.facts.ticket)
    if action.per == "ticket" and state.fired:
        return False
    return not state.held or action.options.is_outdated(view, registry)


def _limit(rule: Rule, state: RuleState, facts: Facts) -> str:
    limits = rule.limits
    if limits.per_ticket is not None and state.fired >= limits.per_ticket:
        return "limit per_ticket"
    if limits.per_hour is not None and _within_an_hour(state.fired_at, facts) >= limits.per_hour:
        return "limit per_hour"
    return ""


def _goes_round(rule: Rule, state: RuleState, facts: Facts) -> bool:
    """One more turn would be too many: the first time that it set something was no turn yet. Its own `per_hour` comes first."""
    return rule.limits.per_hour is None and _within_an_hour(state.flipped_at, facts) + 1 >= FLIPS_PER_HOUR


def _within_an_hour(times: tuple[datetime, ...], facts: Facts) -> int:
    return sum(1 for at in times if facts.now - at < HOUR)


def _wished(
    run: _Run, rule: Rule, due: Iterable[Action], view: View, steps: list[Step]
) -> Iterator[tuple[Action, tuple[Wish, ...]]]:
    """What the actions want. A blocked one leaves a step that says which value is missing, and is left out."""
    for action in due:
        try:
            yield action, action.effect(run.facts, RuleRef(rule.id, rule.name, view, run.rules.registry))
        except Blocked as blocked:
            steps.append(Step(path=action.path, wanted=action.written, found=None, holds=False, why=str(blocked)))


def _turns(wished: Iterable[tuple[Action, tuple[Wish, ...]]], facts: Facts) -> bool:
    """Whether it turns back what is our own word. What tells people comes once for a ticket or a message, and is no turn."""
    settings = (wish for action, wishes in wished if action.per == "flip" for wish in wishes)
    return bool(facts.ours) and is_turn(settings, facts.ticket, facts.ours)


def _after_firing(state: RuleState, facts: Facts, *, is_turn: bool) -> RuleState:
    times = (*state.fired_at, facts.now)[-_KEPT_FIRINGS:]
    turns = (*state.flipped_at, facts.now)[-FLIPS_PER_HOUR:] if is_turn else state.flipped_at
    message = message_key(facts.ticket)
    return replace(state, held=True, fired=state.fired + 1, fired_at=times, flipped_at=turns, message_id=message)


def _take_off(run: _Run) -> None:
    """Tags that we put on, whose rules all ended, and that no rule of this run wants."""
    index = run.rules.index
    ours = sorted((place, tag) for tag in run.facts.toggled for place in index.toggling.get(tag, ()))
    # A rule that was not asked, or could not know, keeps what it held.
    kept_on = {tag for place, tag in ours if place not in index.not_live and run.state[index.rules[place].id].held}
    asked = run.under.asked - run.skipped
    for place, tag in ours:
        if place in asked and tag not in kept_on and tag not in run.combined.tags_add:
            run.combined.add(WantTags(remove=frozenset((tag,))), index.rules[place].id)
