"""R17 in small; `make chaos-restore` takes both databases, late drafts and more rounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.restore import attack
from tests.harness.deskhand import PROVIDERS


@pytest.mark.parametrize("provider", PROVIDERS)
def test_after_a_restore_no_note_is_written_twice_and_none_is_missing(tmp_path: Path, provider: str) -> None:
    found = attack(provider, tmp_path, 5, 1, late=False)

    assert not found.doubles
    assert not found.missing
    assert found.notes >= 5
