"""The values that conditions compare with: read into the field's own type, or refused with what to write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from adapters.ticket import Json
from rules.language.fields import FIELDS
from rules.language.operands import WrongValue, amount, each_of, moment, pattern, scalar, seconds, word, words, yes_no
from rules.language.registry import Field


def field(name: str) -> Field:
    found = FIELDS.find(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "raw", "wanted"),
    [
        ("subject", " Hello  WORLD ", "hello world"),
        ("company.arr", 5, 5),
        ("is_spam", True, True),
        ("company.renewal_in", "2 days", 172_800.0),
        ("custom.seats", 5, 5),
        ("custom.seats", True, True),
        ("custom.plan", "Gold", "gold"),
        ("priority", "High", "high"),
    ],
)
def test_a_value_is_read_in_the_fields_own_type(name: str, raw: Json, wanted: object) -> None:
    found = scalar(raw, field(name))

    assert found == wanted
    assert type(found) is type(wanted)


def test_an_ordered_choice_counts_by_its_rank_and_hours_by_their_seconds() -> None:
    assert amount("low", field("priority")) < amount("urgent", field("priority"))
    assert amount(2, field("hours_waiting")) == 7200


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("company.arr", "5", "wanted a number, found text"),
        ("company.arr", True, "wanted a number, found true or false"),
        ("company.arr", float("nan"), "wanted a number"),
        ("company.arr", 2e15, "wanted a number"),
        ("company.renewal_in", 60, "with its unit, such as `60 days`"),
        ("priority", "hihg", "did you mean high?"),
    ],
)
def test_what_is_no_amount_is_refused(name: str, raw: Json, told: str) -> None:
    with pytest.raises(WrongValue, match=told):
        amount(raw, field(name))


@pytest.mark.parametrize(
    ("raw", "told"), [(404, "found a number; put it in quotes"), ("  ", "found nothing in it"), (None, "found nothing")]
)
def test_what_is_no_word_is_refused(raw: Json, told: str) -> None:
    with pytest.raises(WrongValue, match=told):
        word(raw, field("subject"))


@pytest.mark.parametrize("raw", ["true", 1, None])
def test_yes_and_no_are_true_and_false_only(raw: Json) -> None:
    assert (yes_no(True), yes_no(False)) == (True, False)
    with pytest.raises(WrongValue, match="wanted true or false"):
        yes_no(raw)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("2026-01-05T12:00:00Z", datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
        (date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC)),
        (datetime(2026, 1, 5, 12), datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("2026-01-05T12:00:00+02:00", datetime(2026, 1, 5, 12, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_a_time_without_a_zone_is_utc(raw: Any, wanted: datetime) -> None:
    assert moment(raw) == wanted
    assert moment(raw).tzinfo is not None


@pytest.mark.parametrize("raw", ["soon", 20260105, None])
def test_what_is_no_time_is_refused(raw: object) -> None:
    with pytest.raises(WrongValue, match="wanted a time such as 2026-12-31T18:00:00Z"):
        moment(raw)


@pytest.mark.parametrize("raw", [4, "soon", "999999999 weeks"])
def test_what_is_no_duration_is_refused(raw: Json) -> None:
    assert seconds("4 h") == 14_400
    with pytest.raises(WrongValue):
        seconds(raw)


def test_one_value_is_a_list_of_one_and_a_wrong_one_is_named_by_its_place() -> None:
    assert words("Up", field("subject")) == ["up"]
    assert words(["Up", "Down"], field("subject")) == ["up", "down"]
    with pytest.raises(WrongValue) as error:
        each_of(["up", 5], field("subject"), word)
    assert error.value.at == 1


def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(WrongValue, match="at least one value"):
        words([], field("subject"))


@pytest.mark.parametrize(("raw", "told"), [("(a", "missing \\)"), ("(?=a)b", "look-around"), ("\ud800", "not a pattern")])
def test_what_is_no_pattern_is_refused(raw: str, told: str) -> None:
    with pytest.raises(WrongValue, match=told):
        pattern(raw)
