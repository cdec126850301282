"""`deskhand backtest`: rules on tickets of the past."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.backtest.compare import Past, compare
from bot.backtest.history_counts import with_counts
from bot.cli.common import config_if_there, config_option, fail, print_json, say, store_or_exit
from bot.cli.dry_run import completed, rules_option, rules_or_exit
from bot.config import Config, ConfigInvalid
from bot.process.clock import utc_now
from bot.rulesets.active import load_stored
from bot.store import runs
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import SchemaDiffers, require_current
from bot.store.rules import rule_versions
from rules.engine.rule import Stage
from rules.engine.ruleset import RuleSet
from rules.files.json_text import parse_json
from rules.files.yaml_file import FileInvalid
from rules.language.facts_json import FactsInvalid, facts_from_json


@click.command()
@click.option("--history", "history_file", type=click.Path(path_type=Path), help="JSON lines; default: the runs in the database.")
@rules_option
@click.option("--against", "against_files", multiple=True, help="The rules of before; default: those that run, else none.")
@click.option("--as-live", is_flag=True, help="Let drafts and rules in shadow count too, in the new rules.")
@config_option
def backtest(
    history_file: Path | None, rule_files: tuple[str, ...], against_files: tuple[str, ...], as_live: bool, config_file: Path
) -> None:
    """Show what rules would have written on tickets of the past, against others.

    More, fewer and other writes for each rule, what an agent chose otherwise later, and the volume of a day. Nothing is called,
    and nothing written but that these rules were tried: they may go live within `flow.backtest_days`."""
    config = config_if_there(config_file)
    after = rules_or_exit(rule_files, config)
    hash, after = after.hash, after.as_if_live(*Stage) if as_live else after
    before = rules_or_exit(against_files, config) if against_files else _running(config, is_other=bool(rule_files))
    if history_file is not None:
        read = partial(_from_file, history_file, config)
    elif config is not None:
        read = partial(_from_runs, config)
    else:
        fail("no --history FILE, and no configuration whose database has runs", 2)
    hashed = hashlib.sha256()

    def history() -> Iterator[Past]:
        nonlocal hashed
        hashed = hashlib.sha256()  # a history is read twice where rules ask for counts
        return read(hashed)

    asked = {**before.counts, **after.counts}
    if asked and history_file is not None and not history_file.is_file():
        say(f"{history_file} can be read only once: counts over history that it does not hold stay unknown")
        asked = {}
    report = compare(with_counts(history, asked), before, after)
    if not report.looks:
        fail("the history is empty: nothing was compared")
    if config is not None and not as_live:
        _remember(config, hash, before.hash, hashed.hexdigest(), report.looks)
    for line in report.lines():
        say(line)
    print_json({**report.to_json(), "hashes": {"rules": hash, "against": before.hash, "history": hashed.hexdigest()}})


def _running(config: Config | None, *, is_other: bool) -> RuleSet:
    """The version that runs; where none was taken up, the files' rules if others are tried, and else none."""
    if config is None:
        return RuleSet()
    with suppress(SQLAlchemyError, SchemaDiffers), reading(_engine(config)) as connection:
        if (active := rule_versions.active(connection)) is not None:
            try:
                return load_stored(active.sources, active.values)
            except ConfigInvalid as error:
                fail(f"version {active.number}, which runs, is not understood by this release:\n{error}", 2)
    return rules_or_exit((), config) if is_other else RuleSet()


def _remember(config: Config, rules_hash: str, against_hash: str, history_hash: str, looks: int) -> None:
    """That these rules were tried. Without a database nothing goes live here, so nobody asks."""
    made = rule_versions.Backtest(
        rules_hash=rules_hash, against_hash=against_hash, history_hash=history_hash, looks=looks, made_at=utc_now()
    )
    with suppress(SQLAlchemyError, SchemaDiffers), _engine(config).begin() as connection:
        rule_versions.keep_backtest(connection, made)


def _engine(config: Config) -> Engine:
    """Raises SchemaDiffers and SQLAlchemyError: a backtest of a file needs no database."""
    engine = make_engine(config.database_url)
    require_current(engine)
    return engine


def _from_file(path: Path, config: Config | None, hashed: Any) -> Iterator[Past]:
    """A look for each line: facts as `decide` takes them; `later` beside them is the ticket as people left it."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                hashed.update(line)
                if line.strip():
                    yield _look(line, f"{path}:{number}", config)
    except OSError as error:
        fail(f"{path}: cannot be read: {error.strerror}")


def _look(line: bytes, where: str, config: Config | None) -> Past:
    try:
        tree = parse_json(line, "")
        if not isinstance(tree, dict):
            fail(f"{where}: wanted an object: a ticket, or `ticket` with facts beside it")
        later = tree.pop("later", None)
        given = tree if "ticket" in tree else {"ticket": tree}
        facts = facts_from_json(given, _time_of(given["ticket"]))
        after = facts_from_json({"ticket": later}, facts.now).ticket if later is not None else None
    except FileInvalid as error:
        fail(f"{where}: {error.problem.told}")
    except FactsInvalid as error:
        fail("\n".join(f"{where}: {each}" for each in str(error).splitlines()))
    return Past(facts=facts if "signals" in given else completed(facts, given, config), later=after)


def _time_of(ticket: Any) -> datetime:
    """When a ticket without a `now` is looked at: at its newest change. Never today: a report must come out the same tomorrow."""
    found = next((ticket[name] for name in ("updated_at", "created_at") if isinstance(ticket, dict) and ticket.get(name)), None)
    try:
        at = datetime.fromisoformat(str(found)) if found else datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    except ValueError:
        return datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # the field's own error says what is wrong with it
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _from_runs(config: Config, hashed: Any) -> Iterator[Past]:
    """The facts of all runs that still have them, ticket by ticket."""
    with reading(store_or_exit(config), at_leisure=True) as connection:
        for text in runs.all_facts(connection):
            hashed.update(text.encode("utf-8"))
            facts = facts_from_json(json.loads(text))
            yield Past(facts=replace(facts, state={}))
