"""`python -m bench.queries [TICKETS]`: what the store's statements take on a filled SQLite file, in milliseconds.

60 000 tickets (the default) with 100 000 runs make 2.5 GB in a temporary folder, and take some minutes to be written.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import Connection

from bench.filled import ACCOUNT, NEWEST, Amount, fill, key, run_id
from bot.maintenance import redaction, statistics
from bot.store import dead_letters, deliveries, drafts, due, runs, tickets
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate

TIMES = 5
ASKED: dict[str, Callable[[Connection], object]] = {
    "tickets.ready": lambda c: tickets.ready(c, 20, [ACCOUNT, "beta"]),
    "drafts.in_state live": lambda c: drafts.in_state(c, key(1), "live"),
    "deliveries.assigned": lambda c: deliveries.assigned(c, key(1), run_id(1)),
    "deliveries.settle": lambda c: deliveries.settle(c, range(1, 200), "done", "", run_id(1)),
    "runs.newest": lambda c: runs.newest(c, 20),
    "runs.find by prefix": lambda c: runs.find(c, run_id(500)[:20]),
    "drafts.due_of": lambda c: due.due_of(c, key(1), "follow_up"),
    "emptying.drop_due": lambda c: redaction.drop_due(c, key(1)),
    "aside.everything": dead_letters.everything,
    "runs.waiting": runs.waiting,
    "figures.figures": lambda c: statistics.figures(c, (ACCOUNT,), NEWEST, 300.0),
    "figures.history": statistics.history,
}


def main() -> None:
    amount = Amount(tickets=int(sys.argv[1]) if len(sys.argv) > 1 else 60_000, words=2000)
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'filled.sqlite3'}")
        migrate(engine)
        with engine.begin() as connection:
            fill(connection, amount)
        with engine.connect() as connection:
            for name, ask in ASKED.items():
                sys.stdout.write(f"{name:24} {1000 * _took_s(connection, ask):10.2f}\n")
        engine.dispose()


def _took_s(connection: Connection, ask: Callable[[Connection], object]) -> float:
    took: list[float] = []
    for _ in range(TIMES):
        with connection.begin() as transaction:
            began = time.perf_counter()
            ask(connection)
            took.append(time.perf_counter() - began)
            transaction.rollback()
    return median(took)


if __name__ == "__main__":
    main()
