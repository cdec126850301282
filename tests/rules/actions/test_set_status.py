"""`set_status`: one of the statuses that a rule may set."""

from __future__ import annotations

import pytest

from adapters.ticket import Status
from rules.actions import set_status
from rules.model.effects import WantStatus
from tests.rules.actions.acting import refusal_of, wish_of


@pytest.mark.parametrize("status", ["open", "pending", "on_hold", "solved", "closed"])
def test_a_status_is_wanted(status: str) -> None:
    assert wish_of(set_status, {"to": Status(status)}) == WantStatus(Status(status))


@pytest.mark.parametrize("status", [Status.NEW, Status.OTHER])
def test_what_only_a_helpdesk_can_say_is_no_status_for_a_rule(status: Status) -> None:
    assert "to" in refusal_of(set_status, to=status)
