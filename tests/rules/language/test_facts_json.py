"""Facts and decisions in and out as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import Company, Person, Ticket
from rules.engine.decide import decide
from rules.language.facts_json import (
    FactsInvalid,
    canonical,
    decision_from_json,
    decision_to_json,
    facts_from_json,
    facts_to_json,
)
from rules.model.facts import Facts, OwnWords, Signal
from tests.rules.build import NOW, facts_of, one_rule
from tests.rules.full_facts import FULL


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


def test_facts_of_a_version_that_told_no_own_words_keep_their_hash_and_their_words() -> None:
    old = {"ticket": {"messages": [{"body_text": "Fine.\n> Do you want a refund?"}]}, "now": "2026-01-05T12:00:00Z"}
    rule = one_rule("{last_message: {has: refund}}")

    facts = facts_from_json(old)

    assert "own_words" not in canonical(facts_to_json(facts))
    assert decide(rule, facts).rules[0].matched
    assert not decide(rule, replace(facts, own_words=OwnWords(newest="Fine."))).rules[0].matched


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
    ({"ticket": {"status": "opn"}}, "ticket.status: wanted one of new, open"),
    ({"ticket": {}, "company": {"arr": "much"}}, "company.arr: wanted a number"),
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


def test_a_decision_survives_the_round_trip() -> None:
    then = (
        "[add_note: x, raise_priority: high, follow_up: 24 h, set_field: {field: seats, value: 5}, notify: {channel: c, text: t}]"
    )
    decision = decide(one_rule("{subject: x}", then), facts_of(ticket={"subject": "x"}))

    assert decision_from_json(json.loads(canonical(decision_to_json(decision)))) == decision
