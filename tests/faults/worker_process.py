"""A worker to be started as a child, which does something to itself at a checkpoint: `--do stop` once (until SIGCONT), or
`starve` (memory until its limit, then what the kernel does to it) each time."""

from __future__ import annotations

import argparse
import os
import resource
import signal
import threading
import time
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.pool import QueuePool

import worker
from bot.config import load
from bot.log import set_up
from bot.process.failpoints import Name
from bot.runtime.bootstrap import make_runtime
from bot.store.database.engine import reading
from bot.store.database.schema import tickets

HEADROOM_BYTES = 64 * 1024 * 1024


def main() -> int:
    """Work until nothing is left that can be worked on now, or until SIGTERM."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--config", type=Path, required=True)
    arguments.add_argument("--at", required=True)
    arguments.add_argument("--do", choices=("stop", "starve"), required=True)
    arguments.add_argument("--ticket", default="", help="only while this one is worked on")
    chosen = arguments.parse_args()
    config = load(chosen.config, {})
    set_up(config.settings.log_level, config.settings.log_format)
    parts = make_runtime(config)
    done = threading.Event()

    def reached(name: Name) -> None:
        if name != chosen.at or done.is_set() or not _is_about(chosen.ticket):
            return
        if chosen.do == "stop":
            done.set()
            _until_nobody_else_is_in(parts.engine)
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            _starve()

    def _is_about(ticket: str) -> bool:
        with reading(parts.engine) as connection:
            held = connection.execute(select(tickets.c.external_id).where(tickets.c.lease_owner == parts.owner)).scalars().all()
        return not ticket or ticket in held

    parts.checkpoint = reached
    stop = worker._listen_to_signals(threading.Event())
    worker.work_embedded(parts, stop)
    return 0


def _until_nobody_else_is_in(engine: Engine) -> None:
    """The lease is renewed by another thread: stopped inside its transaction, an SQLite file would be locked for everybody, which
    is another fault (F27) than this one."""
    assert isinstance(engine.pool, QueuePool)
    while engine.pool.checkedout():
        time.sleep(0.001)


def _starve() -> None:
    """Take memory until there is no more, as a ticket of endless pictures would; then die as by the kernel's hand."""
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + HEADROOM_BYTES, used + HEADROOM_BYTES))
    hoard = []
    try:
        while True:
            hoard.append(bytearray(1024 * 1024))
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
