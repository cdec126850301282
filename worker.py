"""The way through: the job that RQ calls, and the worker process with its ticker.

`run` is the job: its one argument is a ticket key. An ordinary `rq worker deskhand` can work it (DESKHAND_CONFIG names the
configuration, bot/queue/rq_job.py the job class); `python -m worker` (`deskhand work`) runs either kind of queue.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from adapters.ticket import TicketKey
from bot.config import Config, ConfigInvalid, config_path, load
from bot.log import get_logger, set_up
from bot.pipeline.claim import run_ticket
from bot.process import failpoints
from bot.process.clock import utc_now
from bot.process.ids import owner_name
from bot.process.parent_death import tied
from bot.queue.rq_worker import RedisAnswers, work_while_redis_answers
from bot.queue.wakeup import WakeupListener, bell_for, folder_of
from bot.rulesets.watcher import take_up_at_start
from bot.runtime.account_identity import require_known
from bot.runtime.bootstrap import Runtime, make_runtime, warm_up
from bot.runtime.preflight import require_whole
from bot.scheduler.ticker import Ticker, TickerParts
from bot.shared.heartbeat import Pulse
from bot.store import tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import SchemaDiffers, require_current

log = get_logger("worker")
LISTEN_S = 0.5
OPINION_MOST_S = 30.0  # for an opinion; RQ ends a job after two minutes
OPINION_END_S = 5.0  # for opinions at a process's end, which systemd and containers give 20 s in all
OPINION_S = 0.1  # how often who waits for an opinion looks whether a ticket waits
LONGEST = 20


def run(key: str) -> bool:
    """RQ's job: work on the ticket `key`, if there is work. Runs in a forked child, which makes its own connections."""
    parts = _parts_of_process(os.getpid())
    try:
        return run_ticket(TicketKey.parse(key), parts)
    finally:
        _wait_for_opinions(parts)
        with suppress(SQLAlchemyError):  # at the end of the minute they are anybody's anyway
            parts.close_budgets()


def _wait_for_opinions(parts: Runtime) -> None:
    """A late answer dies with the job's child: it is waited for, as long as no other ticket wants a worker."""
    model = parts.settings.senses.model
    if parts.opinions is None or model is None:
        return
    ends_at = time.monotonic() + min(model.timeout_s, OPINION_MOST_S)
    while not parts.opinions.wait(OPINION_S) and time.monotonic() < ends_at:
        try:
            with reading(parts.engine) as connection:
                if tickets.ready(connection, 1):
                    return
        except SQLAlchemyError:
            return


def _end_opinions(parts: Runtime) -> None:
    """Answers that come in a moment are kept, and no thread goes on into a fork with a lock or a connection."""
    if parts.opinions is None:
        return
    if not parts.opinions.close(OPINION_END_S):
        log.info("opinions.left")
    parts.opinions = parts.opinions.afresh()


@cache
def _loaded() -> Runtime:
    """Rules, directory and drafter, read once before the jobs' forks: reading them takes longer than most jobs."""
    config = load(config_path())
    set_up(config.settings.log_level, config.settings.log_format)
    parts = make_runtime(config)
    warm_up(parts)
    return parts


def _look_at_rules() -> None:
    """Rules that were taken up since the last job are read here once, and not by each job's child."""
    parts = _loaded()
    parts.standing()
    parts.engine.dispose()


@cache
def _parts_of_process(pid: int) -> Runtime:
    """The parts of one process: nothing of a database, and no lock, is shared across a fork."""
    loaded = _loaded()
    # https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork
    loaded.engine.dispose(close=False)  # connections are the parent's, and stay open there; its compiled statements are ours too
    return replace(
        loaded,
        bell=bell_for(loaded.config),
        opinions=loaded.opinions and loaded.opinions.afresh(),
        owner=owner_name(),
        budgets={},
        clocks={},
        first_look=threading.Lock(),
    )


def work_embedded(parts: Runtime, stop: threading.Event) -> None:
    """Take ready tickets until `stop`: at a ring, and every half second in any case."""
    ear = WakeupListener(folder_of(parts.config))
    try:
        while not stop.is_set():
            if not _work_on_ready(parts, stop):
                ear.wait(min(LISTEN_S, _rests_s(parts)))
    finally:
        ear.close()


def _work_on_ready(parts: Runtime, stop: threading.Event) -> bool:
    """Work on one of the tickets that are ready now; False where there was none.

    All workers see the same list at the same time: each begins anywhere among those that wait longest, and looks anew after a
    run, since the others have taken from the list meanwhile.
    """
    try:
        with reading(parts.engine) as connection:
            waiting = tickets.ready(connection, LONGEST, [each.name for each in parts.settings.accounts])
        random.shuffle(waiting)
        return any(not stop.is_set() and run_ticket(key, parts) for key in waiting)
    except Exception as error:  # the database may be away for a moment: the worker stays, the sweep comes again
        log.error("worker.stumbled", why=type(error).__name__)
        return False


def _rests_s(parts: Runtime) -> float:
    """How long until the next resting ticket may be taken."""
    try:
        with reading(parts.engine) as connection:
            found = tickets.next_wake_s(connection)
    except SQLAlchemyError:
        return LISTEN_S
    return LISTEN_S if found is None else found


def work_rq(config: Config, ended: threading.Event) -> None:
    """An ordinary RQ worker on our queue. While Redis is away it works as an embedded one does: what is to do stands in the
    database, and a bell that is broken costs time, not work."""
    queue = config.settings.queue
    while True:
        work_while_redis_answers(queue, Pulse(make_engine(config.database_url), "worker"), ended, _look_at_rules)
        _listen_to_signals(ended)  # RQ has put its own handlers in the place of ours
        if ended.is_set():
            return
        log.error("queue.away")
        parts = _parts_of_process(os.getpid())
        with Pulse(parts.engine, "worker").beating():
            work_embedded(parts, RedisAnswers(queue, ended))
            _end_opinions(parts)
        parts.engine.dispose()  # RQ forks: nothing open may be there then
        if ended.is_set():
            return
        log.info("queue.back")


def tick(config: Config, stop: threading.Event, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Be a ticker until `stop`, or until it no longer goes on."""
    engine = make_engine(config.database_url)
    parts = TickerParts(config=config, engine=engine, bell=bell_for(config), clock=utc_now, owner=owner_name())
    with Pulse(engine, "ticker").beating():
        Ticker(parts).run(lambda seconds: stop.wait(seconds) or not goes_on())


@contextmanager
def _ticker_beside(config: Config) -> Iterator[None]:
    """A ticker as a process of its own: RQ forks for each job, and a fork may copy a lock that a thread holds just then."""
    command = [sys.executable, "-m", "worker", "--config", str(config.path), "--ticker", "--beside", str(os.getpid())]
    child = subprocess.Popen(command, preexec_fn=tied())
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def _listen_to_signals(ended: threading.Event) -> threading.Event:
    """`ended` is set at SIGTERM and SIGINT: the run in hand ends, then the process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _end_at_signals() -> None:
    """While it starts nothing is in hand, and who ends it then does not wait until articles and models are read."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def main() -> int:
    """Work until a signal ends it. 1: the database is away now. 2: configuration, rules or schema must be mended."""
    arguments = argparse.ArgumentParser(prog="deskhand work", description="Work on tickets.")
    arguments.add_argument("--config", type=Path, default=Path("config.yaml"))
    arguments.add_argument("--ticker", action="store_true", help="only the ticker: sweeps, due times, reconcile polls")
    arguments.add_argument("--no-ticker", action="store_true", help="no ticker beside the worker")
    arguments.add_argument("--beside", type=int, metavar="PID", help="with --ticker: end when this parent process has ended")
    chosen = arguments.parse_args()
    _end_at_signals()
    try:
        config = load(chosen.config)
        set_up(config.settings.log_level, config.settings.log_format)
        failpoints.armed(config.kill_at)
        require_whole(config)
        engine = make_engine(config.database_url)
        require_current(engine)
        require_known(engine, config.settings)
        take_up_at_start(engine, config, utc_now)
        engine.dispose()
        parts = None if chosen.ticker else make_runtime(config)
    except (ConfigInvalid, SchemaDiffers, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except SQLAlchemyError as error:
        sys.stderr.write(f"{config.path}: the database cannot be used ({type(error).__name__}): does its server run?\n")
        return 1
    if config.settings.queue != "embedded" and parts is not None:
        os.environ["DESKHAND_CONFIG"] = str(config.path)
        parts.engine.dispose()
        _loaded()
        stop = _listen_to_signals(threading.Event())
        with nullcontext() if chosen.no_ticker else _ticker_beside(config):
            work_rq(config, stop)
        return 0
    if parts is None:
        tick(config, _listen_to_signals(threading.Event()), lambda: chosen.beside in (None, os.getppid()))
        return 0
    warm_up(parts)
    stop = _listen_to_signals(threading.Event())
    if not chosen.no_ticker:
        threading.Thread(target=tick, args=(config, stop), daemon=True).start()
    with Pulse(parts.engine, "worker").beating():
        work_embedded(parts, stop)
        _end_opinions(parts)
    return 0


if __name__ == "__main__":
    import worker  # by its own name: RQ's jobs ask for `worker.run`, and are to find what was read before their fork

    sys.exit(worker.main())
