"""What an RQ worker does around its jobs, all at once: the database is opened, and in use, and then it forks for each ticket."""

from __future__ import annotations

import os
import sys

from sqlalchemy import text

import worker
from bot.store.database.engine import reading


def main() -> int:
    """Work on each ticket key of the command line in a child of its own. 0: all of them, and the parent, were well."""
    loaded = worker._loaded()
    with reading(loaded.engine) as connection:
        connection.execute(text("select 1")).all()
        children = [_child(key) for key in sys.argv[1:]]
        codes = [os.waitpid(pid, 0)[1] for pid in children]
        still_ours = connection.execute(text("select 2")).scalar_one() == 2
    return 0 if still_ours and not any(codes) else 1


def _child(key: str) -> int:
    if (pid := os.fork()) == 0:
        worker.run(key)
        os._exit(0)
    return pid
