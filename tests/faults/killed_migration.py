"""`python -m tests.faults.killed_migration URL N`: migrates, and is killed before its N-th statement. For a nursery, too."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate


def before_each(engine: Engine, do: Any) -> None:
    """Call `do(number)` before each statement, and once more before the commit."""
    numbers = iter(range(1, 10_000))
    event.listen(engine, "before_cursor_execute", lambda *_: do(next(numbers)))
    event.listen(engine, "commit", lambda _: do(next(numbers)))


def main() -> int:
    engine, at = make_engine(sys.argv[1]), int(sys.argv[2])

    def kill(number: int) -> None:
        if number == at:
            os.kill(os.getpid(), signal.SIGKILL)

    before_each(engine, kill)
    migrate(engine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
