"""`deskhand accounts`: which helpdesks this database knows, and what to tell it when one gets another name or address."""

from __future__ import annotations

from pathlib import Path

import click

from adapters.errors import AdapterError
from adapters.helpdesk import DictCache, identity_of
from adapters.ticket import Provider
from adapters.transport import NoBudget
from bot.cli.common import config_here, config_option, fail, print_json, say, store_or_exit
from bot.config import AccountSettings, Config
from bot.maintenance.working_processes import working_processes
from bot.process.clock import utc_now
from bot.runtime.bootstrap import connect
from bot.store.database.engine import reading
from bot.store.helpdesks import account_identity


@click.group()
@config_option
@click.pass_context
def accounts(context: click.Context, config_file: Path) -> None:
    """Which helpdesks this database knows; a new name or a new address for one."""
    context.obj = config_file


@accounts.command("list")
@config_here
def list_accounts(config: Config) -> None:
    """One JSON line each: what the account points to, and names or addresses that it had before."""
    engine = store_or_exit(config)
    configured = {each.name: each for each in config.settings.accounts}
    with reading(engine) as connection:
        known = account_identity.identities(connection)
        for name in sorted({*known, *configured}):
            print_json(
                {
                    "account": name,
                    "identity": known.get(name, ""),
                    "former": list(account_identity.former(connection, name)),
                    "configured": name in configured,
                    "mode": configured[name].mode if name in configured else None,
                }
            )


@accounts.command("rename")
@click.argument("old")
@click.argument("new")
@config_here
def rename_account(old: str, new: str, config: Config) -> None:
    """Give the account OLD the name NEW, with all that is remembered of it. NEW is its name in the configuration; end all
    processes first."""
    _known(config, new)
    engine = store_or_exit(config)
    if working := working_processes(engine, utc_now()):
        fail(f"Deskhand works on this database: end {', '.join(working)} first (one that was killed: 2 minutes)")
    with engine.begin() as connection:
        if account_identity.has_open_work(connection, old):
            fail(f"{old}: work is under way: start Deskhand with the old name until it is done, or `deskhand dead drop` it")
        try:
            count = account_identity.rename(connection, old, new)
        except KeyError:
            fail(f"{old}: this database knows no such account (deskhand accounts list shows them)")
        except ValueError:
            fail(f"{new}: has tickets of its own here: two accounts cannot become one")
    say(f"{old} is {new} now, {count} rows. Let the webhooks of the helpdesk point to /webhooks/{new}")


@accounts.command("moved")
@click.argument("name")
@config_here
def moved_account(name: str, config: Config) -> None:
    """The account NAME is the same helpdesk as before, at the address that the configuration says now. Asks an Intercom
    workspace for its id."""
    account = _known(config, name)
    engine = store_or_exit(config)
    identity = identity_of(account.provider, account.address)
    if account.provider is Provider.INTERCOM:
        try:
            identity = connect(config, account, engine, utc_now, NoBudget(), cache=DictCache()).identity
        except AdapterError as error:
            fail(f"{name}: {error}")
    with engine.begin() as connection:
        try:
            account_identity.move(connection, name, identity)
        except KeyError:
            fail(f"{name}: this database knows no such account (deskhand accounts list shows them)")
    say(f"{name} points to {identity} now")


def _known(config: Config, name: str) -> AccountSettings:
    found = next((each for each in config.settings.accounts if each.name == name), None)
    if found is None:
        fail(f"{name}: {config.path} has no such account", 2)
    return found
