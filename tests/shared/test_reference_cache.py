"""Slowly changing data of a helpdesk account: shared by all workers until it is old, and read once where many miss it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from adapters.ticket import Json
from bot.shared.reference_cache import SharedCache
from bot.store import accounts
from tests.harness.at_once import WORKERS, at_once
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template


def test_kept_data_is_shared_until_it_is_old(engine: Engine) -> None:
    moment = [datetime(2026, 11, 21, 9, tzinfo=UTC)]
    caches = [SharedCache(engine, "acme", 3600, lambda: moment[0]) for _ in range(2)]
    caches[0].put("teams", [{"id": 7}])

    assert caches[1].get("teams", 600) == [{"id": 7}]
    assert caches[1].get("macros", 600) is None
    moment[0] += timedelta(minutes=20)
    assert caches[1].get("teams", 600) is None
    assert caches[1].get("teams", 86_400) == [{"id": 7}]
    moment[0] += timedelta(hours=1)
    assert caches[1].get("teams", 86_400) is None  # the configuration's age is the most


def test_another_account_has_its_own(engine: Engine) -> None:
    _cache(engine).put("teams", ["Senior"])

    assert SharedCache(engine, "globex", 3600, lambda: datetime.now(UTC)).get("teams", 600) is None


def test_what_is_kept_is_not_read_again(engine: Engine) -> None:
    _cache(engine).put("teams", ["Senior"])

    assert _cache(engine).once("teams", 600, _die) == ["Senior"]


# what many miss at once


def _cache(engine: Engine) -> SharedCache:
    return SharedCache(engine, "acme", 3600, lambda: datetime.now(UTC))


def test_what_many_miss_at_once_is_read_once(engine: Engine) -> None:
    reads: list[int] = []

    def ask(number: int) -> object:
        def read() -> Json:
            reads.append(number)
            time.sleep(0.2)
            return ["Senior"]

        return _cache(engine).once("teams", 600, read)

    assert at_once(ask) == [["Senior"]] * WORKERS
    assert len(reads) == 1


def test_where_a_read_fails_the_next_one_tries(engine: Engine) -> None:
    reads: list[int] = []

    def ask(number: int) -> object:
        def read() -> Json:
            reads.append(number)
            time.sleep(0.05)
            if len(reads) == 1:
                raise ConnectionError
            return ["Senior"]

        try:
            return _cache(engine).once("teams", 600, read)
        except ConnectionError:
            return None

    found = at_once(ask)

    assert len(reads) == 2
    assert sorted(map(str, found)) == ["None", *["['Senior']"] * (WORKERS - 1)]


def test_where_the_reader_died_the_others_wait_no_longer_than_its_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.shared.reference_cache.READ_S", 0.3)
    with pytest.raises(KeyboardInterrupt), monkeypatch.context() as patched:
        patched.setattr(accounts, "leave_lock", lambda *_: None)  # it was killed: nobody gives the lock back
        _cache(engine).once("teams", 600, _die)
    started = time.monotonic()

    assert _cache(engine).once("teams", 600, lambda: ["Senior"]) == ["Senior"]
    assert 0.1 < time.monotonic() - started < 10


def _die() -> Json:
    raise KeyboardInterrupt
