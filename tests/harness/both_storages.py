"""Tests marked `both_storages` that use the harness run twice: on SQLite with the embedded queue, and on PostgreSQL with Redis.

The mark stands once in a file. Whether a test of it uses the harness is seen from the names in its code, in what it calls of
tests/ and in its fixtures. A test that names one of the servers' fixtures, or a combination (`on`), chooses for itself.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import pytest
from sqlalchemy import URL

import worker
from tests.harness import storage
from tests.harness.nursery import Nursery, nursery
from tests.harness.storage import COMBINATIONS, EMBEDDED, Databases, Storage

MARK = "both_storages"
CHOOSES_ITSELF = {"postgres_server", "postgres_url", "redis_server", "redis_url", "databases"}


@pytest.fixture(scope="session")
def databases(postgres_server: URL) -> Iterator[Databases]:
    made = Databases(postgres_server)
    yield made
    made.close()


@pytest.fixture(scope="session")
def nursed() -> Iterator[Nursery]:
    """Starts Deskhand's processes within milliseconds."""
    with nursery() as found:
        yield found


@pytest.fixture(autouse=True)
def _storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.node.get_closest_marker(MARK) is None:
        yield
        return
    monkeypatch.setattr(worker, "_parts_of_process", storage.parts_at_work)
    with storage.choose(_chosen_by(request)):
        yield


def _chosen_by(request: pytest.FixtureRequest) -> Storage | None:
    match getattr(request, "param", None):
        case str() as combination:
            has = combination.split("-")
            databases = request.getfixturevalue("databases") if "postgresql" in has else None
            return Storage(databases, request.getfixturevalue("redis_server").made_ready() if "redis" in has else None)
        case _:
            return EMBEDDED if CHOOSES_ITSELF & set(request.fixturenames) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker(MARK) is None:
        return
    named = {str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize")}
    if CHOOSES_ITSELF & set(metafunc.fixturenames) or any("_storage" in each for each in named):
        return
    fixtures = (each[-1].func for each in metafunc.definition._fixtureinfo.name2fixturedefs.values())
    if any(_uses_harness(each, set()) for each in (metafunc.function, *fixtures)):
        metafunc.parametrize("_storage", COMBINATIONS, indirect=True)


def _uses_harness(function: Callable[..., Any], seen: set[object]) -> bool:
    """True where this function, or one of tests/ that it names, opens a `deskhand`."""
    function = inspect.unwrap(getattr(getattr(function, "hypothesis", None), "inner_test", function))
    if function in seen or not function.__module__.startswith("tests.") or function.__module__ == __name__:
        return False
    seen.add(function)
    if (function.__module__, function.__name__) == ("tests.harness.deskhand", "deskhand"):
        return True
    module = sys.modules[function.__module__]
    named = (getattr(module, name, None) for name in _names(function.__code__))
    return any(_uses_harness(each, seen) for each in named if inspect.isfunction(each))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
