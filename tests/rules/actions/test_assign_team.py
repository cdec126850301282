"""`assign_team`: a team by its name."""

from __future__ import annotations

import pytest

from rules.actions import assign_team
from rules.model.effects import Blocked, WantTeam
from tests.rules.actions.acting import refusal_of, wish_of


def test_a_team_is_wanted_by_name() -> None:
    assert wish_of(assign_team, {"team": "Billing"}) == WantTeam("Billing")


def test_the_name_may_stand_in_the_ticket() -> None:
    ticket = {"custom": {"region": "North"}}

    assert wish_of(assign_team, {"team": "Team {custom.region}"}, ticket=ticket) == WantTeam("Team North")


def test_a_name_that_is_not_there_assigns_nothing() -> None:
    with pytest.raises(Blocked, match=r"custom\.region is empty"):
        wish_of(assign_team, {"team": "{custom.region}"})


def test_no_team_is_no_option() -> None:
    assert "at least 1 character" in refusal_of(assign_team, team=" ")
