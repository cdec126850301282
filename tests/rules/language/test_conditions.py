"""Operators and the three-valued logic of conditions."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.ticket import Agent, Channel, Priority, Status, Team, Ticket, TicketType
from bot.facts.changes import changes
from rules.engine.decide import decide
from rules.language.fields import WITH_HISTORY
from tests.rules.build import NOW, facts_of, holds, messages_of, one_rule, problems_of, rule

TEXT_CASES = [
    ("subject: {has: down}", "Everything is DOWN!", True),
    ("subject: {has: down}", "a download", False),
    ("subject: {has: café}", "im CAFÉ.", True),
    ("subject: {has: école}", "l'école", True),
    ('subject: {has: "don\'t"}', "I don\u2019t know", True),
    ("subject: {has: straße}", "STRASSE 1", True),
    ("subject: {has: 退款}", "我要退款谢谢", True),
    ("subject: {has: नमस्त}", "नमस्ते", False),
    ("subject: {has: not working}", "it is not\n  working", True),
    ('subject: {has: "ＡＢＣ"}', "abc", True),
    ("subject: {has_any: [up, down]}", "it is down", True),
    ("subject: {has_any: [up, down]}", "it is sideways", False),
    ("subject: Hello", "hello ", True),
    ("subject: Hello", "hello you", False),
    ("subject: [Hello, Bye]", "bye", True),
    ("subject: {in: [Hello, Bye]}", "bye", True),
    ("subject: {starts: re}", "RE: x", True),
    ("subject: {starts: re}", "x re", False),
    ("subject: {ends: [now, please]}", "do it please", True),
    ("subject: {matches: 'order \\d{4}'}", "my ORDER 1234", True),
    ("subject: {matches: 'order \\d{4}'}", "my order 12", False),
    ("subject: {known: true}", "x", True),
    ("subject: {known: false}", "", True),
]


@pytest.mark.parametrize(("when", "subject", "expected"), TEXT_CASES)
def test_text_operators(when: str, subject: str, expected: bool) -> None:
    assert holds(f"{{{when}}}", ticket={"subject": subject}) is expected


AMOUNT_CASES = [
    ("at_least: 50", 50, True),
    ("at_least: 50", 49.9, False),
    ("at_most: 50", 50, True),
    ("at_most: 50", 50.1, False),
    ("over: 50", 50, False),
    ("over: 50", 51, True),
    ("under: 50", 50, False),
    ("under: 50", 49, True),
    ("between: [10, 20]", 10, True),
    ("between: [10, 20]", 20, True),
    ("between: [10, 20]", 21, False),
    ("is: 50", 50, True),
    ("at_least: 10, under: 20", 20, False),
    ("at_least: 10, under: 20", 15, True),
]


@pytest.mark.parametrize(("test", "arr", "expected"), AMOUNT_CASES)
def test_amount_operators(test: str, arr: float, expected: bool) -> None:
    assert holds(f"{{company.arr: {{{test}}}}}", company={"arr": arr}) is expected


SET_CASES = [
    ("tags: {has: VIP}", True),
    ("tags: vip", True),
    ("tags: [other, vip]", True),
    ("tags: {has_any: [other, beta]}", True),
    ("tags: {has_any: [other]}", False),
    ("tags: {has_all: [vip, beta]}", True),
    ("tags: {has_all: [vip, other]}", False),
    ("tags: {has_none: [other]}", True),
    ("tags: {has_none: [other, vip]}", False),
    ("tags: {empty: false}", True),
    ("tags: {empty: true}", False),
]


@pytest.mark.parametrize(("when", "expected"), SET_CASES)
def test_set_operators(when: str, expected: bool) -> None:
    assert holds(f"{{{when}}}", ticket={"tags": ["vip", "beta"]}) is expected


TIME_CASES = [
    ("older_than: 4 h", "2026-01-05T07:59:59Z", True),
    ("older_than: 4 h", "2026-01-05T08:00:00Z", False),
    ("newer_than: 30 min", "2026-01-05T11:31:00Z", True),
    ("newer_than: 30 min", "2026-01-05T11:29:00Z", False),
    ("before: 2026-01-01", "2025-12-31T23:59:00Z", True),
    ("after: '2026-01-01T00:00:00+02:00'", "2025-12-31T22:30:00Z", True),
    ("after: 2026-01-05", "2026-01-04T22:30:00Z", False),
]


@pytest.mark.parametrize(("test", "created_at", "expected"), TIME_CASES)
def test_time_operators(test: str, created_at: str, expected: bool) -> None:
    assert holds(f"{{created_at: {{{test}}}}}", ticket={"created_at": created_at}) is expected


def test_a_duration_counts_to_the_renewal_and_is_negative_after_it() -> None:
    when = "{company.renewal_in: {between: [0 days, 60 days]}}"

    assert holds(when, company={"renewal_at": "2026-03-01T00:00:00Z"})
    assert not holds(when, company={"renewal_at": "2026-01-01T00:00:00Z"})


def test_hours_waiting_starts_at_the_oldest_unanswered_message_and_ends_with_an_answer() -> None:
    asked = {"body_text": "?", "created_at": "2026-01-05T07:00:00Z"}
    reminded = {"body_text": "??", "created_at": "2026-01-05T11:00:00Z"}
    answered = {"direction": "out", "author_kind": "agent", "created_at": "2026-01-05T08:00:00Z"}

    assert holds("{hours_waiting: {over: 4}}", ticket={"messages": [asked, reminded]})
    assert not holds("{hours_waiting: {over: 4}}", ticket={"messages": [asked, answered, reminded]})
    assert holds("{hours_waiting: {known: false}}", ticket={"messages": [asked, answered]})


def test_ordered_choices_compare_by_rank_not_by_letter() -> None:
    assert holds("{priority: {at_least: high}}", ticket={"priority": "urgent"})
    assert not holds("{priority: {at_least: high}}", ticket={"priority": "normal"})
    assert holds("{company.tier: {over: standard}}", company={"tier": "Enterprise"})


def test_a_signal_condition_can_ask_for_a_score() -> None:
    when = "{issue_type: {is: outage, confidence: 0.7}}"

    assert holds(when, signals={"issue_type": {"value": "outage", "score": 0.7}})
    assert not holds(when, signals={"issue_type": {"value": "outage", "score": 0.69}})
    assert not holds(when, signals={"issue_type": {"value": "bug", "score": 0.9}})


def test_a_score_too_low_is_named_in_the_trace() -> None:
    decision = decide(
        one_rule("{issue_type: {is: outage, confidence: 0.7}}"),
        facts_of(signals={"issue_type": {"value": "outage", "score": 0.4}}),
    )

    assert decision.rules[0].steps[0].why == "signal score 0.40 < 0.7"


CHANGE_CASES = [
    ("changed: priority", True),
    ("changed: [status, priority]", True),
    ("changed: status", False),
    ("priority: {changed: true}", True),
    ("status: {changed: false}", True),
    ("priority: {changed_from: normal}", True),
    ("priority: {changed_to: [high, urgent]}", True),
    ("priority: {changed_to: normal}", False),
    ("tags: {changed_to: dh-accept}", True),
    ("tags: {changed_from: old}", True),
    ("tags: {changed_to: kept}", False),
    ("custom.plan: {changed: true}", True),
    ("custom.plan: {changed_from: free, changed_to: paid}", True),
    ("custom.seats: {changed: true}", False),
    ("assignee: {changed_to: anna.agent@example.com}", True),
    ("assignee: {changed_to: ben.agent@example.com}", False),
]


@pytest.mark.parametrize(("when", "expected"), CHANGE_CASES)
def test_changes(when: str, expected: bool) -> None:
    changes: dict[str, Any] = {"priority": ["normal", "urgent"], "tags": [["old", "kept"], ["kept", "dh-accept"]]}
    changes |= {"custom": [{"plan": "free", "seats": 1}, {"plan": "paid", "seats": 1}], "assignee": [None, "17"]}
    ticket = {"assignee": {"external_id": "17", "email": "anna.agent@example.com"}}

    assert holds(f"{{{when}}}", ticket=ticket, changes=changes) is expected


UNKNOWN_CASES = [
    ("{company.tier: enterprise}", False),
    ("{company.tier: {known: false}}", True),
    ("{company.tier: {known: true}}", False),
    ("{not: {company.tier: enterprise}}", False),
    ("{not: {not: {company.tier: enterprise}}}", False),
    ("{not: {company.tier: {known: true}}}", True),
    ("{any: [{company.tier: enterprise}, {subject: x}]}", True),
    ("{not: {any: [{company.tier: enterprise}, {subject: x}]}}", False),
    ("{all: [{company.tier: enterprise}, {subject: x}]}", False),
    ("{not: {all: [{company.tier: enterprise}, {subject: y}]}}", True),
    ("{not: {all: [{company.tier: enterprise}, {subject: x}]}}", False),
]


@pytest.mark.parametrize(("when", "expected"), UNKNOWN_CASES)
def test_an_unknown_fact_holds_nothing_but_known_false(when: str, expected: bool) -> None:
    assert holds(when, ticket={"subject": "x"}) is expected


def test_an_unassigned_ticket_is_known_to_have_nobody() -> None:
    assert holds("{not: {assignee: anna.agent@example.com}}")
    assert holds("{assignee: {known: false}}")
    assert holds("{assignee: anna.agent@example.com}", ticket={"assignee": {"email": "anna.agent@example.com"}})


def test_custom_fields_take_any_operator_and_a_wrong_kind_is_unknown() -> None:
    custom = {"custom": {"seats": 12, "region": "North East", "products": ["a", "b"], "since": "2026-01-01"}}

    assert holds("{custom.seats: {over: 10}}", ticket=custom)
    assert holds("{custom.region: {has: east}}", ticket=custom)
    assert holds("{custom.products: {has: b}}", ticket=custom)
    assert holds("{custom.since: {older_than: 4 days}}", ticket=custom)
    assert not holds("{not: {custom.region: {over: 10}}}", ticket=custom)
    assert holds("{custom.absent: {known: false}}", ticket=custom)


FACT_CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("{is_auto_reply: true}", {"ticket": {"messages": [{"is_auto_generated": True}]}}, True),
    ("{is_auto_reply: false}", {}, True),
    ("{is_spam: true}", {"ticket": {"is_spam": True}}, True),
    ("{is_spam: true}", {"signals": {"is_spam": True}}, True),
    ("{language: de}", {"ticket": {"language": "de"}}, True),
    ("{language: fr}", {"ticket": {"language": "de"}, "signals": {"language": "fr"}}, True),
    ("{is_reopen: true}", {"changes": {"status": ["solved", "open"]}}, True),
    ("{is_reopen: true}", {"changes": {"status": ["new", "open"]}}, False),
    ("{event: customer.replied}", {"events": ["customer.replied", "ticket.created"]}, True),
    ("{in_working_time: false}", {"in_working_time": False}, True),
    ("{churn_words: {empty: true}}", {"signals": {"churn_words": []}}, True),
    ("{wants_cancel: true}", {"signals": {"wants_cancel": True}}, True),
    ("{clocks.first_response_left: {under: 30 min}}", {"clocks": {"first_response_left": 0.4}}, True),
    ("{counts.similar_open: {at_least: 5}}", {"counts": {"similar_open": 5}}, True),
    ("{customer_messages: 1}", {"ticket": {"subject": "Hello"}}, True),
    ("{customer_waits: true}", {"ticket": {"messages": [{}, {"direction": "out"}]}}, False),
    ("{is_first_message: true}", {"ticket": {"messages": [{}, {}]}}, False),
    ("{requester.email: {ends: '@example.com'}}", {"requester": {"emails": ["rita@example.com"]}}, True),
    ("{company.domain: northwind.example}", {"company": {"domains": ["northwind.example"]}}, True),
]


@pytest.mark.parametrize(("when", "given", "expected"), FACT_CASES)
def test_fields_read_their_fact(when: str, given: dict[str, Any], expected: bool) -> None:
    assert holds(when, **given) is expected


def test_the_trace_names_every_condition_by_its_path_and_repeats_no_customer_text() -> None:
    when = "{all: [{subject: {has: down}}, {any: [{company.tier: enterprise}, {not: {tags: {has: x}}}]}]}"

    steps = decide(one_rule(when), facts_of(ticket={"subject": "My secret is down"})).rules[0].steps

    assert [(step.path, step.holds) for step in steps] == [
        ("when.all", True),
        ("when.all[0].subject", True),
        ("when.all[1].any", True),
        ("when.all[1].any[0].company.tier", False),
        ("when.all[1].any[1].not", True),
        ("when.all[1].any[1].not.tags", False),
    ]
    assert "secret" not in str(steps)
    assert steps[3].why == "not known"


def test_the_fields_with_a_history_are_those_that_the_flow_compares() -> None:
    empty = Ticket()
    full = Ticket(
        subject="x",
        status=Status.OPEN,
        priority=Priority.HIGH,
        assignee=Agent(external_id="1"),
        team=Team(external_id="1"),
        tags=frozenset({"t"}),
        rating=1,
        merged_into="1",
        is_deleted=True,
        type=TicketType.TASK,
        category="c",
        followers=frozenset({"a@example.com"}),
        custom={"a": 1},
        brand="b",
        form="f",
        problem_id="1",
        is_spam=True,
        snoozed_until=NOW,
        channel=Channel.CHAT,
    )

    assert set(changes(empty, full)) - {"custom"} == WITH_HISTORY


@pytest.mark.parametrize(
    ("condition", "value", "wanted"),
    [
        ("issue: billing", "billing.invoice.missing", True),
        ("issue: billing.invoice", "billing.invoice.missing", True),
        ("issue: billing.invoice.missing", "billing.invoice.missing", True),
        ("issue: billing.invoice.missing", "billing.invoice", False),
        ("issue: [bug.crash, billing.refund]", "billing.invoice", False),
        ("issue: {in: [bug.crash, billing.invoice]}", "billing.invoice.details", True),
        ("issue: {is: Billing}", "billing.charge.double", True),
        ("issue: {is: billing, confidence: 0.5}", "billing.charge.double", True),
        ("not: {issue: billing}", "bug", True),
        ("not: {issue: billing}", None, False),
        ("issue: {known: false}", None, True),
        ("support_tier: {at_least: 2}", "bug.crash.closes", True),
        ("support_tier: {at_least: 2}", "billing", False),
        ("support_tier: {known: false}", "spam", True),
    ],
)
def test_a_path_is_met_by_all_that_is_below_it(condition: str, value: str | None, wanted: bool) -> None:
    assert holds(f"{{{condition}}}", signals={"issue": value} if value else {}) is wanted


def test_a_path_that_is_not_in_the_table_is_refused_with_a_suggestion() -> None:
    [found] = messages_of("rules:\n" + rule("{issue: billing.invoices}"))

    assert "billing.invoices: no such value, did you mean billing.invoice?" in found


def test_paths_that_exclude_each_other_are_told() -> None:
    def told(first: str, second: str) -> bool:
        both = f"{{all: [{{issue: {first}}}, {{issue: {second}}}]}}"
        return any("exclude each other" in str(each) for each in problems_of("rules:\n" + rule(both)))

    assert told("billing", "bug.crash")
    assert not told("billing", "billing.invoice")
