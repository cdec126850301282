"""Working hours as a plain value: what they cover, in any zone and over midnight, and the operator that asks them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rules.explain.counterfactuals import why
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.model.canonical_json import facts_to_json
from rules.values.working_hours import WorkingHours
from tests.rules.build import NOW, facts_of, holds, messages_of, one_rule, rule

BERLIN: dict[str, Any] = {"timezone": "Europe/Berlin", "monday": ["09:00-12:30", "13:30-18:00"], "friday": ["22:00-06:00"]}


@pytest.mark.parametrize(
    ("at", "works"),
    [
        ("2026-01-05T07:59", False),  # a Monday; Berlin is an hour ahead in winter
        ("2026-01-05T08:00", True),
        ("2026-01-05T11:29", True),
        ("2026-01-05T11:30", False),
        ("2026-01-05T16:59", True),
        ("2026-01-05T17:00", False),
        ("2026-07-06T07:00", True),  # and two in summer
        ("2026-07-06T16:00", False),
        ("2026-01-09T21:00", True),  # Friday night
        ("2026-01-10T04:59", True),
        ("2026-01-10T05:00", False),
        ("2026-01-09T04:00", False),
    ],
)
def test_hours_are_those_of_the_zone_and_may_end_on_the_next_day(at: str, works: bool) -> None:
    hours = facts_of(working_hours=BERLIN).working_hours

    assert hours is not None
    assert hours.covers(datetime.fromisoformat(at).replace(tzinfo=UTC)) is works


def test_nobody_works_on_a_holiday_nor_in_the_night_that_begins_on_it() -> None:
    hours = WorkingHours(friday=("22:00-06:00",), monday=("00:00-24:00",), holidays=frozenset({"2026-01-09", "2026-01-05"}))

    assert not hours.covers(datetime(2026, 1, 10, 3, tzinfo=UTC))
    assert not hours.covers(datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert hours.covers(datetime(2026, 1, 12, 23, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"timezone": "Berlin"}, "Berlin: no such time zone"),
        ({"timezone": "../../etc/passwd"}, "no such time zone"),
        ({"monday": ["9-17"]}, "9-17: wanted hours such as 09:00-17:30"),
        ({"monday": ["09:00-09:00"]}, "wanted hours"),
        ({"monday": ["09:00-24:30"]}, "wanted hours"),
        ({"holidays": ["Christmas"]}, "Christmas: wanted a day such as 2026-12-25"),
        ({"munday": []}, "no such field, did you mean monday"),
    ],
)
def test_what_are_no_hours_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(FactsInvalid, match=message):
        facts_from_json({"ticket": {}, "working_hours": given}, NOW)


@pytest.mark.parametrize(
    ("condition", "hours", "wanted"),
    [
        ("created_at: {in_working_time: true}", BERLIN, True),
        ("created_at: {in_working_time: false}", BERLIN, False),
        ("created_at: {in_working_time: false}", {"sunday": ["09:00-10:00"]}, True),
        ("created_at: {in_working_time: true}", None, True),
        ("solved_at: {in_working_time: true}", BERLIN, False),
        ("custom.visit: {in_working_time: true}", BERLIN, True),
    ],
)
def test_a_time_is_asked_whether_the_team_worked(condition: str, hours: Any, wanted: bool) -> None:
    ticket = {"created_at": "2026-01-05T09:00:00Z", "custom": {"visit": "2026-01-05T10:00:00+01:00"}}

    assert holds(f"{{{condition}}}", ticket=ticket, working_hours=hours) is wanted


def test_only_times_are_asked_and_only_with_yes_or_no() -> None:
    [kind], [value] = (
        messages_of("rules:\n" + rule(f"{{{condition}}}"))
        for condition in ("subject: {in_working_time: true}", "created_at: {in_working_time: 9}")
    )

    assert "`in_working_time` does not fit" in kind
    assert "wanted true or false" in value


def test_facts_with_hours_survive_the_round_trip() -> None:
    facts = facts_of(working_hours={**BERLIN, "holidays": ["2026-12-25"]})

    assert facts_from_json(facts_to_json(facts)) == facts


def test_why_names_a_time_at_which_the_team_works() -> None:
    ticket = {"created_at": "2026-01-05T03:00:00Z"}
    answer = why(one_rule("{created_at: {in_working_time: true}}"), facts_of(ticket=ticket, working_hours=BERLIN), "r")

    assert answer.flips
    assert answer.flips[0].change.place == ("ticket", "created_at")
