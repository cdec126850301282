"""P9, P17: patterns that would explode elsewhere, and rules on tickets of the past beside the real way of a ticket."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from bench.desks import RULES, stocked, workers
from bench.goals import Goal, Outcome, Size, at_least, at_most, both
from bench.measure import in_turn, ratio
from bot.flow.backtest import Past, compare
from rules.engine import decide
from rules.facts import Facts
from rules.facts_json import facts_from_json
from rules.load import load_rules, read_sources
from rules.ruleset import RuleSet
from rules.sources import Source

EXPLODING = ("(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*)*x", "^(a?){60}a{60}$", "(x+x+)+y", "([a-zA-Z]+)*$", "(.*a){12}$", "(a*)*b")
LONG = 100_000
SLOWEST_MS = 50.0
NOW = "2026-01-05T12:00:00Z"


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
    Goal(name="P9", title="patterns that explode elsewhere, on 100 kB, and against a benign text", measure=redos),
    Goal(
        name="P17", title="a ticket in a backtest, against its real way; memory of a history ten times as long", measure=backtest
    ),
)
