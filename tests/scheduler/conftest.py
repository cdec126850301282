"""`swept`: a bench with its ticker, whose polls ask the desk in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.scheduler import ticker as ticker_module
from tests.harness.bench_in_memory import Bench
from tests.scheduler.swept import Swept, connecting


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Swept]:
    bench = Bench(tmp_path)
    monkeypatch.setattr(ticker_module, "connect", connecting(bench))
    yield Swept(bench)
    bench.close()
