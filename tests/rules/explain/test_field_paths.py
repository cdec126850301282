"""Where a field's value stands in the facts' JSON, and how it is written there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.explain.field_paths import Change, change_to, with_change, with_value
from rules.language.facts_json import facts_from_json
from rules.language.fields import FIELDS
from rules.model.canonical_json import facts_to_json
from rules.model.view import FactValue, View
from tests.rules.build import NOW, facts_of

MESSAGES = [
    {"body_text": "first", "created_at": "2026-01-05T10:00:00Z"},
    {"direction": "out", "author_kind": "bot", "body_text": "a machine"},
    {"body_text": "newest", "created_at": "2026-01-05T11:00:00Z"},
]


def changed(name: str, value: FactValue, **given: Any) -> tuple[Change | None, FactValue]:
    """The change, and what the field then is."""
    facts, field = facts_of(**given), FIELDS.find(name)
    assert field is not None
    tree: Any = facts_to_json(facts)
    change = change_to(facts, tree, field, value)
    if change is None:
        return None, None
    return change, field.value(View(facts_from_json(with_change(tree, change))))


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("subject", "Help", ("ticket", "subject")),
        ("tags", frozenset({"a", "b"}), ("ticket", "tags")),
        ("custom.plan", "gold", ("ticket", "custom", "plan")),
        ("company.arr", 5, ("company", "arr")),
        ("company.custom.plan", "gold", ("company", "custom", "plan")),
        ("company.domain", "northwind.example", ("company", "domains")),
        ("requester.email", "rita@example.com", ("requester", "emails")),
        ("assignee", "ann@example.com", ("ticket", "assignee")),
        ("team", "Billing", ("ticket", "team")),
        ("sentiment", "angry", ("signals", "sentiment")),
        ("is_spam", True, ("signals", "is_spam")),
        ("counts.company_open", 5, ("counts", "company_open")),
        ("clocks.state", "breached", ("clocks", "state")),
        ("clocks.resolution_left", 1800.0, ("clocks", "resolution_left")),
        ("created_at", NOW, ("ticket", "created_at")),
        ("now", NOW + timedelta(hours=1), ("now",)),
        ("hours_waiting", 7200.0, ("now",)),
        ("company.renewal_in", -3600.0, ("company", "renewal_at")),
        ("in_working_time", False, ("in_working_time",)),
        ("description", "other", ("ticket", "messages", 0, "body_text")),
        ("last_message", "other", ("ticket", "messages", 2, "body_text")),
        ("last_message_raw", "other", ("ticket", "messages", 2, "body_text")),
        ("quoted_text", "other", ("own_words", "quoted")),
        ("agent_replies", 2, ("ticket", "messages")),
        ("customer_messages", 3, ("ticket", "messages")),
        ("exchanges", 3, ("ticket", "messages")),
    ],
)
def test_a_field_has_the_value_once_it_is_changed_at_its_place(name: str, value: FactValue, place: tuple[Any, ...]) -> None:
    change, found = changed(name, value, ticket={"messages": MESSAGES})

    assert change is not None
    assert (change.place, found) == (place, value)


@pytest.mark.parametrize(("name", "value", "becomes"), [("last_message", "other", "other"), ("text", "other", "first\nother")])
def test_own_words_that_the_facts_tell_are_changed_where_they_stand(name: str, value: str, becomes: str) -> None:
    change, found = changed(name, value, ticket={"messages": MESSAGES}, own_words={"newest": "new"})

    assert change == Change(("own_words", "newest"), "new", "other")
    assert found == becomes


@pytest.mark.parametrize("name", ["assignee", "team"])
def test_nobody_is_nothing_at_its_place(name: str) -> None:
    change, found = changed(name, "", ticket={name: {"name": "Billing"}})

    assert change is not None
    assert (change.to, found) == (None, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("customer_messages", 1), ("customer_messages", 500), ("hours_waiting", None), ("decided.team", "Billing")],
)
def test_what_one_change_cannot_do_is_none(name: str, value: FactValue) -> None:
    assert changed(name, value, ticket={"messages": MESSAGES}) == (None, None)


def test_a_change_says_what_stands_there_now() -> None:
    there, _ = changed("company.tier", "enterprise", company={"tier": "standard"})
    absent, _ = changed("company.tier", "enterprise")

    assert there == Change(("company", "tier"), "standard", "enterprise")
    assert absent == Change(("company", "tier"), None, "enterprise")


def test_the_given_json_stays_as_it_is() -> None:
    tree = {"a": [1, {"b": 2}]}

    assert with_value(tree, ("a", 1, "b"), 3) == {"a": [1, {"b": 3}]}
    assert with_value(tree, ("c", "d"), 3) == {"a": [1, {"b": 2}], "c": {"d": 3}}
    assert tree == {"a": [1, {"b": 2}]}
