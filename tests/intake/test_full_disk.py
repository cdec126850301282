"""A file system that is full to the last byte: nothing of ours dies of memory that is mapped to it (SIGBUS)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from tests.chaos.fleet import children_of
from tests.faults.receiver_setup import ReceiverSetup, configured, real_door
from tests.harness.nursery import Nursery, nursery, wait
from tests.harness.servers import free_port
from tests.harness.small_disk import PAGE, fill, small_disk

OF_EACH = 30  # names that nobody has: far more than one page of counts, had each one of its own


@pytest.fixture(scope="module")
def nursed() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


def test_a_receiver_on_a_full_disk_answers_and_counts_on(tmp_path: Path, nursed: Nursery) -> None:
    with small_disk(tmp_path, 24) as disk, real_door(nursed, disk, "zendesk", min_free_bytes=0) as found:
        assert found.knock(found.delivery()).status_code == 202
        assert found.child is not None
        before = children_of(found.child.pid)
        ballast = fill(disk)

        refused = [found.knock(found.delivery()) for _ in range(5)]
        strangers = answers_to_strangers(found)
        held, known = found.rows(), found.counted("unavailable")
        ballast.unlink()
        again = found.knock(found.delivery())

        assert [each.status_code for each in refused] == [503] * 5
        assert all(5 <= int(each.headers["Retry-After"]) < 60 for each in refused)
        assert strangers == {405: OF_EACH, 404: OF_EACH, 401: OF_EACH, 415: 2 * OF_EACH, 413: OF_EACH}
        assert (held, known, again.status_code) == ({"pending": 1}, 5, 202)
        assert (found.counted("too_large"), found.counted("compressed")) == (OF_EACH, OF_EACH)
        assert (found.child.poll(), children_of(found.child.pid)) == (None, before)


def answers_to_strangers(found: ReceiverSetup) -> dict[int, int]:
    """How many of each there were."""
    json_type, address = {"Content-Type": "application/json"}, f"{found.address}/webhooks"
    given: list[int] = []
    for number in range(OF_EACH):
        given += [
            requests.head(f"{address}/made-up-{number}", timeout=10).status_code,
            requests.post(f"{address}/made-up-{number}", timeout=10).status_code,
            found.post(b"{}", json_type).status_code,
            found.post(b"{}", {"Content-Type": f"made/up-{number}"}).status_code,
            found.post(b"{}", json_type | {"Content-Encoding": f"made-up-{number}"}).status_code,
            found.post(bytes(70_000), json_type).status_code,
        ]
    return {status: given.count(status) for status in set(given)}


_COUNTING = """
import sys
from pathlib import Path
from bot.intake import metrics
from bot.log import set_up
set_up("warning")
metrics.share(Path(sys.argv[1]))
counts = metrics.DoorCounts(["zendesk"])
for number in range(20):
    counts.answered("zendesk", 401, f"reason_{number}", 0.01)
print(sum(count for name, count in counts._counts.total().items() if name[0] == "answers"))
"""


@pytest.mark.parametrize("pages_free", [0, 1, 2, 5])
def test_counts_that_begin_on_a_full_disk_stay_in_memory(tmp_path: Path, pages_free: int) -> None:
    with small_disk(tmp_path, 1) as disk:
        (disk / "metrics").mkdir()
        fill(disk, pages_free * PAGE)

        done = subprocess.run(
            [sys.executable, "-c", _COUNTING, str(disk / "metrics")], capture_output=True, text=True, check=False
        )

    assert (done.returncode, done.stdout) == (0, "20.0\n"), done.stderr


def test_a_start_on_a_full_disk_ends_with_a_message(tmp_path: Path, nursed: Nursery) -> None:
    """The database's `-shm`, which SQLite maps into memory, is not there before the first process opens the database."""
    with small_disk(tmp_path, 24) as disk:
        config = configured(disk, "zendesk", free_port())
        engine = make_engine(config.database_url)
        migrate(engine)
        engine.dispose()
        fill(disk)

        codes = {}
        for module in ("webhooks", "worker"):
            child = nursed.start(module, "--config", str(config.path), log=tmp_path / f"{module}.log")
            codes[module] = wait(child)

    assert codes == {"webhooks": 1, "worker": 1}
    assert "the database cannot be used" in (tmp_path / "webhooks.log").read_text(encoding="utf-8")


_WRITING = """
import os, sys
from pathlib import Path
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from bot.store.database.engine import make_engine
ballast, url = Path(sys.argv[1]), sys.argv[2]
size = ballast.stat().st_size
for pages in range(40):
    os.truncate(ballast, size - pages * 4096)
    child = os.fork()
    if not child:
        try:
            engine = make_engine(url)
            while True:
                with engine.begin() as connection:
                    connection.exec_driver_sql("pragma wal_autocheckpoint=0")
                    connection.exec_driver_sql("insert into words values (zeroblob(3000))")
        except OperationalError:
            os._exit(0)  # full: what is expected
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
REGION_BYTES = 32_768  # by so much `-shm` grows at a time: one holds the places of 4 062 frames of the log, each after it 4 096
FRAME_BYTES = 4_096 + 24


@pytest.mark.parametrize(("frames", "regions"), [(0, 1), (4_050, 2)])
def test_sqlite_takes_no_mapped_memory_that_the_disk_has_no_room_for(tmp_path: Path, frames: int, regions: int) -> None:
    """Each round has a page more of room, so that rounds end while `-shm` is made, or grows, and while `-wal` does."""
    with small_disk(tmp_path, 48) as disk:
        url = f"sqlite:///{disk / 'database.sqlite3'}"
        log, shared = disk / "database.sqlite3-wal", disk / "database.sqlite3-shm"
        engine = make_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_autocheckpoint=0")
            connection.exec_driver_sql("create table words (words blob)")
            connection.commit()
            while log.stat().st_size < frames * FRAME_BYTES:
                connection.exec_driver_sql("insert into words values (zeroblob(3000))")
                connection.commit()
        if not frames:
            engine.dispose()  # the last to close takes both files away

        command = [sys.executable, "-c", _WRITING, str(fill(disk)), url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)

        assert done.stdout.split() == ["0"] * 40
        assert shared.stat().st_size == regions * REGION_BYTES
        (disk / "ballast").unlink()
        with engine.connect() as connection:
            assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
