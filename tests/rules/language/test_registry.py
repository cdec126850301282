"""Fields by name, the open families included."""

from __future__ import annotations

from tests.rules.build import holds


def test_custom_fields_take_any_operator_and_a_wrong_kind_is_unknown() -> None:
    custom = {"custom": {"seats": 12, "region": "North East", "products": ["a", "b"], "since": "2026-01-01"}}

    assert holds("{custom.seats: {over: 10}}", ticket=custom)
    assert holds("{custom.region: {has: east}}", ticket=custom)
    assert holds("{custom.products: {has: b}}", ticket=custom)
    assert holds("{custom.since: {older_than: 4 days}}", ticket=custom)
    assert not holds("{not: {custom.region: {over: 10}}}", ticket=custom)
    assert holds("{custom.absent: {known: false}}", ticket=custom)
