"""`deskhand history import`: tickets of the past into a file that `deskhand backtest` reads."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from adapters.errors import AdapterError
from bot.backtest.history_import import Elsewhere, run_import
from bot.cli.common import config_option, fail, load_or_exit, print_json, say, store_or_exit
from bot.cli.dry_run import rules_or_exit
from bot.directory import Directory
from bot.facts.history_counts import keep_past
from bot.process.clock import utc_now
from bot.runtime.bootstrap import budget_of, connect
from rules.files.problems import number_of, suggest


@click.group()
def history() -> None:
    """Tickets of the past, kept in files on this machine."""


@history.command("import")
@click.option("--account", "account_name", help="The account's name; needed where the configuration has several.")
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 3650), help="Tickets that changed since so long ago."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("history.jsonl"), show_default=True, help="The file.")
@config_option
def import_history(account_name: str | None, days: int, out: Path, config_file: Path) -> None:
    """Read tickets that changed lately from a helpdesk, each as it came in and as people left it, a JSON line each.

    Rules that ask about history (`tickets_by_requester` and the like) count them from then on.
    Within the account's share of calls. An import that was interrupted goes on where it ended; one that is over goes on with what
    is new. The file holds customers' words: only its owner can read it."""
    config = load_or_exit(config_file)
    names = [each.name for each in config.settings.accounts]
    if account_name is None and len(names) > 1:
        fail(f"--account: name one of {', '.join(names)}", 2)
    chosen = account_name or names[0]
    if chosen not in names:
        fail(f"{chosen}: no such account{suggest(chosen, names)}", 2)
    account, engine = config.settings.account(chosen), store_or_exit(config)
    helpdesk = connect(config, account, engine, utc_now, budget_of(account, engine, config.settings.flow))
    directory = Directory.load(tuple(config.resolve(name) for name in config.settings.directory.files))
    own = rules_or_exit((), config).own_issues
    progress = None
    try:
        since, count = utc_now() - timedelta(days=days), partial(keep_past, engine)
        with _bar(chosen, since, utc_now()) as tell:
            for progress in run_import(helpdesk, directory, out, since, utc_now, time.sleep, count, tell, own):
                if not sys.stderr.isatty():
                    say(f"{chosen}: {number_of(progress.tickets, 'ticket')}, {progress.gone} gone")
    except (AdapterError, Elsewhere) as error:
        fail(f"{chosen}: {error}")
    except KeyboardInterrupt:
        fail("interrupted: the same command goes on from here", 1)
    if progress is not None:
        print_json({"account": chosen, "file": str(out), "tickets": progress.tickets, "gone": progress.gone})


@contextmanager
def _bar(account: str, since: datetime, until: datetime) -> Iterator[Callable[[datetime | None], None]]:
    """On a terminal, how far into the past's days an import came: how many tickets they hold, nobody knows before."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    seconds = int((until - since).total_seconds())
    with click.progressbar(length=seconds, label=account, file=sys.stderr) as bar:

        def tell(changed_at: datetime | None) -> None:
            if changed_at is not None:
                bar.update(max(0, int((min(changed_at, until) - since).total_seconds()) - bar.pos))

        yield tell
        bar.update(seconds - bar.pos)
