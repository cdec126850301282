"""F40: a database older or newer than the code is refused with words; a migration that was killed at any statement leaves the
database as it was, and runs again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from bot.store.database import migrate
from bot.store.database.engine import make_engine
from tests.faults.killed_migration import before_each
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.nursery import wait as wait_child
from tests.harness.servers import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database as the first version made it."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'older.sqlite3'}")
        _to_the_first(made)
        yield made
        made.dispose()
        return
    with empty_database(request.getfixturevalue("postgres_server"), is_durable=True) as url:
        made = make_engine(url)
        _to_the_first(made)
        yield made
        made.dispose()


def _to_the_first(engine: Engine) -> None:
    config = migrate._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("insert into locks (name) values ('kept')"))


def _seen_from_outside(engine: Engine) -> tuple[str | None, frozenset[str]]:
    """What another process would find if the one that migrates died now."""
    other = make_engine(engine.url.render_as_string(hide_password=False))
    with other.connect().execution_options(reads_only=True) as connection:
        version = connection.execute(text("select version_num from alembic_version")).scalar_one()
        tables = frozenset(inspect(connection).get_table_names())
    other.dispose()
    return version, tables


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_F40_nothing_of_a_migration_is_seen_before_its_end(older: Engine) -> None:
    before, seen = _seen_from_outside(older), set()
    watched = make_engine(_url(older))
    before_each(watched, lambda number: seen.add(_seen_from_outside(older)))

    migrate.migrate(watched)
    watched.dispose()

    assert seen == {before}
    assert _seen_from_outside(older)[0] == migrate.newest()


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_F40_a_migration_that_was_killed_runs_again(older: Engine, nursed: Nursery, tmp_path: Path, share: float) -> None:
    before, count = _seen_from_outside(older), _statements(older, tmp_path)

    child = nursed.start("tests.faults.killed_migration", _url(older), str(max(1, int(count * share))), log=tmp_path / "log")

    assert wait_child(child, 60) == -9, (tmp_path / "log").read_text(encoding="utf-8")
    assert _seen_from_outside(older) == before
    assert migrate.migrate(older) == migrate.newest()
    migrate.require_current(older)
    with older.begin() as connection:
        assert connection.execute(text("select name from locks")).scalars().all() == ["kept"]


def _statements(engine: Engine, folder: Path) -> int:
    """How many a migration from the first version has, the commit included."""
    counted: list[int] = []
    trial = make_engine(f"sqlite:///{folder / 'trial.sqlite3'}")
    _to_the_first(trial)
    before_each(trial, counted.append)
    migrate.migrate(trial)
    trial.dispose()
    return len(counted)


@pytest.mark.parametrize("module", ["webhooks", "worker"])
@pytest.mark.parametrize(
    ("version", "words"), [("0001", "run `deskhand migrate`"), ("9999", "newer than this code: run the newer Deskhand")]
)
def test_F40_nothing_starts_on_another_version(tmp_path: Path, nursed: Nursery, module: str, version: str, words: str) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        with run.parts.engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :version"), {"version": version})
        child = nursed.start(module, "--config", str(run.config.path), log=tmp_path / "log")

        assert wait_child(child, 60) == 2
        assert words in (tmp_path / "log").read_text(encoding="utf-8")
