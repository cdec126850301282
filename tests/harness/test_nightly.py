"""Short forms and full ones."""

from __future__ import annotations

import pytest

from tests.harness import nightly


def test_by_day_a_few_are_drawn_and_always_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(nightly, "IS_NIGHTLY", False)

    drawn = nightly.some(range(100), 5)

    assert len(drawn) == 5
    assert drawn == sorted(drawn) == nightly.some(range(100), 5)
    assert f"seed {nightly.SEED}" in capsys.readouterr().out


def test_at_night_all_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "IS_NIGHTLY", True)

    assert nightly.some(range(100), 5) == list(range(100))
    assert nightly.size(5, 100) == 100
