"""R15 in small; `make determinism` plans a thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.determinism import changed_rules, compare
from tests.harness.deskhand import PROVIDERS
from tests.harness.nightly import size


def test_two_processes_with_different_hash_seeds_plan_the_same_bytes(tmp_path: Path) -> None:
    differ, writing = compare(4, size(5, 24), tmp_path)

    assert differ == 0
    assert writing >= size(2, 5)  # a comparison of nothing would prove nothing


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stored_plan_is_carried_out_as_it_was_after_the_rules_changed(tmp_path: Path, provider: str) -> None:
    assert changed_rules(4, 2, tmp_path, provider) == 0
