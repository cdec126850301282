"""When the receiver takes no more in: a disk that is nearly full, and work that does not keep up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config
from bot.intake.backpressure import Pressure
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from tests.faults.receiver_setup import configured

pytestmark = pytest.mark.both_storages


def test_what_counts_as_nearly_full_follows_the_size_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size, free, is_full in (
        (1_000_000_000_000, 201_000_000, False),  # a large disk: 200 MB
        (1_000_000_000_000, 199_000_000, True),
        (1_000_000_000, 21_000_000, False),  # a small one: 2 %
        (1_000_000_000, 19_000_000, True),
    ):
        monkeypatch.setattr("os.statvfs", lambda _, size=size, free=free: _Disk(size, free))

        assert bool(_pressure(configured(tmp_path, "zendesk")).look()) is is_full


def test_zero_switches_a_limit_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.statvfs", lambda _: _Disk(1_000_000, 0))

    assert _pressure(configured(tmp_path, "zendesk", min_free_bytes=0, max_backlog=0)).look() == ""


class _Disk:
    """What os.statvfs says of one."""

    def __init__(self, size: int, free: int) -> None:
        self.f_frsize, self.f_blocks, self.f_bavail = 1, size, free


def _pressure(config: Config) -> Pressure:
    engine = make_engine(config.database_url)
    migrate(engine)
    engine.dispose()
    return Pressure(config, engine)
