"""Which counts a rule set asks for."""

from __future__ import annotations

from rules.language.history_counts import NAMED, CountKind, read_count
from rules.lint.needed_counts import asked
from tests.rules.build import one_rule, rule, rules_of


def test_a_rule_set_says_what_it_asks_each_once() -> None:
    more = "name: x"
    then = "[add_note: '{counts.company_open} open, {counts.tickets_by_company.1 week} this week']"
    rules = one_rule("{any: [{tickets_by_company: {last: 7d, over: 2}}, {counts.similar_open: {over: 1}}]}", then, more)

    assert rules.counts == {
        "tickets_by_company.7d": read_count(CountKind.TICKETS_BY_COMPANY, {"last": "7 days"}),
        "company_open": NAMED["company_open"],
    }
    assert one_rule("{subject: x}").counts == {}


def test_each_question_is_asked_once_in_the_order_in_which_it_is_met() -> None:
    first = "rules:\n" + rule("{not: {tickets_by_company: {last: 7d, over: 2}}}", id="a")
    second = "rules:\n" + rule("{counts.company_open: {over: 1}, tickets_by_company: {last: 1 week, over: 5}}", id="b")

    assert list(asked(rules_of(first, second).files)) == ["tickets_by_company.7d", "company_open"]
    assert list(asked(reversed(rules_of(first, second).files))) == ["company_open", "tickets_by_company.7d"]


def test_texts_ask_wherever_they_stand_in_the_options() -> None:
    then = "[propose_split: {parts: [one, '{counts.tickets_by_requester.2d}']}, add_tags: [x]]"

    assert list(asked(one_rule("{subject: x}", then).files)) == ["tickets_by_requester.2d"]
