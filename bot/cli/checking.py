"""Commands that find out what is wrong before it matters: check, doctor, test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from adapters.errors import AdapterError
from adapters.helpdesk import DictCache
from adapters.transport import NoBudget
from bot.cli.common import config_if_there, config_option, fail, load_or_exit, print_json, say
from bot.config import AccountSettings, Config, ConfigInvalid, load
from bot.flow import whole
from bot.flow.parts import connect, utc_now
from bot.flow.rulebook import all_packs, load_named
from bot.store import accounts, aside, deliveries, runs
from bot.store.engine import make_engine, reading
from bot.store.migrate import SchemaDiffers, require_current
from rules.problems import Problem
from rules.testing import run_tests


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object: {ok, problems}.")
@config_option
def check(as_json: bool, config_file: Path) -> None:
    """Check everything that a start reads; all problems at once, each as file:line:column. Exit 1 where there is one."""
    problems = find_problems(config_file)
    _report(problems, as_json, "everything is in order")


def find_problems(config_file: Path) -> list[Problem]:
    """What the start would refuse, and warnings."""
    try:
        config = load(config_file)
    except ConfigInvalid as error:
        return error.problems
    return whole.find_problems(config)


def _report(problems: list[Problem], as_json: bool, good: str) -> None:
    errors = [each for each in problems if each.severity == "error"]
    if as_json:
        print_json({"ok": not errors, "problems": [each.to_json() for each in problems]})
    else:
        for each in problems:
            say(each)
        say(f"{len(errors)} problem{'s' if len(errors) > 1 else ''}" if errors else good)
    sys.exit(1 if errors else 0)


@click.command()
@click.argument("rule_files", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One object: {ok, problems, tests, rules}.")
@config_option
def test_rules(rule_files: tuple[str, ...], as_json: bool, config_file: Path) -> None:
    """Check rule files (or packs: pack:vip) and run the tests beside their rules. Default: the configuration's rules."""
    config = config_if_there(config_file) if not rule_files else None
    names = rule_files or (config.settings.rules if config else tuple(all_packs()))
    try:
        rules = load_named(names, config.path.parent if config else Path(), config.settings.rule_values if config else None)
    except ConfigInvalid as error:
        _report(error.problems, as_json, "")
        return
    report = run_tests(rules)
    if as_json:
        print_json(report.to_json())
    else:
        for line in report.lines():
            say(line)
    sys.exit(0 if report.ok else 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was asked, whether it is well, and what to do if not."""

    what: str
    is_well: bool
    words: str


@click.command()
@click.option("--strict", is_flag=True, help="Count work that waits too long and things set aside as ill.")
@click.option("--json", "as_json", is_flag=True)
@config_option
def doctor(strict: bool, as_json: bool, config_file: Path) -> None:
    """Ask everything that a running Deskhand needs: database, queue, each helpdesk account. Exit 1 where something is ill."""
    config = load_or_exit(config_file)
    found = [*_look_at_database(config, strict), *_look_at_queue(config), *_look_at_accounts(config)]
    ill = [each for each in found if not each.is_well]
    if as_json:
        print_json({"ok": not ill, "findings": [{"what": e.what, "ok": e.is_well, "words": e.words} for e in found]})
    else:
        for each in found:
            say(f"{'ok ' if each.is_well else 'ILL'} {each.what}: {each.words}")
    if ill:
        fail(f"{len(ill)} of {len(found)} need a look")


def _look_at_database(config: Config, strict: bool) -> Iterator[Finding]:
    engine = make_engine(config.database_url)
    try:
        require_current(engine)
    except (SchemaDiffers, SQLAlchemyError) as error:
        yield Finding("database", False, str(error) if isinstance(error, SchemaDiffers) else type(error).__name__)
        return
    before = datetime.now(UTC) - timedelta(seconds=config.settings.flow.stale_after_s)
    with reading(engine) as connection:
        stale, set_aside = deliveries.stale(connection, before), aside.everything(connection)
        waiting, backlog = runs.waiting(connection), deliveries.backlog(connection)
        held = {each.name: accounts.state(connection, each.name).held_reason for each in config.settings.accounts}
    yield Finding("database", True, f"schema is current, {backlog} deliveries wait")
    yield Finding("stale work", not stale, f"{stale} deliveries wait longer than {config.settings.flow.stale_after_s:.0f} s")
    count = len(set_aside) + len(waiting)
    yield Finding("set aside", not (strict and count), f"{count} (deskhand dead list shows them)")
    for name, reason in held.items():
        if reason:
            yield Finding(f"account {name}", False, f"held: {reason}")


def _look_at_queue(config: Config) -> Iterator[Finding]:
    if config.settings.queue == "embedded":
        yield Finding("queue", True, "embedded")
        return
    try:
        Redis.from_url(config.settings.queue, socket_timeout=2, socket_connect_timeout=2).ping()
        yield Finding("queue", True, "Redis answers")
    except RedisError as error:
        words = f"Redis does not answer ({type(error).__name__}): work goes on by the sweep, some seconds later"
        yield Finding("queue", False, words)


def _look_at_accounts(config: Config) -> Iterator[Finding]:
    for account in config.settings.accounts:
        yield from _look_at_account(config, account)


def _look_at_account(config: Config, account: AccountSettings) -> Iterator[Finding]:
    what = f"account {account.name}"
    # Asked afresh and without the database: what is remembered there may be older than the credentials.
    engine = make_engine(config.database_url)
    helpdesk = connect(config, account, engine, utc_now, NoBudget(), cache=DictCache())
    try:
        us = helpdesk.me()
        teams = helpdesk.teams()
    except AdapterError as error:
        yield Finding(what, False, f"{account.provider.value} at {account.address}: {error}")
        return
    if not us.external_id:
        yield Finding(what, False, "Deskhand needs a user of its own there: the credentials belong to none")
        return
    replay_words = (
        "" if account.provider.value == "zendesk" else "; webhooks carry no signed time of their own (weaker replay guard)"
    )
    yield Finding(what, True, f"{account.mode}, our user is {us.external_id}, {len(teams)} teams{replay_words}")
