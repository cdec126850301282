"""The worker process of tests/chaos/order.py, as a module that the nursery can start."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from adapters.helpdesk import Helpdesk
from bot.config import AccountSettings, load
from bot.log import set_up
from bot.pipeline.claim import run_ticket
from bot.runtime.bootstrap import Runtime, make_runtime, warm_up
from bot.store import tickets
from bot.store.database.engine import reading
from tests.chaos.cheap_desk import CHEAP, Cheap


@dataclass(slots=True, kw_only=True)
class CheapParts(Runtime):
    """A worker's parts, whose helpdesk is the cheap one."""

    api: Cheap

    def helpdesk(self, account: AccountSettings, may_write: Callable[[], None] | None = None) -> Helpdesk:
        return Helpdesk(CHEAP, account.to_account(), replace(self.api, may_write=may_write or _always))


def _always() -> None:
    pass


def main() -> int:
    """A worker process: arguments are the configuration and the cheap helpdesk's folder. Ends at SIGTERM."""
    config = load(Path(sys.argv[1]), {})
    set_up("error")
    api, made = Cheap.open(Path(sys.argv[2])), make_runtime(config)
    parts = CheapParts(api=api, **{each.name: getattr(made, each.name) for each in fields(made)})
    over, now_on = threading.Event(), [""]
    signal.signal(signal.SIGTERM, lambda *_: over.set())

    def checkpoint(name: str) -> None:
        if name in ("claimed", "finished"):
            api.tell(name, now_on[0])

    parts.checkpoint = checkpoint
    warm_up(parts)
    dice = random.Random(os.getpid())
    while not over.is_set():
        try:
            did = _work_on_ready(parts, over, now_on, dice)
        except SQLAlchemyError:  # a stopped process may hold the database: a worker stays and comes again, as worker.py's does
            did = False
        if not did:
            time.sleep(0.05)
    return 0


def _work_on_ready(parts: Runtime, over: threading.Event, now_on: list[str], dice: random.Random) -> bool:
    with reading(parts.engine) as connection:
        ready = tickets.ready(connection, 50)
    dice.shuffle(ready)  # else all workers would try the same ones
    for key in ready:
        if over.is_set():
            break
        now_on[0] = key.external_id
        run_ticket(key, parts)
    return bool(ready)
