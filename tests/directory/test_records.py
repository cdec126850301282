"""One row of a directory file: its values, what finds it, and words for whoever wrote it wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.directory.records import Value, kind_of, moment, money, record, tier, truth, words


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (tier("Enterprise"), "enterprise"),
        (money("120000.50"), 120000.5),
        (moment("2027-01-31T10:00"), datetime(2027, 1, 31, tzinfo=UTC)),
        (truth("YES"), True),
        (truth("0"), False),
        (words("Key Account; ;pilot;"), frozenset({"key account", "pilot"})),
    ],
)
def test_cells_are_read_as_people_write_them(found: Value, value: Value) -> None:
    assert found == value


@pytest.mark.parametrize("cell", ["120,000", "1e20", "inf", "nan", "-inf", "twelve"])
def test_what_is_no_plain_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="write it as 120000 or"):
        money(cell)


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (["email", "skills"], "agents"),
        (["name", "teams"], "agents"),
        (["email", "title"], "people"),
        (["domain", "tier"], "companies"),
        ([], "companies"),
    ],
)
def test_the_columns_tell_what_a_file_holds(columns: list[str], kind: str) -> None:
    assert kind_of(columns) == kind


def test_a_company_is_found_by_everything_that_names_it() -> None:
    found = record({"id": "42", "name": "Northwind", "domain": "B.example;a.example", "tier": ""}, "companies", "a.csv", 3)

    assert found.keys == ("id:42", "name:northwind", "domain:a.example", "domain:b.example")
    assert (found.file, found.line) == ("a.csv", 3)
    assert "tier" not in found.values


def test_an_agent_has_one_key_of_its_own_kind() -> None:
    both = record({"email": "Amy@example.com", "name": "Amy"}, "agents", "a.csv", 2)

    assert both.keys == ("agent:email:amy@example.com",)
    assert record({"name": "Amy"}, "agents", "a.csv", 2).keys == ("agent:name:amy",)


@pytest.mark.parametrize(
    ("cells", "arr", "mrr"), [({"arr": "120"}, 120, 10), ({"mrr": "10"}, 120, 10), ({"arr": "1", "mrr": "9"}, 1, 9)]
)
def test_yearly_and_monthly_revenue_follow_from_each_other(cells: dict[str, str], arr: float, mrr: float) -> None:
    found = record({"id": "1", **cells}, "companies", "a.csv", 2).values

    assert (found["arr"], found["mrr"]) == (arr, mrr)


@pytest.mark.parametrize(
    ("cells", "kind", "message"),
    [
        ({"email": "a@x.example", "tittle": "CEO"}, "people", "tittle: no such column, did you mean title"),
        ({"email": "a@x.example", "is_vip": "maybe"}, "people", "is_vip: maybe: write yes or no"),
        ({"email": " ", "title": "CEO"}, "people", "nothing to find it by: fill email"),
    ],
)
def test_a_wrong_row_is_refused_with_the_name_of_the_column(cells: dict[str, str], kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(cells, kind, "a.csv", 2)
