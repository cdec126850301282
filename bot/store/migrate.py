"""Bringing the database to this code's schema, and refusing to work on another.

Migrations only ever add, so running older processes go on while a newer one migrates.
"""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from bot.store.engine import reading

LOCK_NUMBER = 0x6465736B  # "desk": machines that migrate one PostgreSQL database at once take turns
_alembic = threading.Lock()  # Alembic keeps its context in module globals


class SchemaDiffers(Exception):
    """The database has another schema than this code. The message says what to run."""


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest() -> str:
    """The revision that this code wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the package lacks its migrations"
    return head


def current(engine: Engine) -> str | None:
    """The revision that the database has; None for an empty database."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine) -> str:
    """Bring the database to `newest()` in one transaction; does nothing where it is there already."""
    _refuse_newer(engine)
    config = _config()
    with _alembic, engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE lets one in at a time by itself
            connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def require_current(engine: Engine) -> None:
    """Raises SchemaDiffers unless the database has exactly this code's schema."""
    found = current(engine)
    if found == newest():
        return
    _refuse_newer(engine)
    state = "has no tables yet" if found is None else f"is at revision {found}, this code wants {newest()}"
    raise SchemaDiffers(f"the database {state}: run `deskhand migrate`")


def _refuse_newer(engine: Engine) -> None:
    found = current(engine)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaDiffers(f"the database is at revision {found}, which is newer than this code: run the newer Deskhand")
