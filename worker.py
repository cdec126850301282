"""The way through: the job that RQ calls, and the worker process with its ticker.

`run` is the job: its one argument is a ticket key. An ordinary `rq worker deskhand` can work it (DESKHAND_CONFIG names the
configuration); `python -m worker` (`deskhand work`) runs either kind of queue.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from adapters.ticket import TicketKey
from bot.config import Config, ConfigInvalid, config_path, load
from bot.flow import checkpoints
from bot.flow.parts import Parts, make_parts, owner_name, utc_now, warm_up
from bot.flow.pipeline import run_ticket
from bot.flow.ticker import Ticker, TickerParts
from bot.flow.wake import QUEUE_NAME, Ear, bell_for, folder_of
from bot.flow.whole import require_whole
from bot.log import get_logger, set_up
from bot.store import tickets
from bot.store.engine import make_engine, reading
from bot.store.migrate import SchemaDiffers, require_current

log = get_logger("worker")
LISTEN_S = 0.5


def run(key: str) -> bool:
    """RQ's job: work on the ticket `key`, if there is work. Runs in a forked child, which makes its own connections."""
    return run_ticket(TicketKey.parse(key), _parts_of_process(os.getpid()))


@cache
def _loaded() -> Parts:
    """Rules, directory and drafter, read once before the jobs' forks: reading them takes longer than most jobs."""
    config = load(config_path())
    set_up(config.settings.log_level)
    parts = make_parts(config)
    warm_up(parts)
    return parts


@cache
def _parts_of_process(pid: int) -> Parts:
    """The parts of one process: nothing of a database, and no lock, is shared across a fork."""
    loaded = _loaded()
    return replace(
        loaded,
        engine=make_engine(loaded.config.database_url),
        bell=bell_for(loaded.config),
        owner=owner_name(),
        budgets={},
        first_look=threading.Lock(),
    )


def work_embedded(parts: Parts, stop: threading.Event) -> None:
    """Take ready tickets until `stop`: at a ring, and every half second in any case."""
    ear = Ear(folder_of(parts.config))
    try:
        while not stop.is_set():
            if not _work_on_ready(parts, stop):
                ear.wait(min(LISTEN_S, _rests_s(parts)))
    finally:
        ear.close()


def _work_on_ready(parts: Parts, stop: threading.Event) -> bool:
    """Work on each ticket that is ready now; False where none was."""
    try:
        with parts.engine.begin() as connection:
            waiting = tickets.ready(connection, 20, [each.name for each in parts.settings.accounts])
        worked = False
        for key in waiting:
            if stop.is_set():
                break
            worked = run_ticket(key, parts) or worked
    except Exception as error:  # the database may be away for a moment: the worker stays, the sweep comes again
        log.error("worker.stumbled", why=type(error).__name__)
        return False
    return worked


def _rests_s(parts: Parts) -> float:
    """How long until the next resting ticket may be taken."""
    try:
        with reading(parts.engine) as connection:
            found = tickets.next_wake_s(connection)
    except SQLAlchemyError:
        return LISTEN_S
    return LISTEN_S if found is None else found


def work_rq(config: Config) -> None:
    """An ordinary RQ worker on our queue, with maintenance often enough to find dead workers' jobs."""
    redis = Redis.from_url(config.settings.queue)
    queue = Queue(QUEUE_NAME, connection=redis, serializer=JSONSerializer)
    Worker([queue], connection=redis, serializer=JSONSerializer, maintenance_interval=30).work(logging_level="WARNING")


def tick(config: Config, stop: threading.Event, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Be a ticker until `stop`, or until it no longer goes on."""
    engine = make_engine(config.database_url)
    parts = TickerParts(config=config, engine=engine, bell=bell_for(config), clock=utc_now, owner=owner_name())
    Ticker(parts).run(lambda seconds: stop.wait(seconds) or not goes_on())


@contextmanager
def _ticker_beside(config: Config) -> Iterator[None]:
    """A ticker as a process of its own: RQ forks for each job, and a fork may copy a lock that a thread holds just then."""
    command = [sys.executable, "-m", "worker", "--config", str(config.path), "--ticker", "--beside", str(os.getpid())]
    child = subprocess.Popen(command)
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def _stop_on_signals() -> threading.Event:
    """Set at SIGTERM and SIGINT: the run in hand ends, then the process."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def main() -> int:
    """Work until a signal ends it. 2: the configuration, the rules or the database must be mended first."""
    arguments = argparse.ArgumentParser(prog="deskhand work", description="Work on tickets.")
    arguments.add_argument("--config", type=Path, default=Path("config.yaml"))
    arguments.add_argument("--ticker", action="store_true", help="only the ticker: sweeps, due times, reconcile polls")
    arguments.add_argument("--no-ticker", action="store_true", help="no ticker beside the worker")
    arguments.add_argument("--beside", type=int, metavar="PID", help="with --ticker: end when this parent process has ended")
    chosen = arguments.parse_args()
    try:
        config = load(chosen.config)
        set_up(config.settings.log_level)
        checkpoints.armed(config.kill_at)
        require_whole(config)
        require_current(make_engine(config.database_url))
        parts = None if chosen.ticker else make_parts(config)
    except (ConfigInvalid, SchemaDiffers, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if config.settings.queue != "embedded" and parts is not None:
        os.environ["DESKHAND_CONFIG"] = str(config.path)
        parts.engine.dispose()
        _loaded()
        with nullcontext() if chosen.no_ticker else _ticker_beside(config):
            work_rq(config)
        return 0
    stop = _stop_on_signals()
    if parts is None:
        tick(config, stop, lambda: chosen.beside in (None, os.getppid()))
        return 0
    warm_up(parts)
    if not chosen.no_ticker:
        threading.Thread(target=tick, args=(config, stop), daemon=True).start()
    work_embedded(parts, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
