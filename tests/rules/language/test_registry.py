"""Fields by name, the open families included."""

from __future__ import annotations

import pytest

from rules.language.fields import FIELDS
from rules.language.history_counts import Count, CountKind
from rules.language.registry import FieldType, count_field, signal_field
from rules.model.view import View
from tests.rules.build import facts_of, holds


def test_custom_fields_take_any_operator_and_a_wrong_kind_is_unknown() -> None:
    custom = {"custom": {"seats": 12, "region": "North East", "products": ["a", "b"], "since": "2026-01-01"}}

    assert holds("{custom.seats: {over: 10}}", ticket=custom)
    assert holds("{custom.region: {has: east}}", ticket=custom)
    assert holds("{custom.products: {has: b}}", ticket=custom)
    assert holds("{custom.since: {older_than: 4 days}}", ticket=custom)
    assert not holds("{not: {custom.region: {over: 10}}}", ticket=custom)
    assert holds("{custom.absent: {known: false}}", ticket=custom)


@pytest.mark.parametrize(
    ("name", "kind", "can_change"),
    [
        ("custom.plan", FieldType.CUSTOM, True),
        ("company.custom.plan", FieldType.CUSTOM, False),
        ("requester.custom.plan", FieldType.CUSTOM, False),
        ("counts.tickets_by_requester.30d", FieldType.NUMBER, False),
        ("priority", FieldType.ORDERED, True),
    ],
)
def test_a_field_is_found_by_its_name(name: str, kind: FieldType, can_change: bool) -> None:
    found = FIELDS.find(name)

    assert found is not None
    assert (found.name, found.type, found.can_change) == (name, kind, can_change)


@pytest.mark.parametrize("name", ["custom.", "custom", "nothing", "counts.nothing", "requester.custom", ""])
def test_other_names_are_no_fields(name: str) -> None:
    assert FIELDS.find(name) is None


def test_each_family_of_custom_fields_reads_its_own() -> None:
    facts = facts_of(ticket={"custom": {"a": 1}}, company={"custom": {"a": ["x", "y"]}}, requester={"custom": {"a": "z"}})

    values = [
        found.value(View(facts))
        for name in ("custom.a", "company.custom.a", "requester.custom.a")
        if (found := FIELDS.find(name))
    ]

    assert values == [1, frozenset({"x", "y"}), "z"]


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (FieldType.TEXT, "de", "de"),
        (FieldType.TEXT, 5, None),
        (FieldType.NUMBER, 0.5, 0.5),
        (FieldType.NUMBER, "0.5", None),
        (FieldType.NUMBER, True, None),
        (FieldType.BOOL, False, False),
        (FieldType.BOOL, "yes", None),
        (FieldType.SET, ["a", "b"], frozenset({"a", "b"})),
        (FieldType.SET, "a", frozenset({"a"})),
        (FieldType.SET, "", frozenset()),
        (FieldType.TEXT, ["a"], None),
    ],
)
def test_a_signal_of_another_kind_is_unknown(kind: FieldType, value: object, wanted: object) -> None:
    field = signal_field("mood", kind, "how it sounds", "good")

    assert field.value(View(facts_of(signals={"mood": {"value": value}}))) == wanted


def test_a_signal_is_unknown_until_its_detector_has_spoken() -> None:
    assert signal_field("mood", FieldType.SET, "how it sounds", "good").value(View(facts_of())) is None


def test_more_fields_make_another_registry() -> None:
    more = FIELDS.with_fields([signal_field("mood", FieldType.TEXT, "how it sounds", "good")])

    assert more.names() == [*FIELDS.names(), "mood"]
    assert FIELDS.find("mood") is None


def test_a_count_is_unknown_where_nobody_counted() -> None:
    field = count_field(Count(kind=CountKind.TICKETS_BY_COMPANY, last_s=604_800))

    assert field.value(View(facts_of(counts={"tickets_by_company.7d": 3}))) == 3
    assert field.value(View(facts_of(counts={"tickets_by_company.2d": 3}))) is None
