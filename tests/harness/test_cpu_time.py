"""A slow machine's seconds."""

from __future__ import annotations

import time

import pytest

from tests.harness import cpu_time
from tests.harness.cpu_time import YARDSTICK_S, cpu_seconds_since


@pytest.mark.parametrize(("slower", "counted"), [(1.0, 3.0), (3.0, 1.0), (0.5, 3.0)])
def test_seconds_count_less_on_a_slower_machine(monkeypatch: pytest.MonkeyPatch, slower: float, counted: float) -> None:
    monkeypatch.setattr(cpu_time, "_yardstick", lambda: slower * YARDSTICK_S)

    assert cpu_seconds_since(time.process_time() - 3.0) == pytest.approx(counted, abs=0.2)
