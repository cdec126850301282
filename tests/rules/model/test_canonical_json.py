"""What the two hashes cover, and one text for one value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.ticket import Priority
from adapters.writes import AddTags, Link, Note, PlannedWrite, SetPriority, Write
from rules.engine.decide import EVERY_RULE, NO_RULE, decide
from rules.language.facts_json import (
    decision_hash,
    facts_hash,
)
from rules.model.canonical_json import canonical, decision_hash_1, digest, facts_to_json, hashed_in_full, without_raw
from rules.model.decision import Decision
from tests.rules.build import facts_of, rule, rules_of
from tests.rules.full_facts import FULL


def test_the_facts_hash_covers_all_but_raw_payloads() -> None:
    without = replace(FULL, ticket=replace(FULL.ticket, raw=None))
    other = replace(FULL, counts={"similar_open": 3})

    assert facts_hash(FULL) == facts_hash(without)
    assert facts_hash(FULL) != facts_hash(other)


def _decision(**given: Any) -> Decision:
    text = (
        "rules:\n"
        + rule("{company.tier: enterprise}", "[add_tags: big]", "a")
        + rule("{subject: {has: down}}", "[survey_off]", "b")
    )
    return decide(rules_of(text), facts_of(**given))


def test_the_decision_hash_is_equal_where_only_found_values_and_texts_differ() -> None:
    one, other = _decision(ticket={"subject": "It is down"}), _decision(ticket={"subject": "The whole site is down!"})
    notes: tuple[list[Write], list[Write]] = (
        [Note(html="<p>1", marker="A"), Link(to="7")],
        [Link(to="9"), Note(html="<p>2", marker="B")],
    )

    assert one.rules != other.rules
    assert decision_hash(one, notes[0]) == decision_hash(other, notes[1])


def test_what_two_decisions_differ_in_can_be_looked_into() -> None:
    decision = _decision(ticket={"subject": "It is down"})
    high: list[Write] = [SetPriority(priority=Priority.HIGH)]

    tree = hashed_in_full(decision, high)

    assert tree["writes"] == [{"kind": "set_priority", "priority": "high"}]
    assert digest(tree) == decision_hash_1(decision, high)


def test_the_decision_hash_covers_the_steps_of_rules_that_match_and_no_others() -> None:
    either = "rules:\n" + rule("{any: [{subject: {has: down}}, {subject: {has: up}}]}", id="a")
    unlikely = rule("{all: [{subject: {has: down}}, {company.tier: enterprise}]}", id="b")
    one, other, both = (
        decide(rules_of(either + unlikely), facts_of(ticket={"subject": text})) for text in ("down", "up", "up down")
    )

    assert len({decision_hash(one), decision_hash(other), decision_hash(both)}) == 3
    alone = [decide(rules_of("rules:\n" + unlikely), facts_of(ticket={"subject": text})) for text in ("down", "up")]
    assert alone[0].rules != alone[1].rules
    assert decision_hash(alone[0]) == decision_hash(alone[1])


@pytest.mark.parametrize("events", [["ticket.created"], ["ticket.updated"], ["customer.replied", "ticket.updated"]])
@pytest.mark.parametrize("subject", ["down", "up", ""])
def test_the_decision_hash_is_the_same_however_much_of_the_trace_is_asked_for(subject: str, events: list[str]) -> None:
    text = "rules:\n" + rule("{subject: {has: down}}", id="a") + rule("{subject: {has: up}}", id="b", more="stop: true")
    rules = rules_of(
        text + rule("{not: {subject: {has: up}}}", id="c") + rule("{subject: {has: down}}", id="d", more="on: [ticket.updated]")
    )
    facts = facts_of(ticket={"subject": subject}, events=events)

    hashes = [decision_hash(decide(rules, facts, in_full=each)) for each in (EVERY_RULE, NO_RULE, {"a"}, {"d", "c"})]

    assert hashes == [hashes[0]] * 4
    assert hashes[0] != decision_hash_1(decide(rules, facts))


def test_the_decision_hash_differs_with_steps_and_writes() -> None:
    one, other = _decision(ticket={"subject": "down"}), _decision(ticket={"subject": "up"})
    high: list[Write] = [SetPriority(priority=Priority.HIGH)]
    urgent: list[Write] = [SetPriority(priority=Priority.URGENT)]

    assert decision_hash(one) != decision_hash(other)
    assert decision_hash(one, high) != decision_hash(one, urgent)
    assert decision_hash(one, high) == decision_hash(one, [PlannedWrite(write=high[0], rules=("r",))])
    assert decision_hash(one, [AddTags(tags=frozenset({"a", "b"}))]) != decision_hash(one, [AddTags(tags=frozenset({"a"}))])


def test_one_value_is_one_text() -> None:
    assert canonical({"b": [1, None], "a": "ä"}) == canonical({"a": "ä", "b": [1, None]}) == '{"a":"\\u00e4","b":[1,null]}'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_has_no_word_for_is_refused(number: float) -> None:
    with pytest.raises(ValueError):
        canonical([number])


def test_defaults_are_left_out_but_for_company_and_requester() -> None:
    assert facts_to_json(facts_of()) == {"ticket": {}, "now": "2026-01-05T12:00:00Z", "company": {}, "requester": {}}


def test_times_are_told_in_utc_and_sets_in_order() -> None:
    facts = facts_of(ticket={"created_at": "2026-01-05T13:00:00+01:00", "tags": ["b", "a"]})

    tree: Any = facts_to_json(facts)

    assert tree["ticket"] == {"created_at": "2026-01-05T12:00:00Z", "tags": ["a", "b"]}


def test_what_is_kept_for_replay_has_no_payloads() -> None:
    kept = without_raw(FULL)

    assert (kept.ticket.raw, {each.raw for each in kept.ticket.messages}) == (None, {None})
    assert FULL.ticket.raw is not None
