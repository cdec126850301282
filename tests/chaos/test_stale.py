"""R7 in small; `make chaos-stale` takes five thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.stale import attack
from tests.harness.deskhand import PROVIDERS
from tests.harness.nightly import size


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_an_agent_sets_within_a_run_stays(tmp_path: Path, provider: str) -> None:
    found = attack(tmp_path, provider, 8, size(5, 9))

    assert not found.outside
    assert found.met >= size(1, 3)
    if provider == "zendesk":  # it refuses a write on a changed ticket: there is no window
        assert not found.inside
