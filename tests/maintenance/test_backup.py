"""Copies, and putting one back. The whole way: tests/faults/privacy/test_F118_backup_and_restore.py."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from bot.maintenance import backup
from bot.maintenance.backup import BackupRefused
from bot.store import deliveries, processes, system_times
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import newest
from tests.store.makers import NOW, incoming


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Engine:
    """A SQLite database with one delivery."""
    made = make_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'deskhand.sqlite3')}")
    with made.begin() as connection:
        deliveries.store(connection, incoming())
    return made


def test_a_copy_says_where_it_is_and_from_when(file: Engine, tmp_path: Path) -> None:
    made = backup.back_up(file, tmp_path, NOW)

    assert (made.path.name, made.revision, made.begun_at) == (f"deskhand-{NOW:%Y%m%dT%H%M%SZ}.sqlite3", newest(), NOW)
    assert made.size_bytes == made.path.stat().st_size
    with reading(file) as connection:
        assert system_times.last(connection, "backed_up") == NOW


def test_a_database_without_tables_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no tables yet"):
        backup.back_up(make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}"), tmp_path / "copy", NOW)


def test_a_copy_is_not_put_back_under_a_process_that_lives(file: Engine, tmp_path: Path) -> None:
    made = backup.back_up(file, tmp_path / "copy", NOW)
    with file.begin() as connection:
        processes.seen(connection, "elsewhere:1:a", "worker", "1", NOW)

    with pytest.raises(BackupRefused, match="end worker elsewhere:1:a first"):
        backup.restore(made.path, file, NOW, replace=True)


def test_a_copy_that_is_not_there_is_told(file: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="there is no such file"):
        backup.restore(tmp_path / "nowhere", file, NOW)


def test_a_password_goes_to_postgresqls_programs_by_the_environment() -> None:
    found = backup._environment(make_url("postgresql+psycopg://d:pw@db.example.com/x?sslmode=require"))

    assert {name: found[f"PG{name}"] for name in ("HOST", "USER", "PASSWORD", "DATABASE", "SSLMODE")} == {
        "HOST": "db.example.com",
        "USER": "d",
        "PASSWORD": "pw",
        "DATABASE": "x",
        "SSLMODE": "require",
    }
    assert "PGPORT" not in set(found) - set(os.environ)
