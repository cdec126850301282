"""P7, P8, P9, P17: many rules on a ticket beside a plain loop, ten times as many rules, patterns that would explode elsewhere,
and rules on tickets of the past beside the real way of a ticket."""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench.desks import RULES, stocked, workers
from bench.goals import Goal, Outcome, Size, at_least, at_most, both
from bench.measure import in_turn, ratio, spread
from bench.rule_sets import keyword_rules, keywords, mixed_rules, patterns, tickets
from bot.backtest.compare import Past, compare
from rules.engine.decide import EVERY_RULE, NO_RULE, decide
from rules.engine.ruleset import RuleSet
from rules.files.sources import Source
from rules.language.facts_json import facts_from_json
from rules.loading.load import load_rules, read_sources
from rules.model.decision import Decision
from rules.model.facts import Facts
from rules.values.multi_pattern import Patterns, Phrases
from rules.values.text import folded, normal

EXPLODING = ("(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*)*x", "^(a?){60}a{60}$", "(x+x+)+y", "([a-zA-Z]+)*$", "(.*a){12}$", "(a*)*b")
LONG = 100_000
SLOWEST_MS = 50.0
NOW = "2026-01-05T12:00:00Z"
NOBODY = facts_from_json({"ticket": {"subject": "A question"}, "now": NOW})
T = TypeVar("T")


def matcher(size: Size) -> Outcome:
    """P7: keywords, then patterns, then the whole engine, each beside a loop over as many compiled patterns."""
    known = [normal(each) for each in keywords(100)]
    loop = [re.compile(rf"\b{re.escape(each)}\b", re.IGNORECASE) for each in known]
    phrases = Phrases(known)
    by_words = _beside(size, partial(_naive, known, loop), lambda text: phrases.in_text(folded(text)))

    shapes = patterns(100)
    by_shape = [re.compile(each, re.IGNORECASE) for each in shapes]
    by_patterns = _beside(size, partial(_naive, shapes, by_shape), Patterns(shapes).in_text)

    rules = keyword_rules(100)
    naive = partial(_naive, [rule.id for rule in rules.rules], loop)
    by_engine = _beside(size, naive, lambda text: _matched(rules, text, NO_RULE))
    in_full = _beside(size, naive, lambda text: _matched(rules, text, EVERY_RULE))
    notes = [
        f"100 keywords: {spread(by_words)}; 100 patterns: {spread(by_patterns)}",
        f"engine with the trace of a run: {spread(by_engine)}; with every step of every rule: {ratio(in_full):.1f}x",
    ]
    return both(at_least(ratio(by_words), 30.0, notes), at_least(ratio(by_patterns), 20.0), at_least(ratio(by_engine), 5.0))


def _naive(names: Sequence[str], loop: Sequence[re.Pattern[str]], text: str) -> frozenset[str]:
    return frozenset(name for name, each in zip(names, loop, strict=True) if each.search(text))


def _matched(rules: RuleSet, text: str, in_full: Container[str]) -> frozenset[str]:
    return frozenset(each.id for each in decide(rules, _saying(text), in_full=in_full).rules if each.matched)


def _saying(text: str) -> Facts:
    return replace(NOBODY, ticket=replace(NOBODY.ticket, description=text))


def _beside(size: Size, naive: Callable[[str], object], ours: Callable[[str], object]) -> list[tuple[float, float]]:
    """CPU seconds of (ours, naive) over the same tickets, new ones for each pair. Raises ValueError where they do not find the
    same."""
    found = []
    for seed in range(max(size.pairs, 5) + 1):
        texts = tickets(size.of(400, 100), seed)
        for text in texts[:10]:
            if naive(text) != ours(text):
                raise ValueError(f"not the same is found in: {text}")
        found += in_turn(1, partial(_cpu_s, ours, texts), partial(_cpu_s, naive, texts))
    return found[1:]  # the first also makes the engines' tables


def _cpu_s(look: Callable[[T], object], over: Sequence[T]) -> float:
    began = time.process_time()
    for each in over:
        look(each)
    return time.process_time() - began


def growth(size: Size) -> Outcome:
    """P8: a thousand rules on new tickets, and a hundred of them."""
    few, many = mixed_rules(100), mixed_rules(1_000)
    found, matched = [], [0, 0]
    for seed in range(max(size.pairs, 5) + 1):
        looks = [_saying(text) for text in tickets(size.of(400, 100), 1_000 + seed)]
        found += in_turn(1, partial(_cpu_s, partial(_quick, few), looks), partial(_cpu_s, partial(_quick, many), looks))
        for place, rules in enumerate((few, many)):
            matched[place] += sum(each.matched for look in looks[:50] for each in _quick(rules, look).rules)
    again = _second_look(few, many, size)
    shown = [f"{each / 50 / (max(size.pairs, 5) + 1):.1f}" for each in matched]
    notes = [f"{spread(found[1:])}; {shown[0]} of 100 rules match, {shown[1]} of 1000; a second look: {again:.2f}x"]
    return at_most(ratio(found[1:]), 3.0, notes)


def _quick(rules: RuleSet, facts: Facts) -> Decision:
    return decide(rules, facts, in_full=NO_RULE)


def _second_look(few: RuleSet, many: RuleSet, size: Size) -> float:
    """The same for tickets that the rules have a memory of."""
    looks = [_saying(text) for text in tickets(size.of(400, 100), 7)]
    known = [[replace(look, state=_quick(rules, look).state, is_first_sight=False) for look in looks] for rules in (few, many)]
    runs = [partial(_cpu_s, partial(_quick, rules), seen) for rules, seen in zip((few, many), known, strict=True)]
    return ratio(in_turn(max(size.pairs, 5), *runs))


def redos(size: Size) -> Outcome:
    """P9: the worst of the patterns on its worst text, and against a text of the same length that is no attack."""
    attack, benign = "a" * LONG + "!", ("the quick brown fox jumps over it. " * LONG)[:LONG] + "!"
    worst_ms, worst_ratio, which = 0.0, 0.0, ""
    for pattern in EXPLODING:
        rules = load_rules([Source("bench.yaml", json.dumps(_rule(pattern)))])
        on_attack, on_benign = (_about(text) for text in (attack, benign))
        for facts in (on_attack, on_benign):  # the first use also makes the engine's tables
            decide(rules, facts)
        found = in_turn(max(size.pairs, 5), partial(_ms, rules, on_benign), partial(_ms, rules, on_attack))
        took_ms, against = median(ours for _, ours in found), ratio(found)
        if took_ms > worst_ms:
            worst_ms, which = took_ms, pattern
        worst_ratio = max(worst_ratio, against)
    in_time = Outcome(figure=f"{worst_ms:.2f}ms", goal=f"<={SLOWEST_MS:.0f}ms", is_met=worst_ms <= SLOWEST_MS)
    return both(in_time, at_most(worst_ratio, 5.0, [f"{len(EXPLODING)} patterns on {LONG} characters; the slowest: {which}"]))


def _rule(pattern: str) -> dict[str, object]:
    return {"rules": [{"id": "bench", "when": {"subject": {"matches": pattern}}, "then": [{"add_tags": ["x"]}]}]}


def _about(subject: str) -> Facts:
    return facts_from_json({"ticket": {"subject": subject}, "now": NOW})


def _ms(rules: RuleSet, facts: Facts) -> float:
    began = time.perf_counter()
    decide(rules, facts)
    return (time.perf_counter() - began) * 1000


def backtest(size: Size) -> Outcome:
    """P17: seconds a ticket of a backtest against those of a worker whose helpdesk answers at once, with the same rules; and how
    much more memory a history ten times as long needs."""
    rules = load_rules(read_sources([str(RULES)], Path()))
    count = size.of(100_000, 5_000)
    with stocked() as stock, workers(stock, 1) as one:
        one.drain(5)
        real = one.drain(size.of(100, 30))
    real_s = real.took_s / size.of(100, 30)
    began = time.perf_counter()
    compare(_history(count), rules, rules)
    ours_s = (time.perf_counter() - began) / count
    few, many = (
        _peak(lambda: compare(_history(count // 50), rules, rules)),
        _peak(lambda: compare(_history(count // 5), rules, rules)),
    )
    notes = [
        f"{count} tickets, {ours_s * 1000:.2f} ms each; the real way {real_s * 1000:.0f} ms; peak memory {few} kB, {many} kB"
    ]
    return both(at_least(real_s / ours_s, 20.0, notes), at_most(many / few, 1.5))


def _history(count: int) -> Iterator[Past]:
    """As the command reads it: each line parsed anew."""
    for number in range(count):
        line = json.dumps(
            {
                "ticket": {
                    "account": "acme",
                    "external_id": str(number),
                    "subject": "The service is down" if number % 3 else "How do I export?",
                    "description": "Nothing works since this morning. " * 20,
                },
                "signals": {"language": "en"},
                "now": NOW,
            }
        )
        yield Past(facts=facts_from_json(json.loads(line)))


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak // 1024


GOALS = (
    Goal(name="P7", title="100 keywords, 100 patterns, the whole engine, each against a compiled loop", measure=matcher),
    Goal(name="P8", title="a ticket through 1000 rules, against 100", measure=growth),
    Goal(name="P9", title="patterns that explode elsewhere, on 100 kB, and against a benign text", measure=redos),
    Goal(
        name="P17", title="a ticket in a backtest, against its real way; memory of a history ten times as long", measure=backtest
    ),
)
