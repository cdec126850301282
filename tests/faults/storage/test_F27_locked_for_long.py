"""F27: another writer holds the database for longer than a sender waits. Everyone is asked to come again within the time that
senders wait; afterwards the same processes go on by themselves."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from bot.intake.inbox import WAIT_S
from tests.faults.common import assert_written_once
from tests.faults.held_database import held, held_for, knock, undelivered
from tests.faults.receiver_setup import real_door, statuses, until_closed
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.processes import wait_for


def test_F27_all_are_asked_to_come_again_in_time(tmp_path: Path, database: str | None) -> None:
    with deskhand(tmp_path, "freshdesk", database=database) as run, ThreadPoolExecutor(6) as pool:
        some = [undelivered(run, f"Production is down, part {number}") for number in range(6)]

        with held(run.config.database_url):
            answers = list(pool.map(lambda each: knock(run, each), some))
        again = [knock(run, each) for each in some]
        run.settle(30)

        assert all(each.asks_to_come_again for each in answers), answers
        assert {each.status for each in again} <= {200, 202}
        for each in some:
            assert_written_once(run, each.ticket)


def test_F27_a_later_delivery_does_not_wait_for_those_before(tmp_path: Path, database: str | None) -> None:
    with deskhand(tmp_path, "freshdesk", database=database) as run:
        first, second = undelivered(run), undelivered(run, "Production is down again")

        with held(run.config.database_url):
            refused = knock(run, first)
            also_refused = knock(run, second)
        accepted = knock(run, first)

        assert refused.asks_to_come_again
        assert also_refused.asks_to_come_again
        assert accepted.status in (200, 202)


def test_F27_a_connection_gets_one_answer_for_each_request(tmp_path: Path, nursed: Nursery) -> None:
    """The commit that comes after its sender was answered must not be taken for the answer to his next request."""
    with real_door(nursed, tmp_path, "zendesk") as found, closing(found.dial(10)) as connection:
        body = found.delivery()
        request = found.head({**found.proof(body), "Content-Length": str(len(body))}) + body
        with held_for(f"sqlite:///{found.engine.url.database}", WAIT_S + 1.2):
            started = time.monotonic()
            connection.sendall(request)
            said = connection.recv(65_536)
            took_s = time.monotonic() - started
        wait_for("the late commit", lambda: len(found.tickets()) == 1)
        connection.sendall(request)
        said += connection.recv(65_536)
        connection.settimeout(1)
        said += until_closed(connection)

    assert statuses(said) == [503, 200]
    assert took_s < WAIT_S + 0.5
