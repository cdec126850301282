"""`python -m tests.faults.killed_migration URL N`: migrates, and is killed before its N-th statement. For a nursery, too."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate, newest


def before_each(engine: Engine, do: Any) -> None:
    """Call `do(number)` before each statement of a migration, and once more before its commit. What follows that (the sampling of
    tables) is none of it."""
    numbers, is_newest, is_over = iter(range(1, 10_000)), False, False

    def statement(_connection: Any, _cursor: Any, words: str, *_: Any) -> None:
        nonlocal is_newest
        if not is_over:
            do(next(numbers))
        is_newest = is_newest or ("alembic_version" in words and f"'{newest()}'" in words)

    def commit(_: Any) -> None:
        nonlocal is_over
        if not is_over:
            do(next(numbers))
        is_over = is_newest

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)


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
