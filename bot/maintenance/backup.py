"""Copies of the database while it is worked on, and putting one back.

SQLite: its own backup call, which reads one moment of the database while others write. PostgreSQL: pg_dump and pg_restore, which
have to be installed. A copy knows when it was begun, and a database that was put back knows that it was: what was written to a
helpdesk between those two moments it does not know (bot/store/system_times.py).
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, delete, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.maintenance.working_processes import working_processes
from bot.store import system_times
from bot.store.database.engine import make_engine, reading, refresh_statistics
from bot.store.database.migrate import SchemaDiffers, current, migrate, require_known
from bot.store.database.schema import deliveries, locks, metadata, tickets
from bot.store.database.schema import processes as processes_table

COUNTED = (deliveries, tickets)


class BackupRefused(Exception):
    """Nothing was changed. The message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy that was checked. `begun_at`: what was committed before that is in it."""

    path: Path
    size_bytes: int
    revision: str
    begun_at: datetime


def back_up(engine: Engine, to: Path, now: datetime) -> Copy:
    """Write a checked copy to the file `to` (a folder: to a new file in it), readable by this user only. Raises BackupRefused,
    SQLAlchemyError."""
    target = to / f"deskhand-{now:%Y%m%dT%H%M%SZ}.{'sqlite3' if _is_sqlite(engine) else 'dump'}" if to.is_dir() else to
    if target.exists():
        raise BackupRefused(f"{target} is there already: name another file, or a folder")
    revision = current(engine)
    if revision is None:
        raise BackupRefused("the database has no tables yet: there is nothing to back up")
    with engine.begin() as connection:
        system_times.keep(connection, "backup_begun", now)
    part = target.with_name(target.name + ".part")
    try:
        _new_file(part)
        if _is_sqlite(engine):
            _copy_sqlite(_file_of(engine.url), part)
        else:
            _dump(engine.url, part)
        _sync(part)
        part.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise BackupRefused(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    with engine.begin() as connection:
        system_times.keep(connection, "backed_up", now)
    return Copy(path=target, size_bytes=target.stat().st_size, revision=revision, begun_at=now)


def restore(copy: Path, engine: Engine, now: datetime, *, replace: bool = False) -> str | Path | None:
    """Put a copy back as this database and bring it to this code's schema. The file or schema where the old one is kept, if any.

    Raises BackupRefused where processes work on the database, where it is not empty (unless `replace`), or where the copy is
    not whole; and SQLAlchemyError.
    """
    if not copy.is_file():
        raise BackupRefused(f"{copy}: there is no such file")
    _refuse_working(engine, now)
    if not replace and (count := _rows(engine)):
        kept = "file beside it" if _is_sqlite(engine) else "tables in a schema of their own"
        raise BackupRefused(f"the database holds {count} deliveries and tickets: --replace keeps the old {kept}")
    is_empty = _is_empty(engine)
    engine.dispose()
    aside = _put_back_sqlite(copy, _file_of(engine.url), now, is_empty) if _is_sqlite(engine) else _load(engine, copy, now)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(delete(processes_table))
        connection.execute(delete(locks))
        system_times.keep(connection, "restored", now)
    refresh_statistics(engine)  # a copy of PostgreSQL's tables comes without any
    return aside


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _file_of(url: URL) -> Path:
    return Path(url.database or "")


def _new_file(path: Path) -> None:
    """An empty file that only this user may read: a copy holds customers' words."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# SQLite


def _copy_sqlite(source: Path, target: Path) -> None:
    """One moment of the database, in one step: in several it would begin anew with each write of another process."""
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there, pages=-1)
            there.execute("pragma journal_mode=delete")  # one file, without a -wal beside it
        _require_whole(target)
    except sqlite3.Error as error:
        raise BackupRefused(f"the copy failed ({error}): nothing was kept") from error


def _require_whole(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            [[said], *_] = connection.execute("pragma integrity_check(1)").fetchall()
            found = connection.execute("select version_num from alembic_version").fetchall()
    except sqlite3.Error as error:
        raise BackupRefused(f"{path}: is no whole SQLite database of Deskhand ({error})") from error
    if said != "ok" or len(found) != 1:
        raise BackupRefused(f"{path}: is damaged: its integrity check fails")


def _put_back_sqlite(copy: Path, target: Path, now: datetime, is_empty: bool) -> Path | None:
    """The copy in the database's place. The old file is kept, the moment of exchange is a rename."""
    _require_whole(copy)
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _new_file(part)
        _copy_sqlite(copy, part)
        _require_known_schema(make_engine(f"sqlite:///{part}"))
        _sync(part)
        aside = None if is_empty else _move_away(target, now)
        for ending in ("-wal", "-shm"):  # of an empty database: they would be taken for the copy's
            target.with_name(target.name + ending).unlink(missing_ok=True)
        part.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise BackupRefused(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        for ending in ("", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)
    return aside


def _require_known_schema(engine: Engine) -> None:
    try:
        require_known(engine)
    except SchemaDiffers as error:
        raise BackupRefused(str(error)) from error
    finally:
        engine.dispose()


def _move_away(target: Path, now: datetime) -> Path | None:
    """Move the old file with what belongs to it."""
    aside = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}")
    for ending in ("-wal", "-shm", ""):
        old = target.with_name(target.name + ending)
        if old.exists():
            old.rename(aside.with_name(aside.name + ending))
    return aside if aside.exists() else None


# PostgreSQL


def _program(name: str, by_hand: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupRefused(
            f"{name} is not on this machine: install PostgreSQL's client programs, or run where they are: {by_hand}"
        )
    return found


def _environment(url: URL) -> Mapping[str, str]:
    """How libpq's programs find the database; a password on their command line would be seen by everybody."""
    given = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "database": url.database}
    given |= {name: value for name, value in url.query.items() if isinstance(value, str) and name in _QUERY}
    return {**os.environ, **{f"PG{name.upper()}": str(value) for name, value in given.items() if value is not None}}


_QUERY = ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "service")


def _dump(url: URL, to: Path) -> None:
    program = _program("pg_dump", "pg_dump --format=custom --file=COPY")
    _run([program, "--format=custom", "--no-owner", "--no-privileges", f"--file={to}"], url)
    _require_ours(_program("pg_restore", "pg_restore --list COPY"), to, url)


def _require_ours(program: str, copy: Path, url: URL) -> None:
    """Raises BackupRefused unless the copy can be read and holds our tables."""
    if not re.search(r"(?m)TABLE DATA \S+ alembic_version ", _run([program, "--list", str(copy)], url)):
        raise BackupRefused(f"{copy}: holds no tables of Deskhand")


def _load(engine: Engine, copy: Path, now: datetime) -> str | None:
    """Put the copy into the database; the schema that the old tables were moved to, where there were any."""
    program = _program("pg_restore", "pg_restore --dbname=DATABASE COPY")
    _require_ours(program, copy, engine.url)
    _require_known_schema(engine)
    aside = f"before_{now:%Y%m%dt%H%M%Sz}"
    moved = _move_tables(engine, None, aside)
    engine.dispose()
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    try:
        _run([program, *options, f"--dbname={engine.url.database}", str(copy)], engine.url)
        _require_known_schema(engine)
    except BackupRefused:
        _move_tables(engine, aside, None)
        raise
    return aside if moved else None


def _move_tables(engine: Engine, source: str | None, to: str | None) -> int:
    """Our tables from one schema to another (None: the one that we work in), where what is in their way is dropped; how many."""
    with engine.begin() as connection:
        ours = {*metadata.tables, "alembic_version"}
        found = ours & set(inspect(connection).get_table_names(schema=source))
        here = connection.execute(text("select current_schema()")).scalar_one()
        if found and to is not None:
            connection.execute(text(f"create schema {to}"))
        for name in sorted(found):
            connection.execute(text(f"drop table if exists {to or here}.{name}"))
            connection.execute(text(f"alter table {source or here}.{name} set schema {to or here}"))
        if source is not None:
            connection.execute(text(f"drop schema if exists {source}"))
    return len(found)


def _run(command: Sequence[str], url: URL) -> str:
    """What the program printed. Raises BackupRefused with its complaint."""
    ended = subprocess.run(command, env=dict(_environment(url)), capture_output=True, text=True, check=False)
    if ended.returncode:
        said = re.sub(r"(?m)^(CONTEXT|DETAIL|COPY).*$", "", ended.stderr).strip()  # these may quote a row
        raise BackupRefused(f"{Path(command[0]).name} failed: {said[-500:]}")
    return ended.stdout


# is anybody there?


def _refuse_working(engine: Engine, now: datetime) -> None:
    if working := working_processes(engine, now):
        raise BackupRefused(f"Deskhand works on this database: end {', '.join(working)} first (one that was killed: 2 minutes)")


def _is_empty(engine: Engine) -> bool:
    """True where nobody has made tables yet; False also for a file that is no database."""
    try:
        return current(engine) is None
    except SQLAlchemyError:
        return False


def _rows(engine: Engine) -> int:
    try:
        with reading(engine, at_leisure=True) as connection:
            return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in COUNTED)
    except SQLAlchemyError:
        return 0
