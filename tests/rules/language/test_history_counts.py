"""Counts over history as conditions: how they are read, named, asked for and answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.decide import decide
from rules.explain.counterfactuals import why
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.language.history_counts import Count, CountKind, canonical_name, count_named
from rules.tools.record_test import record
from tests.rules.build import NOW, facts_of, holds, messages_of, one_rule, problems_of, rule

REPEATED = "{tickets_by_requester: {last: 30d, same_issue: true, at_least: 3}}"


@pytest.mark.parametrize(
    ("condition", "counts", "wanted"),
    [
        (REPEATED, {"tickets_by_requester.30d.same_issue": 3}, True),
        (REPEATED, {"tickets_by_requester.30d.same_issue": 2}, False),
        (REPEATED, {"tickets_by_requester.30d": 9}, False),
        ("{companies_with_same_issue: {last: 24 h, at_least: 3}}", {"companies_with_same_issue.24h": 3}, True),
        ("{companies_with_same_issue: {last: 1 day, at_least: 3}}", {"companies_with_same_issue.24h": 3}, True),
        ("{tickets_by_company: {last: 1 week, open: true, between: [2, 4]}}", {"tickets_by_company.7d.open": 4}, True),
        ("{tickets_by_company: {open: true, over: 4}}", {"tickets_by_company.open": 4}, False),
        ("{tickets_by_company: {last: 90 min, same_issue: true, is: 1}}", {"tickets_by_company.90min.same_issue": 1}, True),
        ("{not: {tickets_by_company: {last: 2d, at_least: 4}}}", {"tickets_by_company.2d": 3}, True),
        ("{not: {tickets_by_company: {last: 2d, at_least: 4}}}", {}, False),
        ("{tickets_by_company: {last: 2d, known: false}}", {}, True),
    ],
)
def test_a_count_is_compared_with_what_stands_in_the_facts(condition: str, counts: dict[str, int], wanted: bool) -> None:
    assert holds(condition, counts=counts) is wanted


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("{tickets_by_requester: 3}", "wanted what to count and how many, such as {last: 30 days, at_least: 3}"),
        ("{tickets_by_requester: {last: 30d}}", "wanted what to count and how many"),
        ("{tickets_by_requester: {at_least: 3}}", "wanted how far to look back, such as `last: 30 days`"),
        ("{tickets_by_requestr: {last: 3d, at_least: 3}}", "no such field, did you mean tickets_by_requester?"),
        ("{tickets_by_requester: {lst: 3d, at_least: 3}}", "lst: no such option or operator of tickets_by_requester, did you"),
        ("{tickets_by_requester: {last: 3d, at_leat: 3}}", "did you mean at_least?"),
        ("{tickets_by_requester: {last: 3d, has: 3}}", "has: no such option or operator"),
        ("{tickets_by_requester: {last: 3, at_least: 3}}", "last: wanted a duration such as `24 h` or `30 days`"),
        ("{tickets_by_requester: {last: 3 dys, at_least: 3}}", "last: wanted a duration"),
        ("{tickets_by_requester: {last: 367d, at_least: 3}}", "last: wanted a second or more, and at most 366 days"),
        ("{tickets_by_requester: {last: 0d, at_least: 3}}", "last: wanted a second or more"),
        ("{tickets_by_requester: {last: 3d, open: false, at_least: 3}}", "open: write `open: true`, or leave it out"),
        ("{tickets_by_requester: {last: 3d, at_least: many}}", "wanted a number, found text"),
        ("{companies_with_same_issue: {last: 3d, same_issue: true, at_least: 3}}", "same_issue: no such option"),
    ],
)
def test_a_wrong_count_says_what_to_write(condition: str, message: str) -> None:
    [found] = messages_of("rules:\n" + rule(condition))

    assert message in found


def test_a_wrong_option_is_named_at_its_place() -> None:
    [found] = messages_of(
        "rules:\n  - id: r\n    when:\n      tickets_by_company:\n        last: soon\n        at_least: 3\n    then: [survey_off]"
    )

    assert found.startswith("5:9: ")


_COUNTS = st.builds(
    lambda kind, last_s, same, is_open: Count(
        kind=kind,
        last_s=last_s,
        same_issue=same or kind is CountKind.COMPANIES_WITH_SAME_ISSUE,
        open=is_open or not last_s,
    ),
    st.sampled_from(CountKind),
    st.integers(0, 366 * 86_400),
    st.booleans(),
    st.booleans(),
)


@given(_COUNTS, _COUNTS)
def test_a_name_stands_for_one_question(first: Count, second: Count) -> None:
    assert count_named(first.name) == first
    assert canonical_name(first.name) == first.name
    assert (first.name == second.name) is (first == second)


@pytest.mark.parametrize(
    "name",
    ["", "tickets", "tickets_by_company", "tickets_by_company.open.open", "tickets_by_company.2d.3d", "tickets_by_company.x"],
)
def test_other_names_ask_nothing(name: str) -> None:
    assert count_named(name) is None


def test_facts_take_a_name_in_any_unit_and_refuse_what_asks_nothing() -> None:
    assert facts_of(counts={"tickets_by_company.1 week": 3}).counts == {"tickets_by_company.7d": 3}
    with pytest.raises(FactsInvalid, match="no such name, did you mean tickets_by_company"):
        facts_from_json({"ticket": {}, "counts": {"tickets_by_compny.7d": 3}}, NOW)


def test_why_names_the_count_that_would_turn_it() -> None:
    answer = why(one_rule(REPEATED), facts_of(counts={"tickets_by_requester.30d.same_issue": 1}), "r")

    assert [str(flip) for flip in answer.flips] == ["counts.tickets_by_requester.30d.same_issue: 1 -> 3"]


def test_counts_that_exclude_each_other_are_told_and_others_are_not() -> None:
    def told(first: str, second: str) -> list[str]:
        both = f"{{all: [{{tickets_by_company: {first}}}, {{tickets_by_company: {second}}}]}}"
        return [str(each) for each in problems_of("rules:\n" + rule(both)) if "exclude" in str(each)]

    assert told("{last: 7d, over: 3}", "{last: 1 week, under: 2}")
    assert not told("{last: 7d, over: 3}", "{last: 8d, under: 2}")


def test_a_recorded_test_keeps_the_count_that_the_rule_needs() -> None:
    rules = one_rule(REPEATED)
    facts = facts_of(
        ticket={"subject": "Zanzibar"}, counts={"tickets_by_requester.30d.same_issue": 4, "tickets_by_company.open": 2}
    )

    found = record(next(rules.rules), facts, rules)

    assert found.matches
    assert found.facts == {"counts": {"tickets_by_requester.30d.same_issue": 4}}


def test_a_text_shows_a_count() -> None:
    rules = one_rule(REPEATED, "[add_note: '{counts.tickets_by_requester.30d.same_issue} times']")
    [note] = decide(rules, facts_of(counts={"tickets_by_requester.30d.same_issue": 3})).notes
    assert note.text == "3 times"
