"""Bringing a database to this code's schema, and refusing to work on another."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from bot.store.database import migrate
from bot.store.database.engine import make_engine
from bot.store.database.migrate import SchemaDiffers, newest, require_current
from bot.store.database.schema import metadata


def test_an_empty_database_says_what_to_run(empty_engine: Engine) -> None:
    with pytest.raises(SchemaDiffers, match="has no tables yet: run `deskhand migrate`"):
        require_current(empty_engine)


def test_migrating_makes_the_newest_schema_and_doing_it_again_nothing(empty_engine: Engine) -> None:
    assert migrate.migrate(empty_engine) == newest()
    assert migrate.migrate(empty_engine) == newest()

    require_current(empty_engine)
    assert set(metadata.tables) < set(inspect(empty_engine).get_table_names())


def test_two_processes_may_migrate_at_once(empty_engine: Engine) -> None:
    url = empty_engine.url.render_as_string(hide_password=False)
    code = "import sys; from bot.store.database import engine, migrate; print(migrate.migrate(engine.make_engine(sys.argv[1])))"

    both = [subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [each.communicate()[0].strip() for each in both]

    assert [each.returncode for each in both] == [0, 0]
    assert said == [newest()] * 2


def test_two_threads_may_migrate_at_once(empty_engine: Engine) -> None:
    ended: list[str] = []
    threads = [threading.Thread(target=lambda: ended.append(migrate.migrate(empty_engine))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended == [newest()] * 3


def test_a_newer_database_says_to_run_the_newer_deskhand(empty_engine: Engine) -> None:
    migrate.migrate(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(SchemaDiffers, match="9999, which is newer than this code: run the newer Deskhand"):
        require_current(empty_engine)
    with pytest.raises(SchemaDiffers, match="newer"):
        migrate.migrate(empty_engine)


def test_an_older_database_says_which_revision_it_has_and_what_to_run(sqlite_template: Path, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'older.sqlite3')}")
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0001'"))

    with pytest.raises(SchemaDiffers, match=f"is at revision 0001, this code wants {newest()}: run `deskhand migrate`"):
        require_current(engine)
    migrate.require_known(engine)


def test_the_newest_revision_is_one_that_this_code_knows() -> None:
    assert newest() == max(migrate.revisions())
