"""Which counts a rule set asks for."""

from __future__ import annotations

from rules.language.history_counts import NAMED, CountKind, read_count
from tests.rules.build import one_rule


def test_a_rule_set_says_what_it_asks_each_once() -> None:
    more = "name: x"
    then = "[add_note: '{counts.company_open} open, {counts.tickets_by_company.1 week} this week']"
    rules = one_rule("{any: [{tickets_by_company: {last: 7d, over: 2}}, {counts.similar_open: {over: 1}}]}", then, more)

    assert rules.counts == {
        "tickets_by_company.7d": read_count(CountKind.TICKETS_BY_COMPANY, {"last": "7 days"}),
        "company_open": NAMED["company_open"],
    }
    assert one_rule("{subject: x}").counts == {}
