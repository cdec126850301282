"""Workers in processes of their own that claim tickets of one database: how often two wanted the same.

`python -m tests.pipeline.claiming_workers URL OWNER` is one worker: it takes what is ready as worker.py does, without a
helpdesk, and prints `tried won` at the end.
"""

from __future__ import annotations

import random
import sys
import time

from bot.store import tickets
from bot.store.database.engine import make_engine, reading
from bot.store.tickets import Rest
from worker import LONGEST

RUN_S = 0.005


def main() -> int:
    url, owner = sys.argv[1:]
    engine, tried, won = make_engine(url), 0, 0
    sys.stdin.readline()
    while True:
        with reading(engine) as connection:
            waiting = tickets.ready(connection, LONGEST)
        if not waiting:
            break
        random.shuffle(waiting)
        for key in waiting:
            tried += 1
            with engine.begin() as connection:
                lease = tickets.claim(connection, key, owner, 60)
            if lease is not None:
                won += 1
                time.sleep(RUN_S)
                with engine.begin() as connection:
                    tickets.release(connection, lease, Rest())
                break
    print(tried, won)
    return 0


if __name__ == "__main__":
    sys.exit(main())
