"""Commands about what is kept: backup, restore, and erasing one person."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.common import config_option, fail, load_or_exit, print_json, say, store_or_exit, unopened
from bot.config import ConfigInvalid
from bot.directory import Directory
from bot.maintenance import backup as copies
from bot.maintenance.backup import BackupRefused
from bot.maintenance.erase import EraseRefused
from bot.maintenance.erase import erase as erase_person
from bot.process.clock import utc_now
from bot.store.database.engine import make_engine
from rules.files.problems import number_of


@click.command()
@click.argument("to", type=click.Path(path_type=Path))
@config_option
def back_up(to: Path, config_file: Path) -> None:
    """Copy the database to the file TO, or to a new file in the folder TO, while everything goes on; the copy is checked."""
    config = load_or_exit(config_file)
    try:
        made = copies.back_up(store_or_exit(config), to, utc_now())
    except BackupRefused as error:
        fail(error)
    except SQLAlchemyError as error:
        fail(unopened(config, error), 2)
    print_json(
        {"file": str(made.path), "bytes": made.size_bytes, "revision": made.revision, "begun_at": made.begun_at.isoformat()}
    )
    say(f"{made.path} is whole. Keep config.yaml, the rules and the secrets as well: they are not in it.")


@click.command()
@click.argument("copy", metavar="FROM", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Also where the database holds something: the old one is kept aside.")
@config_option
def restore(copy: Path, replace: bool, config_file: Path) -> None:
    """Put the copy FROM back as the database, and bring it to this version's schema. End all processes first."""
    config = load_or_exit(config_file)
    engine = make_engine(config.database_url)
    try:
        aside = copies.restore(copy, engine, utc_now(), replace=replace)
    except BackupRefused as error:
        fail(f"nothing was changed: {error}")
    except SQLAlchemyError as error:
        fail(unopened(config, error), 2)
    say(f"{copy} is the database now" + (f"; what was there before is kept as {aside}" if aside else ""))
    say("What came and was written after the copy was begun is not in it: docs/operating.md says what happens at the next start.")


@click.command()
@click.option("--requester", "who", required=True, help="The person's e-mail address, or id at the helpdesk.")
@click.option("--account", "account_name", help="Only in this account. Default: all of the configuration.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only count; nothing is changed.")
@config_option
def erase(who: str, account_name: str | None, is_dry: bool, config_file: Path) -> None:
    """Take one person out of everything that is kept; keys, hashes and states stay. Erase at the helpdesk first."""
    config = load_or_exit(config_file)
    names = tuple(each.name for each in config.settings.accounts)
    if account_name is not None and account_name not in names:
        fail(f"--account {account_name}: there is no such account, only {', '.join(names)}", 2)
    if not who.strip():
        fail("--requester: wanted an e-mail address or an id", 2)
    if "@" not in who and account_name is None and len(names) > 1:
        fail("--requester: an id is one account's own: name it with --account", 2)
    try:
        staff = Directory.load(tuple(config.resolve(name) for name in config.settings.directory.files)).staff()
        chosen = (account_name,) if account_name else names
        done = erase_person(store_or_exit(config), who.strip(), chosen, staff=staff, is_dry=is_dry)
    except ConfigInvalid as error:
        fail(error, 2)
    except EraseRefused as error:
        fail(f"nothing was changed: {error}")
    except SQLAlchemyError as error:
        fail(unopened(config, error), 2)
    if not done.is_found:
        fail("nothing that is kept mentions this person: is the address or id right, and the account?")
    keys = {"of": [str(key) for key in done.tickets], "busy": [str(key) for key in done.busy]}
    print_json({"dry_run": is_dry, **done.rows, **keys, "rewritten": done.is_rewritten})
    if is_dry:
        return
    if done.busy:
        fail(f"{number_of(len(done.busy), 'ticket')} worked on all the while: run this again")
    if not done.is_rewritten:
        fail("rows are emptied, but others use the database, so its file still holds old pages: run this again")
    say("Backups, and copies that `deskhand restore` kept aside, still hold what was erased: docs/operating.md.")
