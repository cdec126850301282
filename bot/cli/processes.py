"""Commands that run processes. Receiver, worker and sandbox are started by module name: nothing here imports them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.common import config_option, fail, load_or_exit, say, unopened
from bot.config import Config, ConfigInvalid
from bot.process.parent_death import tied
from bot.store.database.engine import make_engine
from bot.store.database.migrate import SchemaDiffers, migrate

QUICK_S = 5.0  # a child that ends sooner than this after its start is not started again at once
DRAIN_S = 15.0
_PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def _become(module: str, arguments: list[str]) -> NoReturn:
    """Go on as another of our processes: same process id, so signals and supervisors find it."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606  # our own interpreter and modules


@click.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Run the receiver alone."""
    _become("webhooks", list(arguments))


@click.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def work(arguments: tuple[str, ...]) -> None:
    """Run one worker alone."""
    _become("worker", list(arguments))


@click.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Run the stand-in helpdesks."""
    _become("sandbox", list(arguments))


@click.command()
@config_option
def migrate_database(config_file: Path) -> None:
    """Bring the database to this version's schema."""
    config = load_or_exit(config_file)
    try:
        say(f"the database is at revision {migrate(make_engine(config.database_url))}")
    except SchemaDiffers as error:
        fail(error, 2)
    except SQLAlchemyError as error:
        fail(unopened(config, error), 2)


@click.command()
@config_option
def up(config_file: Path) -> None:
    """Run everything on this machine until Ctrl-C: a receiver, the workers, a ticker, each a process of its own."""
    from bot.runtime.account_identity import AccountsDiffer, require_known
    from bot.runtime.preflight import require_whole

    config = load_or_exit(config_file)
    try:
        require_whole(config)
        engine = make_engine(config.database_url)
        migrate(engine)
        require_known(engine, config.settings)
    except (ConfigInvalid, SchemaDiffers, AccountsDiffer) as error:
        fail(error, 2)
    except SQLAlchemyError as error:
        fail(unopened(config, error), 2)
    sys.exit(_supervise(_children(config)))


def _children(config: Config) -> dict[str, list[str]]:
    path = ["--config", str(config.path)]
    wanted = {"receiver": ["webhooks", *path], "ticker": ["worker", *path, "--ticker"]}
    for number in range(1, config.settings.workers + 1):
        wanted[f"worker-{number}"] = ["worker", *path, "--no-ticker"]
    return wanted


def _supervise(wanted: dict[str, list[str]]) -> int:
    """Start the children, start again one that dies, end them all at SIGTERM or Ctrl-C. 1 where one cannot start."""
    ending = [False]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.__setitem__(0, True))
    children = {name: _start(arguments) for name, arguments in wanted.items()}
    started = dict.fromkeys(wanted, time.monotonic())
    say(f"deskhand starts: {', '.join(wanted)}")
    code = 0
    while not ending[0]:
        time.sleep(0.1)
        for name, child in children.items():
            if child.poll() is None or ending[0]:  # Ctrl-C reaches the children too: none is started again
                continue
            if child.returncode == 2:  # it has said what must be mended; another start would say it again
                code, ending[0] = 2, True
                break
            lived_s = time.monotonic() - started[name]
            say(f"{name} ended ({child.returncode}), starting it again")
            time.sleep(0.0 if lived_s > QUICK_S else 0.3)
            children[name], started[name] = _start(wanted[name]), time.monotonic()
    _end(children)
    return code


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    # Tied to us: killed with SIGKILL we could not end them, and a receiver that is left over would keep the port.
    return subprocess.Popen([sys.executable, "-m", *arguments], preexec_fn=tied())


def _end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    ends_at = time.monotonic() + DRAIN_S
    for name, child in children.items():
        try:
            child.wait(max(0.1, ends_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{name} did not end within {DRAIN_S:.0f} s and is killed: what it was at is taken up at the next start")
            child.kill()
            child.wait()
