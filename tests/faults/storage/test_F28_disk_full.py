"""F28: the disk is full (RLIMIT_FSIZE of the receiver's processes: a write beyond fails as it would without space). 503, and
never 2xx without a row; when there is room again the same processes go on and the database is sound."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.chaos.fleet import children_of
from tests.faults.common import assert_written_once
from tests.faults.held_database import knock, rows, undelivered
from tests.faults.killed_receiver import answers
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.processes import free_port, nursed_child, wait_for

BYTES = 4096


def test_F28_no_2xx_without_a_row_and_a_sound_database_afterwards(tmp_path: Path, nursed: Nursery) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        deskhand(tmp_path, "freshdesk", server={"host": "127.0.0.1", "port": port}) as run,
        nursed_child(nursed, tmp_path, "webhooks", "--config", str(run.config.path)) as receiver,
    ):
        wait_for("the receiver's start", lambda: answers(address))
        before, during, after = (undelivered(run, f"Production is down {when}") for when in ("before", "during", "after"))
        first = knock(run, before, address)

        with _full(receiver.pid):
            refused = [knock(run, during, address) for _ in range(3)]
            stored = rows(run)
        again, last = knock(run, during, address), knock(run, after, address)
        run.settle(30)

        assert first.status == 202
        assert all(each.asks_to_come_again for each in refused), refused
        assert stored == 1
        assert (again.status, last.status) == (202, 202)
        with closing(sqlite3.connect(tmp_path / "deskhand.sqlite3")) as database:
            assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        for each in (before, during, after):
            assert_written_once(run, each.ticket)


@contextmanager
def _full(receiver: int) -> Iterator[None]:
    family = (receiver, *children_of(receiver))
    for pid in family:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (BYTES, resource.RLIM_INFINITY))
    yield
    for pid in family:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
