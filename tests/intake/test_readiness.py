"""When the receiver says that it can do its work."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from bot.intake.backpressure import Pressure
from bot.intake.readiness import NotReady, Readiness
from bot.store.database.engine import make_engine
from tests.harness.bench_in_memory import Bench


class Calm:
    """The pressure of a receiver that has room, or the trouble it is told."""

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble

    def look(self) -> str:
        return self.trouble

    def look_at_clock(self) -> str:
        return ""


def ready(bench: Bench, trouble: str = "") -> Readiness:
    return Readiness(bench.engine, cast(Pressure, Calm(trouble)))


def test_it_tells_how_many_deliveries_wait(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.deliver("d1")

    assert ready(bench).waiting() == 1


def test_trouble_is_the_reason_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="the disk is nearly full"):
        ready(Bench(tmp_path), "the disk is nearly full").waiting()


def test_a_database_without_tables_wants_a_migration(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/empty.sqlite3")

    with pytest.raises(NotReady, match="run `deskhand migrate`"):
        Readiness(engine, cast(Pressure, Calm())).waiting()


def test_a_database_that_is_away_is_told_without_its_path(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}")

    with pytest.raises(NotReady, match=r"^the database does not answer$"):
        Readiness(engine, cast(Pressure, Calm())).waiting()
