"""R18 in small; `make chaos-drop` takes six hundred changes on each helpdesk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import drop
from tests.chaos.drop import CALLS_A_MINUTE, attack
from tests.harness.deskhand import PROVIDERS
from tests.harness.nightly import size


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_no_webhook_told_is_found_by_the_second_poll(tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drop, "PER_INTERVAL", 12)

    found = attack(tmp_path, provider, 9, size(15, 30))

    assert not found.lost
    assert found.rescued >= 1
    assert found.calls_a_minute <= CALLS_A_MINUTE
