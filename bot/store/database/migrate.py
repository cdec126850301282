"""Bringing the database to this code's schema, and refusing to work on another.

Migrations only ever add, so running older processes go on while a newer one migrates.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from bot.store.database.engine import reading, refresh_statistics

if TYPE_CHECKING:  # Alembic is loaded where a schema is looked at: it costs a process as much as Flask does
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory

LOCK_NUMBER = 0x6465736B  # "desk": machines that migrate one PostgreSQL database at once take turns
_alembic = threading.Lock()  # Alembic keeps its context in module globals


class SchemaDiffers(Exception):
    """The database has another schema than this code. The message says what to run."""


def _config() -> AlembicConfig:
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def newest() -> str:
    """The revision that this code wants."""
    head = _scripts().get_current_head()
    assert head is not None, "the package lacks its migrations"
    return head


def revisions() -> set[str]:
    """All revisions that this code knows."""
    return {script.revision for script in _scripts().walk_revisions()}


def current(engine: Engine) -> str | None:
    """The revision that the database has; None for an empty database."""
    with reading(engine) as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine) -> str:
    """Bring the database to `newest()` in one transaction; does nothing where it is there already."""
    from alembic import command

    require_known(engine)
    before = current(engine)
    config = _config()
    with _alembic, engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE lets one in at a time by itself
            connection.execute(text("set local lock_timeout = '60s'"))  # another may be migrating; a table may be in use
            connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    if before != newest():
        with suppress(OperationalError):  # somebody writes without an end: the ticker's turn will come
            refresh_statistics(engine)
    return newest()


def require_current(engine: Engine) -> None:
    """Raises SchemaDiffers unless the database has exactly this code's schema."""
    found = current(engine)
    if found == newest():
        return
    require_known(engine)
    state = "has no tables yet" if found is None else f"is at revision {found}, this code wants {newest()}"
    raise SchemaDiffers(f"the database {state}: run `deskhand migrate`")


def require_known(engine: Engine) -> None:
    """Raises SchemaDiffers where the database is newer than this code."""
    found = current(engine)
    if found is not None and found not in revisions():
        raise SchemaDiffers(f"the database is at revision {found}, which is newer than this code: run the newer Deskhand")
