"""Placeholders in texts of rules: checked at load, filled for a ticket."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rules.language.fields import FIELDS
from rules.language.templates import check, names_in, render, show
from rules.model.effects import Blocked
from rules.model.view import FactValue, View
from tests.rules.actions.acting import decided
from tests.rules.build import facts_of


def test_placeholders_read_like_text() -> None:
    then = "add_note: '{company.arr}, {company.renewal_in}, {tags}, {company.is_premium}, {{kept}}'"
    given = {"arr": 120000, "renewal_at": "2026-01-25T12:00:00Z", "is_premium": True}

    decision = decided(then, company=given, ticket={"subject": "x", "tags": ["b", "a"]})

    assert decision.notes[0].text == "120,000, 20 days, a, b, yes, {kept}"


@pytest.mark.parametrize("text", ["", "no braces", "{{kept}}", "{subject} {custom.plan}", "{counts.tickets_by_requester.30d}"])
def test_a_good_text_is_returned_as_it_is(text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{subjct}", "{subjct}: no such field, did you mean subject?"),
        ("{}", "{}: no such field"),
        ("{subject.upper}", "no such field"),
        ("{subject", "a single {"),
        ("subject}", "a single }"),
        ("{{{subject}", None),
    ],
)
def test_a_wrong_placeholder_is_named(text: str, told: str | None) -> None:
    if told is None:
        assert check(text) == text
        return
    with pytest.raises(ValueError) as error:
        check(text)

    assert told in str(error.value)


def test_the_fields_that_a_text_names_are_told_by_their_whole_names() -> None:
    assert names_in("{{no}} {subject} {nothing} {counts.tickets_by_company.1 week}") == [
        "subject",
        "counts.tickets_by_company.7d",
    ]


def test_what_is_filled_in_is_not_read_again() -> None:
    view = View(facts_of(ticket={"subject": "{requester.name} {{x}}"}, requester={"name": "Rita"}))

    assert render("<{subject}> {{{requester.name}}}", view) == "<{requester.name} {{x}}> {Rita}"


def test_one_empty_placeholder_blocks_the_whole_text() -> None:
    with pytest.raises(Blocked, match=r"company\.name is empty"):
        render("{subject} of {company.name}", View(facts_of(ticket={"subject": "x"})))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("tags", frozenset(), ""),
        ("tags", frozenset({"b", "a"}), "a, b"),
        ("company.is_premium", False, "no"),
        ("created_at", datetime(2026, 1, 5, 9, 30, tzinfo=UTC), "2026-01-05 09:30 UTC"),
        ("company.renewal_in", 7200.0, "2 h"),
        ("company.arr", 1234567.5, "1,234,567.5"),
        ("company.arr", 0, "0"),
        ("company.name", " North\n wind ", "North wind"),
        ("subject", " two\nlines ", "two\nlines"),
        ("company.name", None, ""),
        ("wishes", frozenset({"manager", "leadership_asks"}), "leadership asks, manager"),
        ("questions_to_ask", frozenset({"Since when?", "For all?"}), "For all? Since when?"),
        ("issues", frozenset({"account_access.login.fails"}), "account_access.login.fails"),
        ("issue_type", "account_access", "account_access"),
        ("tags", frozenset({"bug_report"}), "bug_report"),
    ],
)
def test_a_value_is_shown_as_people_read_it(name: str, value: FactValue, shown: str) -> None:
    field = FIELDS.find(name)

    assert field is not None
    assert show(field, value) == shown
