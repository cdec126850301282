"""`link`: a problem or related ticket by its id."""

from __future__ import annotations

import pytest

from rules.actions import link
from rules.model.effects import Blocked, WantLink
from tests.rules.actions.acting import decided, wish_of


def test_the_id_may_stand_in_the_ticket() -> None:
    assert wish_of(link, {"to": "42"}) == WantLink("42")
    assert wish_of(link, {"to": "{custom.incident}"}, ticket={"custom": {"incident": "77"}}) == WantLink("77")


def test_without_an_id_nothing_is_linked() -> None:
    with pytest.raises(Blocked, match=r"custom\.incident is empty"):
        wish_of(link, {"to": "{custom.incident}"})


def test_two_rules_may_link_two_tickets() -> None:
    assert decided("{link: '1'}, {link: '2'}").links == ("1", "2")
