"""Names for things: ids that sort by time, and who a process is."""

from __future__ import annotations

import os
import time

from bot.process.ids import new_id, owner_name


def test_ids_sort_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    second = new_id()

    assert first < second
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)
    assert len({new_id() for _ in range(1000)}) == 1000


def test_a_process_names_its_host_its_id_and_this_start_of_it() -> None:
    first, second = owner_name(), owner_name()

    assert first.rsplit(":", 2)[1] == str(os.getpid())
    assert first != second
    assert first.rpartition(":")[0] == second.rpartition(":")[0]
