"""F36: PostgreSQL restarts, with a pool full of connections that are dead then. While it is away senders are asked to come again;
afterwards the same receiver and the same worker go on, and a run in the middle of its writes ends with each write made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bot.store.database.engine import reading
from tests.faults.common import assert_written_once, set_aside
from tests.faults.held_database import knock, undelivered
from tests.harness.deskhand import PROVIDERS, Running, deskhand
from tests.harness.servers import OwnPostgres, migrated_database, own_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with own_postgres() as ours:
        yield ours


@pytest.fixture
def database(server: OwnPostgres) -> Iterator[str]:
    with migrated_database(server.url, is_durable=True) as url:
        yield url


def fill_the_pool(run: Running) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(reading(run.parts.engine))


def test_F36_the_door_recovers_by_itself(tmp_path_factory: pytest.TempPathFactory, server: OwnPostgres, database: str) -> None:
    with deskhand(tmp_path_factory.mktemp("d"), "freshdesk", database=database) as run:
        before, during, after = (undelivered(run, f"Production is down {when}") for when in ("before", "during", "after"))
        first = knock(run, before)
        fill_the_pool(run)

        server.stop()
        refused = knock(run, during)
        server.start()
        fill_the_pool(run)
        server.restart()  # nobody saw it go: each connection of the pool is dead
        again, last = knock(run, during), knock(run, after)
        run.settle(30)

        assert first.status == 202
        assert refused.asks_to_come_again, refused
        assert (again.status, last.status) == (202, 202)
        for each in (before, during, after):
            assert_written_once(run, each.ticket)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_F36_a_run_in_the_middle_of_its_writes_ends_with_each_once(
    tmp_path_factory: pytest.TempPathFactory, server: OwnPostgres, database: str, provider: str
) -> None:
    with deskhand(tmp_path_factory.mktemp("d"), provider, database=database, flow={"lease_s": 2.0}) as run:
        delivery = undelivered(run)
        restarts: list[str] = []

        def restart(method: str, path: str) -> None:
            if method in ("PUT", "POST") and len(restarts) < 2 and delivery.ticket in path:
                restarts.append(path)
                server.restart()

        run.desk.faults.before_call(restart)
        answer = knock(run, delivery)
        run.settle(40)

        assert answer.status == 202
        assert restarts
        assert not set_aside(run)
        assert_written_once(run, delivery.ticket)
