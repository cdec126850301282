"""`deskhand doctor`: asks database, queue, helpdesks, model and files whether everything is in place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from adapters.errors import AdapterError
from adapters.helpdesk import DictCache, Helpdesk
from adapters.transport import NoBudget
from bot.cli.common import config_option, fail, load_or_exit, print_json, say
from bot.cli.doctor import secret_files
from bot.cli.doctor.checks import (
    Finding,
    look_at_backup,
    look_at_clock,
    look_at_files,
    look_at_helpdesk_clock,
    look_at_machines,
    look_at_processes,
    look_at_put_off,
    look_at_queue,
    look_at_refused,
    look_at_restore,
    look_at_retention,
    look_at_rules,
)
from bot.cli.doctor.field_checks import look_at_fields
from bot.cli.doctor.model_checks import look_at_cost, look_at_endpoint
from bot.cli.doctor.opinion_checks import look_at_opinions
from bot.cli.doctor.sense_checks import look_at_senses
from bot.config import AccountSettings, Config, ConfigInvalid
from bot.process.clock import utc_now
from bot.rulesets.active import load_configured
from bot.runtime.account_identity import AccountElsewhere, claimed
from bot.runtime.bootstrap import connect
from bot.shared.helpdesk_clock import HelpdeskClock
from bot.store import accounts, dead_letters, deliveries, duplicate_notes, runs
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import SchemaDiffers, require_current


@click.command()
@click.option("--strict", is_flag=True, help="Count work that waits too long and things set aside as ill.")
@click.option("--json", "as_json", is_flag=True)
@config_option
def doctor(strict: bool, as_json: bool, config_file: Path) -> None:
    """Ask everything that a running Deskhand needs: database, queue, each helpdesk account. Exit 1 where something is ill."""
    config = load_or_exit(config_file)
    found = [*_look_at_database(config, strict), *look_at_queue(config, strict), *_look_at_accounts(config)]
    found += [
        *look_at_senses(),
        *look_at_opinions(config),
        *look_at_cost(config),
        *look_at_endpoint(config),
        *_look_at_secrets(config),
    ]
    ill = [each for each in found if not each.is_well]
    if as_json:
        print_json(
            {
                "ok": not ill,
                "findings": [{"what": e.what, "ok": e.is_well, "warning": e.is_warning, "words": e.words} for e in found],
            }
        )
    else:
        for each in found:
            say(f"{each.mark} {each.what}: {each.words}")
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
    with reading(engine, at_leisure=True) as connection:
        stale, set_aside = deliveries.stale(connection, before), dead_letters.everything(connection)
        waiting, backlog = runs.waiting(connection), deliveries.backlog(connection)
        doubled, newest = duplicate_notes.count(connection), duplicate_notes.newest(connection, 1)
        held = {each.name: accounts.state(connection, each.name).held_reason for each in config.settings.accounts}
    yield Finding("database", True, f"schema is current, {backlog} deliveries wait")
    yield Finding("stale work", not stale, f"{stale} deliveries wait longer than {config.settings.flow.stale_after_s:.0f} s")
    count = len(set_aside) + len(waiting)
    yield Finding("set aside", not (strict and count), f"{count} (deskhand dead list shows them)")
    last = f", the last in {newest[0].key} (deskhand runs --ticket {newest[0].key})" if newest else ""
    yield Finding("doubled notes", True, f"{doubled} found{last}")
    now = utc_now()
    with reading(engine, at_leisure=True) as connection:
        yield from look_at_processes(connection, now, strict)
        yield from look_at_clock(connection, now)
        yield from look_at_backup(connection, config, now)
        yield from look_at_restore(connection)
        yield from look_at_retention(connection, now)
        yield from look_at_rules(connection, now, strict=strict)
        yield from look_at_put_off(connection)
        yield from look_at_machines(connection, now)
        yield from look_at_refused(connection, now, strict)
    yield from look_at_files(config, engine)
    for name, reason in held.items():
        if reason:
            yield Finding(f"account {name}", False, f"held: {reason}")


def _look_at_accounts(config: Config) -> Iterator[Finding]:
    for account in config.settings.accounts:
        yield from _look_at_account(config, account)


def _look_at_account(config: Config, account: AccountSettings) -> Iterator[Finding]:
    what = f"account {account.name}"
    # Asked afresh and without the database: what is remembered there may be older than the credentials.
    engine = make_engine(config.database_url)
    clock = HelpdeskClock(engine, account.name, utc_now)
    helpdesk = connect(config, account, engine, utc_now, NoBudget(), cache=DictCache(), seen=clock)
    try:
        us = helpdesk.me()
        teams = helpdesk.teams()
        claimed(helpdesk, engine, set())
    except AccountElsewhere as error:
        yield Finding(what, False, str(error))
        return
    except AdapterError as error:
        yield Finding(what, False, f"{account.provider.value} at {account.address}: {error}")
        return
    except SQLAlchemyError:
        pass  # the database's own line says so
    yield from look_at_helpdesk_clock(account, clock.ahead_s())
    if not us.external_id:
        yield Finding(what, False, "Deskhand needs a user of its own there: the credentials belong to none")
        return
    replay_words = (
        "" if account.provider.value == "zendesk" else "; webhooks carry no signed time of their own (weaker replay guard)"
    )
    yield Finding(what, True, f"{account.mode}, our user is {us.external_id}, {len(teams)} teams{replay_words}")
    yield from look_at_fields(helpdesk)
    yield from _look_at_macros(config, account, helpdesk)


def _look_at_macros(config: Config, account: AccountSettings, helpdesk: Helpdesk) -> Iterator[Finding]:
    """Macros that rules propose and this account has not: the rule goes on without them."""
    try:
        rules = load_configured(config).rules
        named = [(rule, each) for rule in rules for each in rule.actions if each.name == "propose_macro"]
        active = [each for each in helpdesk.macros() if each.is_active] if named else []
    except (ConfigInvalid, AdapterError):  # told elsewhere
        return
    there = {name.casefold() for each in active for name in (each.external_id, each.name)}
    wanted = [(rule, str(getattr(action.options, "macro", ""))) for rule, action in named]
    missing = [f"{rule.file}:{rule.line}: {macro!r}" for rule, macro in wanted if macro.casefold() not in there]
    if missing:
        words = f"missing there or switched off, so not proposed: {'; '.join(missing)}"
        yield Finding(f"macros of {account.name}", True, words, is_warning=True)


def _look_at_secrets(config: Config) -> Iterator[Finding]:
    for path in secret_files.open_to_all(config):
        yield Finding(f"file {path}", True, "holds secrets, and every user here may read it: chmod o-r", is_warning=True)
