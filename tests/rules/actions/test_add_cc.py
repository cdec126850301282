"""`add_cc`: addresses in copy, and nothing that is no address."""

from __future__ import annotations

import pytest

from rules.actions import add_cc
from rules.model.effects import Blocked, WantCopies
from tests.rules.actions.acting import decided, wish_of
from tests.rules.build import result


def test_copies_go_to_addresses_only() -> None:
    good = decided("add_cc: '{company.csm}'", company={"csm": "Carla.CSM@example.com"})
    bad = decided("add_cc: '{company.csm}'", company={"csm": "Carla"})

    assert good.followers_add == {"carla.csm@example.com"}
    assert result(bad).because == "blocked"
    assert "Carla" not in result(bad).steps[-1].why


def test_several_addresses_are_one_wish_in_lower_case() -> None:
    wish = wish_of(add_cc, {"emails": ["Ann@example.com", "ben@example.com"]})

    assert wish == WantCopies(frozenset({"ann@example.com", "ben@example.com"}))


@pytest.mark.parametrize("email", ["Ann <ann@example.com>", "ann@example", "a@b@example.com", "ann@example.com, ben@example.com"])
def test_one_wrong_address_keeps_all_away(email: str) -> None:
    with pytest.raises(Blocked, match="not an e-mail address"):
        wish_of(add_cc, {"emails": ["ben@example.com", email]})
