"""The operators, on each kind of field."""

from __future__ import annotations

from typing import Any

import pytest

from rules.language.fields import FIELDS
from rules.language.operators import OPERATORS, operators_for
from tests.rules.build import holds

TEXT_CASES = [
    ("subject: {has: down}", "Everything is DOWN!", True),
    ("subject: {has: down}", "a download", False),
    ("subject: {has: café}", "im CAFÉ.", True),
    ("subject: {has: école}", "l'école", True),
    ("subject: {has: résilier}", "je veux RESILIER", True),
    ("subject: {has: kündigung}", "Meine KUENDIGUNG", True),
    ("subject: {has: du}", "it is due", False),
    ("subject: {has: iptal}", "İptal istiyorum", True),
    ("subject: {has: 환불}", "환불해주세요", True),
    ("subject: {is: résilier}", "resilier", False),
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
    ("subject: {starts: [kündigung, x]}", "Kuendigung zum 1.", True),
    ("subject: {starts: kuendigung}", "Kündigung zum 1.", True),
    ("subject: {ends: [now, please]}", "do it please", True),
    ("subject: {ends: résilié}", "mon contrat est RESILIE", True),
    ("subject: {matches: 'order \\d{4}'}", "my ORDER 1234", True),
    ("subject: {matches: 'order \\d{4}'}", "my order 12", False),
    ("subject: {known: true}", "x", True),
    ("subject: {known: false}", "", True),
]


@pytest.mark.parametrize(("when", "subject", "expected"), TEXT_CASES)
def test_text_operators(when: str, subject: str, expected: bool) -> None:
    assert holds(f"{{{when}}}", ticket={"subject": subject}) is expected


def test_an_address_is_compared_letter_by_letter() -> None:
    def is_at(written: str, operator: str = "ends") -> bool:
        return holds(f"{{requester.email: {{{operator}: northwind.example}}}}", requester={"emails": [f"ann@{written}"]})

    assert is_at("Northwind.example")
    assert is_at("northwind.example", "has")
    assert not is_at("nörthwind.example")
    assert not is_at("nörthwind.example", "has")


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


def test_ordered_choices_compare_by_rank_not_by_letter() -> None:
    assert holds("{priority: {at_least: high}}", ticket={"priority": "urgent"})
    assert not holds("{priority: {at_least: high}}", ticket={"priority": "normal"})
    assert holds("{company.tier: {over: standard}}", company={"tier": "Enterprise"})


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


@pytest.mark.parametrize(
    ("condition", "signals", "wanted"),
    [
        ("issues: {has: data_loss}", {"issues": ["cancellation.subscription.end", "data_loss.missing.disappeared"]}, True),
        ("issues: {has: data_loss.missing}", {"issues": ["data_loss.missing.disappeared"]}, True),
        ("issues: {has: data_loss.missing}", {"issues": ["data_loss"]}, False),
        ("issues: {has: bug}", {"issues": [], "issue": "bug"}, False),
        ("issues: {has: bug.crash}", {"issue": "bug.crash.closes"}, True),
        ("issues: {has: bug}", {"issue_type": "bug"}, True),
        ("issues: {has: bug}", {"issue": "billing", "issue_type": "bug"}, False),
        ("issues: {empty: true}", {"issues": []}, True),
        ("not: {issues: {has: bug}}", {}, False),
        ("issue: bug", {"issue_type": "bug"}, True),
        ("issue: bug.crash", {"issue_type": "bug"}, False),
        ("support_tier: 2", {"issue_type": "bug"}, True),
    ],
)
def test_issues_are_all_that_is_known_however_little(condition: str, signals: dict[str, Any], wanted: bool) -> None:
    assert holds(f"{{{condition}}}", signals=signals) is wanted


def test_a_long_text_under_a_hostile_pattern_is_quick() -> None:
    assert not holds("{subject: {matches: '(a+)+$'}}", ticket={"subject": "a" * 100_000 + "!"})


def operators_of(name: str) -> set[str]:
    found = FIELDS.find(name)
    assert found is not None
    return set(operators_for(found))


def test_a_field_takes_the_operators_of_its_kind() -> None:
    assert operators_of("company.arr") == {"is", "in", "known", "at_least", "at_most", "over", "under", "between"}
    assert operators_of("created_at") == {"known", "before", "after", "older_than", "newer_than", "in_working_time"}
    assert operators_of("custom.plan") == set(OPERATORS)


def test_only_what_has_a_history_is_asked_whether_it_changed() -> None:
    assert {"changed", "changed_from", "changed_to"} <= operators_of("priority")
    assert not {"changed", "changed_from", "changed_to"} & operators_of("company.tier")


def test_nobody_keeps_the_name_of_who_had_it_before() -> None:
    assert {"changed", "changed_to"} <= operators_of("assignee") & operators_of("team")
    assert "changed_from" not in operators_of("assignee") | operators_of("team")


def test_each_operator_says_what_it_means() -> None:
    assert [name for name, each in OPERATORS.items() if each.name != name or not each.meaning] == []
