"""Custom fields: every helpdesk's value in the type of its mapping, alike on all three; what is of another type is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.custom_values import moment_of, plain_values, read_company_attribute, read_fields, to_custom_value
from adapters.helpdesk import Account, FieldMapping, Misfit
from adapters.raw import Raw
from adapters.ticket import CustomValue, Provider
from scripts.hydrate_case import read

TEN = 1_772_359_200  # 2026-03-01 10:00 UTC
MIDNIGHT = 1_772_323_200

# What a helpdesk may send, by the type of the mapping, and what it is with us.
TABLE: list[tuple[str, Any, CustomValue]] = [
    ("text", "gold", "gold"),
    ("text", 42, "42"),
    ("text", 42.0, "42"),
    ("text", True, None),
    ("text", ["gold"], None),
    ("text", {"name": "gold"}, None),
    ("text", None, None),
    ("text", "", None),
    ("enum", "gold", "gold"),
    ("enum", 3, "3"),
    ("enum", False, None),
    ("number", 12, 12),
    ("number", 12.0, 12),
    ("number", 12.5, 12.5),
    ("number", "12.50", 12.5),
    ("number", " 12 ", 12),
    ("number", "1e3", 1000),
    ("number", "n/a", None),
    ("number", "1,000", None),
    ("number", "1_000", None),
    ("number", "nan", None),
    ("number", "1e999", None),
    ("number", "\u0661", None),
    ("number", True, None),
    ("number", [12], None),
    ("number", None, None),
    ("bool", True, True),
    ("bool", "true", True),
    ("bool", "TRUE", True),
    ("bool", "1", True),
    ("bool", 1, True),
    ("bool", "yes", True),
    ("bool", False, False),
    ("bool", "false", False),
    ("bool", 0, False),
    ("bool", "0", False),
    ("bool", "maybe", None),
    ("bool", 2, None),
    ("bool", [], None),
    ("bool", "", None),
    ("date", "2026-03-01", "2026-03-01"),
    ("date", "2026-03-01T00:00:00Z", "2026-03-01"),
    ("date", MIDNIGHT, "2026-03-01"),
    ("date", str(MIDNIGHT), "2026-03-01"),
    ("date", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
    ("date", "2026-03-01T11:00:00+01:00", "2026-03-01T10:00:00+00:00"),
    ("date", "2026-03-01 10:00", "2026-03-01T10:00:00+00:00"),
    ("date", TEN, "2026-03-01T10:00:00+00:00"),
    ("date", "01/03/2026", None),
    ("date", "1 March 2026", None),
    ("date", "2026-W09-7", None),
    ("date", "2026-13-01", None),
    ("date", "20260301", None),
    ("date", 3, None),
    ("date", 10**30, None),
    ("date", True, None),
    ("multi", ["gold", "silver"], ("gold", "silver")),
    ("multi", "gold", ("gold",)),
    ("multi", 3, ("3",)),
    ("multi", ["gold", None, "", 7], ("gold", "7")),
    ("multi", [], ()),
    ("multi", True, None),
    ("multi", [["gold"]], None),
    ("multi", None, None),
]


@pytest.mark.parametrize("provider", Provider)
@pytest.mark.parametrize(("kind", "value", "ours"), TABLE)
def test_one_value_reads_alike_on_every_helpdesk(provider: Provider, kind: str, value: Any, ours: CustomValue) -> None:
    found = read({"provider": provider.value, "type": kind, "value": value}).custom

    assert found == {"x": ours}
    assert type(found["x"]) is type(ours)


def test_a_value_that_does_not_fit_is_told_by_its_types_and_costs_no_other_field() -> None:
    told: list[Misfit] = []
    mapped = (FieldMapping(slug="seats", vendor="a", type="number"), FieldMapping(slug="plan", vendor="b"))
    account = Account(name="acme", provider=Provider.INTERCOM, address="http://x", fields=mapped, on_misfit=told.append)

    assert read_fields(Raw({"a": "my secret", "b": "gold"}).__getitem__, account) == {"seats": None, "plan": "gold"}
    assert told == [Misfit(account="acme", field="seats", expected="a number", found="text")]


def test_what_is_empty_or_absent_is_no_misfit() -> None:
    told: list[Misfit] = []
    mapped = (FieldMapping(slug="seats", vendor="a", type="number"), FieldMapping(slug="plan", vendor="b"))
    account = Account(name="acme", provider=Provider.INTERCOM, address="http://x", fields=mapped, on_misfit=told.append)

    assert read_fields(Raw({"a": None}).__getitem__, account) == {"seats": None, "plan": None}
    assert told == []


@pytest.mark.parametrize(("name", "value", "ours"), [("arr", "12000", 12000), ("tier", ["gold"], None), ("is_premium", 1, True)])
def test_a_companys_attributes_have_the_types_that_they_have_with_us(name: str, value: Any, ours: CustomValue) -> None:
    told: list[Misfit] = []
    account = Account(name="acme", provider=Provider.ZENDESK, address="http://x", on_misfit=told.append)

    assert read_company_attribute(Raw(value), name, account) == ours
    assert [each.field for each in told] == ([] if ours is not None else [f"company.{name}"])


@pytest.mark.parametrize("value", [120_000, "120000", 120_000.0])
def test_a_companys_amount_is_kept_as_the_fraction_that_it_reads_back_as(value: Any) -> None:
    account = Account(name="acme", provider=Provider.ZENDESK, address="https://acme.example")

    found = read_company_attribute(Raw(value), "arr", account)

    assert (found, type(found)) == (120_000.0, float)


def test_a_date_is_a_time_where_one_is_needed() -> None:
    assert [str(moment_of(to_custom_value(Raw(each), "date"))) for each in ("2026-03-01", TEN)] == [
        "2026-03-01 00:00:00+00:00",
        "2026-03-01 10:00:00+00:00",
    ]
    assert moment_of(None) is None


def test_fields_without_a_mapping_are_as_they_are_where_they_are_single_values() -> None:
    assert plain_values(Raw({"region": "emea", "seats": 3, "areas": ["a"], "none": None})) == {
        "region": "emea",
        "seats": 3,
        "none": None,
    }
    assert plain_values(Raw(None)) == {}
