"""`add_cc`: addresses in copy, and nothing that is no address."""

from __future__ import annotations

from tests.rules.actions.acting import decided
from tests.rules.build import result


def test_copies_go_to_addresses_only() -> None:
    good = decided("add_cc: '{company.csm}'", company={"csm": "Carla.CSM@example.com"})
    bad = decided("add_cc: '{company.csm}'", company={"csm": "Carla"})

    assert good.followers_add == {"carla.csm@example.com"}
    assert result(bad).because == "blocked"
    assert "Carla" not in result(bad).steps[-1].why
