"""A test for a rule out of a real ticket, with nothing left of the customer: `deskhand test --record RUN`.

Everything is taken away that the rule does not need to decide as it did; what it does need is replaced by invented words, by the
rule's own, or by the helpdesk's closed words. Each step is tried: the rule alone must come to the same result. A word that the
rule needs and that cannot be replaced stops the recording, and names its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.ticket import AuthorKind, Channel, Direction, MessageKind, Priority, Role, Status, TicketType, Visibility
from rules.engine.decide import decide
from rules.engine.rule import Rule, RuleFile, Stage
from rules.engine.ruleset import RuleSet
from rules.explain.field_paths import with_value
from rules.language.conditions import leaves_of
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.language.fields import TIERS
from rules.loading.load import default_event
from rules.model.canonical_json import facts_to_json, without_raw
from rules.model.facts import Facts
from rules.values.text import folded, normal, stands_in

Place = tuple[str | int, ...]
_WORDS = (AuthorKind, Channel, Direction, MessageKind, Priority, Role, Status, TicketType, Visibility)
_CLOSED = frozenset({str(word) for each in _WORDS for word in each} | set(TIERS))
_FREE = (
    "signals",
    "clocks",
    "counts",
    "agents",
    "events",
    "changes",
    "now",
    "in_working_time",
    "working_hours",
)  # no words of a customer
_INVENTED = {"name": "Rita Example", "emails": "rita@example.com", "domains": "example.com", "title": "Buyer"}
_OURS = "state", "is_first_sight", "toggled"


class NotRedacted(Exception):
    """The rule needs a customer's words as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One entry of a rule's `tests`. `writes`: the actions that fired; none for `ignores`."""

    matches: bool
    facts: Mapping[str, Any]
    writes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is written below `tests:`."""
        line = f"- {'matches' if self.matches else 'ignores'}: {json.dumps(self.facts, ensure_ascii=False)}"
        return f"{line}\n  writes: [{', '.join(self.writes)}]" if self.writes else line


def record(rule: Rule, facts: Facts, rules: RuleSet) -> Recorded:
    """Raises NotRedacted."""
    asked = frozenset((default_event(rule.on),))
    fresh = replace(without_raw(facts), state={}, is_first_sight=True, toggled=frozenset(), events=asked)
    tree: Any = {name: each for name, each in _plain(fresh).items() if name not in (*_OURS, "events")}
    wanted = _result(rule, rules, fresh)

    def is_same(changed: Mapping[str, Any]) -> bool:
        try:
            made = replace(facts_from_json({"ticket": {}, **changed}, facts.now), events=asked)
        except FactsInvalid:
            return False
        return _result(rule, rules, made) == wanted

    tree = _less(tree, is_same)
    for place, text in list(_texts(tree)):
        tree = _replaced(tree, place, text, rule, is_same)
    return Recorded(matches=wanted[0], facts=tree, writes=wanted[1])


def _plain(facts: Facts) -> dict[str, Any]:
    tree: Any = facts_to_json(facts)
    return dict(tree)


def _result(rule: Rule, rules: RuleSet, facts: Facts) -> tuple[bool, tuple[str, ...], tuple[tuple[str, bool], ...]]:
    """Matched, what fired, and where it does not match each of its steps: it must be ignored for the same reason."""
    alone = RuleSet(files=(RuleFile(name=rule.file, rules=(rule,)),), hash=rules.hash, registry=rules.registry)
    found = decide(alone.as_if_live(*Stage), facts).rules[0]
    steps = () if found.matched else tuple((step.path, step.holds) for step in found.steps)
    return found.matched, found.actions, steps


def _less(tree: Any, is_same: Any) -> Any:
    """The tree without what can be left out, the largest parts first."""
    for place in list(_places(tree)):
        if _is_there(tree, place) and is_same(less := _without(tree, place)):
            tree = less
    return tree


def _places(tree: Any, at: Place = ()) -> Iterator[Place]:
    """Every part of the tree, the outer before the inner; of a list the last first, so that the others keep their places."""
    inside = tree.items() if isinstance(tree, Mapping) else reversed(list(enumerate(tree))) if isinstance(tree, list) else ()
    for step, part in inside:
        yield (*at, step)
        yield from _places(part, (*at, step))


def _is_there(tree: Any, place: Place) -> bool:
    for step in place:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _without(tree: Any, place: Place) -> Any:
    step, *rest = place
    if isinstance(tree, list):
        kept = [(number, each) for number, each in enumerate(tree) if rest or number != step]
        return [_without(each, tuple(rest)) if number == step else each for number, each in kept]
    if not rest:
        return {name: each for name, each in tree.items() if name != step}
    return {name: _without(each, tuple(rest)) if name == step else each for name, each in tree.items()}


def _texts(tree: Any, at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Words that may be a customer's, with their places."""
    inside = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    for step, part in inside:
        if not at and step in _FREE:
            continue
        if isinstance(part, str) and part not in _CLOSED and not str(step).endswith("_at"):
            yield (*at, step), part
        else:
            yield from _texts(part, (*at, step))


def _replaced(tree: Any, place: Place, text: str, rule: Rule, is_same: Any) -> Any:
    ours = _written_in(rule)
    if normal(text) in ours:
        return tree
    invented = next((_INVENTED[str(step)] for step in reversed(place) if str(step) in _INVENTED), "something")
    said = folded(text)
    found = [word for word in ours if stands_in(said, folded(word))]
    for other in ("", invented, *found, " ".join(found)):
        if is_same(changed := with_value(tree, place, other)):
            return changed
    raise NotRedacted(f"{rule.id} needs {'.'.join(map(str, place))} as the customer wrote it: write this test by hand")


def _written_in(rule: Rule) -> list[str]:
    """The words that the rule itself asks for."""
    return [word for leaf, _ in leaves_of(rule.when) for word in _words(leaf.wanted)]


def _words(wanted: Any) -> Iterator[str]:
    if isinstance(wanted, str):
        yield normal(wanted)
    elif isinstance(wanted, Mapping | list):
        for each in wanted.values() if isinstance(wanted, Mapping) else wanted:
            yield from _words(each)
