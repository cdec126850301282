"""A decision is decided again from what was stored of it: a thousand times the same, and one changed byte is noticed (F5)."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path

import pytest

from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.loading.load import load_rules, pack_names, read_sources
from rules.model.canonical_json import canonical, decision_hash, facts_hash, facts_to_json, without_raw
from rules.model.facts import Facts

PARTS, COUNT = 4, 250  # a thousand, in tests of their own


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules(read_sources([f"pack:{name}" for name in pack_names()], Path()))


def drawn(rules: RuleSet, count: int, seed: int = 5) -> list[Facts]:
    """What the packs' tests are about, with company and signals of one on the ticket of another."""
    cases = [case.facts for rule in rules.rules for case in rule.tests]
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        one, other = facts_to_json(draw.choice(cases)), facts_to_json(draw.choice(cases))
        assert isinstance(one, dict)
        assert isinstance(other, dict)
        found.append(facts_from_json({**one, "company": other["company"], "signals": other.get("signals", {})}))
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_decisions_come_out_the_same_from_what_is_stored(rules: RuleSet, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    stored = [
        (canonical(facts_to_json(without_raw(facts))), facts_hash(facts), decide(rules, facts))
        for facts in drawn(rules, COUNT, seed=part)
    ]
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a call left the machine"))
    again = load_rules(rules.sources, rules.values)  # as the database keeps them

    assert again.hash == rules.hash
    assert sum(any(each.fired for each in decision.rules) for _, _, decision in stored) > COUNT // 2
    for text, hashed, decision in stored:
        facts = facts_from_json(json.loads(text))
        assert facts_hash(facts) == hashed
        assert decision_hash(decide(again, facts)) == decision_hash(decision)


def test_one_changed_byte_is_noticed(rules: RuleSet) -> None:
    draw = random.Random(6)
    for facts in drawn(rules, 200):
        text, hashed = canonical(facts_to_json(facts)), facts_hash(facts)
        place = draw.choice([number for number, char in enumerate(text) if char.isalnum()])
        other = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
        try:
            found = facts_hash(facts_from_json(json.loads(other)))
        except (FactsInvalid, ValueError):
            continue  # it cannot even be read
        assert found != hashed, (text[place - 20 : place + 20], place)
