"""Facts in and out as JSON, and what the hashes cover."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import Agent, Company, EventType, Message, Person, Priority, Team, Ticket
from adapters.writes import AddTags, Link, Note, PlannedWrite, SetPriority, Write
from rules.engine.decide import EVERY_RULE, NO_RULE, decide
from rules.language.facts_json import (
    FactsInvalid,
    canonical,
    decision_from_json,
    decision_hash,
    decision_to_json,
    facts_from_json,
    facts_hash,
    facts_to_json,
)
from rules.model.canonical_json import decision_hash_1, digest, hashed_in_full
from rules.model.decision import Decision
from rules.model.facts import Facts, RuleState, Signal
from tests.rules.build import NOW, facts_of, one_rule, rule, rules_of

FULL = Facts(
    ticket=Ticket(
        subject="Größe ✓",
        tags=frozenset({"b", "a"}),
        custom={
            "when": NOW.isoformat(),
            "text": "2026-01-01T00:00:00Z",
            "n": 5,
            "f": 5.0,
            "many": ("x", "y"),
            "none": None,
            "yes": True,
        },
        requester=Person(name="Rita", custom={"since": NOW.isoformat()}),
        company=Company(name="Other"),
        assignee=Agent(name="Anna"),
        team=Team(name="Tier 1"),
        messages=(Message(external_id="1", body_text="a", created_at=NOW - timedelta(microseconds=1), raw={"x": [1, None]}),),
        priority=Priority.HIGH,
        created_at=NOW - timedelta(hours=1, microseconds=3),
        raw={"vendor": True},
    ),
    now=NOW,
    events=frozenset({EventType.CUSTOMER_REPLIED, EventType.TAGS_CHANGED}),
    changes={"tags": (["a"], ["a", "b"]), "priority": (None, "high")},
    signals={"sentiment": Signal(value="angry", score=0.7, why="caps"), "churn_words": Signal(value=("cancel",)), "x": Signal()},
    clocks={"first_response_used": 0.5, "state": "ok"},
    counts={"similar_open": 2},
    in_working_time=False,
    is_first_sight=False,
    toggled=frozenset({"t"}),
    state={"r": RuleState(rule="r", semantic_hash="h", held=True, message_id="1", fired=2, fired_at=(NOW,))},
)


def _round_trip(facts: Facts) -> Facts:
    return facts_from_json(json.loads(canonical(facts_to_json(facts))))


def test_facts_survive_the_round_trip_exactly() -> None:
    assert _round_trip(FULL) == FULL


def test_types_in_custom_fields_survive_the_round_trip() -> None:
    custom = _round_trip(FULL).ticket.custom

    assert {name: type(value) for name, value in custom.items()} == {
        name: type(value) for name, value in FULL.ticket.custom.items()
    }


def test_an_empty_company_beside_the_ticket_stays_empty() -> None:
    facts = replace(FULL, company=Company(), requester=Person())

    assert _round_trip(facts) == facts


_texts = st.text(max_size=20)
_times = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1))
_custom = st.dictionaries(
    _texts,
    st.one_of(_texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    subject=_texts,
    tags=st.frozensets(_texts),
    custom=_custom,
    at=_times,
    arr=st.none() | st.floats(0, 1e12),
    value=_texts | st.booleans(),
)
def test_any_facts_survive_the_round_trip(
    subject: str, tags: frozenset[str], custom: dict[str, Any], at: datetime, arr: float | None, value: Any
) -> None:
    ticket = Ticket(subject=subject, tags=tags, custom=custom, created_at=at)

    facts = Facts(ticket=ticket, now=at, company=Company(arr=arr, custom=custom), signals={"s": Signal(value=value)})

    assert _round_trip(facts) == facts


def test_a_bare_ticket_brings_its_company_and_requester_along() -> None:
    facts = facts_from_json({"subject": "Help", "company": {"tier": "enterprise"}, "requester": {"name": "Rita"}}, NOW)

    assert facts.ticket.subject == "Help"
    assert facts.company.tier == "enterprise"
    assert facts.requester.name == "Rita"


def test_facts_beside_the_ticket_win_over_those_inside() -> None:
    facts = facts_from_json({"ticket": {"company": {"tier": "standard"}}, "company": {"tier": "enterprise"}}, NOW)

    assert facts.company.tier == "enterprise"


def test_a_signal_may_be_its_value_alone() -> None:
    facts = facts_of(signals={"sentiment": "angry", "issue_type": {"value": "bug", "score": 0.4}})

    assert facts.signals == {"sentiment": Signal(value="angry"), "issue_type": Signal(value="bug", score=0.4)}


def test_times_without_a_zone_are_utc() -> None:
    facts = facts_from_json({"ticket": {"created_at": "2026-01-05T11:00:00"}, "now": "2026-01-05T13:00:00+01:00"})

    assert (facts.ticket.created_at, facts.now) == (NOW - timedelta(hours=1), NOW)


WRONG: list[tuple[Any, str]] = [
    ([], "facts: wanted an object"),
    ({"subjet": "x"}, "ticket.subjet: no such field, did you mean subject?"),
    ({"ticket": {"requester": {"nam": "x"}}}, "ticket.requester.nam: no such field, did you mean name?"),
    ({"ticket": {}, "compny": {}}, "compny: no such field, did you mean company?"),
    ({"ticket": {"status": "opn"}}, "ticket.status: Input should be 'new', 'open'"),
    ({"ticket": {}, "company": {"arr": "much"}}, "company.arr: Input should be a valid number"),
    ({"ticket": {}, "signals": {"sentiment": {"valu": 1}}}, "signals.sentiment.valu: no such field"),
    ({"ticket": {}, "counts": {"similar": 1}}, "counts.similar: no such name, did you mean similar_open?"),
    ({"subject": "x", "signals": {}}, "signals: put the ticket's own fields under `ticket`"),
    ({"ticket": {"messages": [{"body": "x"}]}}, "ticket.messages.0.body: no such field, did you mean body_text?"),
]


@pytest.mark.parametrize(("tree", "expected"), WRONG)
def test_a_wrong_object_is_refused_with_its_path(tree: Any, expected: str) -> None:
    with pytest.raises(FactsInvalid) as error:
        facts_from_json(tree, NOW)

    assert expected in str(error.value)


def test_the_time_must_come_from_somewhere() -> None:
    with pytest.raises(FactsInvalid, match="now: the time is missing"):
        facts_from_json({"ticket": {}})


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


def test_a_decision_survives_the_round_trip() -> None:
    then = (
        "[add_note: x, raise_priority: high, follow_up: 24 h, set_field: {field: seats, value: 5}, notify: {channel: c, text: t}]"
    )
    decision = decide(one_rule("{subject: x}", then), facts_of(ticket={"subject": "x"}))

    assert decision_from_json(json.loads(canonical(decision_to_json(decision)))) == decision


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
