"""Every statement on a table that grows reads by the index that is meant for it, with and without statistics.

A new function of these modules must be named in tests/store/looks.py with what it may read by.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from dataclasses import is_dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import URL, Engine

from bench.filled import Amount, fill
from bot.maintenance import erasure_queries, redaction, retention, retention_step, statistics
from bot.store import (
    dead_letters,
    deliveries,
    draft_outcomes,
    drafts,
    due,
    duplicate_notes,
    refused_writes,
    runs,
    ticket_counts,
    ticket_meanings,
    tickets,
)
from bot.store.database.engine import make_engine, refresh_statistics
from bot.store.models import opinions
from bot.store.packed import compression, run_facts, ticket_texts
from bot.store.rules import rule_firings, rule_states
from tests.harness.servers import migrated_database
from tests.store.figure_looks import LOOKS
from tests.store.looks import ALL_IDS, OLD, Database
from tests.store.plans import looked_up

AMOUNT = Amount(tickets=1500)
MODULES = (
    *(
        dead_letters,
        ticket_counts,
        ticket_meanings,
        deliveries,
        duplicate_notes,
        draft_outcomes,
        drafts,
        due,
        redaction,
        erasure_queries,
        statistics,
        refused_writes,
    ),
    *(retention, rule_firings, rule_states, runs, tickets, opinions, compression, run_facts, ticket_texts),
)


def asking(module: ModuleType) -> set[str]:
    """What of a module asks the database: functions that are given a connection or an engine, and classes made with one."""
    own = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__ and callable(each)]
    named = [each for each in own if not each.__name__.startswith("_") and not _is_plain(each)]
    given = [each for each in named if {"connection", "engine"} & set(inspect.getfullargspec(each).args)]
    return {f"{module.__name__.rpartition('.')[2]}.{each.__name__}" for each in given}


def _is_plain(each: object) -> bool:
    """A class that holds values."""
    return isinstance(each, type) and (is_dataclass(each) or issubclass(each, Enum | Exception))


def test_every_function_that_asks_the_database_is_looked_at() -> None:
    assert {name for module in MODULES for name in asking(module)} - {"tickets.insert_into"} == LOOKS.keys()


@pytest.fixture(scope="module")
def filled_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "filled.sqlite3"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        fill(connection, AMOUNT)
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def filled_postgresql(postgres_server: URL) -> Iterator[str]:
    with migrated_database(postgres_server) as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            fill(connection, AMOUNT)
        engine.dispose()
        yield url


@pytest.fixture(params=["sqlite that knows nothing", "sqlite that knew it small", "sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A filled database. SQLite has no statistics, those that are kept of a nearly empty one, or those of what is there."""
    if request.param == "postgresql":
        engine = make_engine(request.getfixturevalue("filled_postgresql"))
    else:
        path = tmp_path / "filled.sqlite3"
        shutil.copy(request.getfixturevalue("filled_sqlite"), path)
        engine = make_engine(f"sqlite:///{path}")
    if request.param == "sqlite that knew it small":
        make_believe(engine, request.getfixturevalue("sqlite_template"), tmp_path / "small.sqlite3")
    elif request.param != "sqlite that knows nothing":
        monkeypatch.setattr("bot.store.database.engine.KNOWN_ROWS", 100)
        refresh_statistics(engine)
    return engine


def make_believe(engine: Engine, template: Path, small: Path) -> None:
    """Give a database the statistics of one that was hardly used."""
    shutil.copy(template, small)
    other = make_engine(f"sqlite:///{small}")
    with other.begin() as connection:
        fill(connection, Amount(tickets=4))
    refresh_statistics(other)
    refresh_statistics(engine)
    with other.begin() as there, engine.begin() as here:
        here.exec_driver_sql("delete from sqlite_stat1")
        for row in there.exec_driver_sql("select tbl, idx, stat from sqlite_stat1"):
            here.exec_driver_sql("insert into sqlite_stat1 values (?, ?, ?)", tuple(row))
    engine.dispose()  # they are read where a file is opened


def test_statements_read_by_the_index_that_is_meant(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    is_sqlite = filled.dialect.name == "sqlite"
    little_at_once(filled, monkeypatch)
    unexpected: list[str] = []

    for name, (act, reads) in LOOKS.items():
        with filled.connect() as connection, connection.begin() as transaction:
            found = looked_up(filled, connection, partial(act, Database(connection)))
            transaction.rollback()
        # PostgreSQL may read the table itself where all of an index is meant.
        whole = {each.partition(" by ")[0] for each in reads if each.startswith("all ")} if not is_sqlite else set()
        may = reads - {ALL_IDS} if is_sqlite and name == "runs.find" else reads | whole
        unexpected += [f"{name} reads {each}" for each in sorted(found - may)]

    assert not unexpected, "\n".join(unexpected)


def test_what_a_sweep_takes_out_is_found_by_its_key_while_others_wait(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    little_at_once(filled, monkeypatch)

    with filled.connect() as connection, connection.begin() as transaction:
        found = looked_up(filled, connection, partial(LOOKS["retention.Sweep"].act, Database(connection)), only="DELETE")
        transaction.rollback()

    expected = {f"{name} by pk" for name in ("deliveries", "runs", "requests", "drafts", "due", "rule_firings")}
    assert found & OLD == set()
    assert expected <= found or filled.dialect.name == "postgresql"  # which may read a small table whole


def little_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a sweep takes several steps; all within the transaction of the test."""
    is_sqlite = engine.dialect.name == "sqlite"  # it counts what is named in a statement, and knows not what is there
    monkeypatch.setattr(retention_step, "LOOK", 500 if is_sqlite else 200)
    for module in (retention_step, retention):
        monkeypatch.setattr(module, "BATCH", 200 if is_sqlite else 20)
    for module in (erasure_queries, retention):
        monkeypatch.setattr(module, "reading", lambda database, **_: database.begin())


def test_what_is_known_of_a_large_table_is_kept_and_of_a_small_one_is_not(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.engine.KNOWN_ROWS", 35)
    shutil.copy(sqlite_template, tmp_path / "small.sqlite3")
    engine = make_engine(f"sqlite:///{tmp_path / 'small.sqlite3'}")
    with engine.begin() as connection:
        fill(connection, Amount(tickets=9))  # and four times as many states of rules

    refresh_statistics(engine)

    with engine.connect() as connection:
        assert set(connection.exec_driver_sql("select tbl from sqlite_stat1").scalars()) == {"rule_state"}
