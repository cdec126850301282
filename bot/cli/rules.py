"""`deskhand rules`: which rules count, what was taken up or refused, and taking it back."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from bot.cli.common import config_here, config_option, fail, load_or_exit, print_json, say, store_or_exit
from bot.config import Config, ConfigInvalid, load
from bot.process.clock import utc_now
from bot.rulesets import versions
from bot.rulesets.active import load_configured, load_stored
from bot.rulesets.versions import Changes, Overtaken, Taken
from bot.store.database.engine import reading
from bot.store.rules import rule_firings, rule_versions
from bot.store.rules.rule_firings import Stop
from rules.engine.rule import Rule
from rules.engine.ruleset import RuleSet
from rules.files.problems import Problem, suggest
from rules.language.fields import FIELDS
from rules.tools.json_schema import schema_text

WEEK = timedelta(days=7)


_author = click.option("--author", default="", help="Who decides this; default: the user of this machine.")
_reason = click.option("--reason", required=True, help="Why; kept with the version.")


@click.group(invoke_without_command=True)
@config_option
@click.pass_context
def rules(context: click.Context, config_file: Path) -> None:
    """Which rules count now, one JSON line each; their versions, and ways to change or take back what runs."""
    context.obj = config_file
    if context.invoked_subcommand is None:
        context.invoke(list_rules, config=load_or_exit(config_file))


@rules.command("list")
@config_here
def list_rules(config: Config) -> None:
    """Each rule with its stage, how often it fired within a week, and whether it is switched off."""
    engine = store_or_exit(config)
    with reading(engine) as connection:
        active, newest = rule_versions.active(connection), next(iter(rule_versions.newest(connection)), None)
        running = _of_version(active) if active else _of_files(config)
        ids, since = [rule.id for rule in running.rules], utc_now() - WEEK
        counted = {kind: rule_firings.counts(connection, ids, kind, since) for kind in ("live", "shadow", "held")}
        stops = {each.rule: each for each in rule_firings.stops(connection)}
    for rule in running.rules:
        fired = {f"{kind}_7d": counted[kind].get(rule.id, (0, 0))[0] for kind in counted}
        off = stops.get(rule.id)
        print_json({"id": rule.id, "stage": rule.stage.value, **fired, **_off(rule, off), "at": f"{rule.file}:{rule.line}"})
    say(f"version {active.number}, by {active.author}: {active.reason}" if active else "no version was taken up: the files count")
    if newest is not None and newest.state == "refused":
        say(f"what came last was refused ({newest.made_at:%Y-%m-%d %H:%M} UTC):")
        for problem in newest.problems:
            say(f"  {problem}")


def _off(rule: Rule, stop: Stop | None) -> dict[str, Any]:
    """What stopped it and how that ends; also where it has rested and counts again."""
    if stop is None or stop.semantic_hash not in ("", rule.semantic_hash):
        return {}
    told: dict[str, Any] = {"at": stop.stopped_at.isoformat(), "by": stop.author, "because": stop.reason}
    if stop.until is None:
        return {"switched_off": {**told, "ends": f"deskhand rules enable {rule.id}"}}
    return {"rests" if stop.holds(utc_now()) else "rested": {**told, "ends": stop.until.isoformat()}}


@rules.command("versions")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@config_here
def list_versions(limit: int, config: Config) -> None:
    """What was taken up, refused or taken back, the newest first: when, by whom, why, and which rules changed."""
    with reading(store_or_exit(config)) as connection:
        found = rule_versions.newest(connection, limit)
    for each in found:
        print_json(
            {
                "version": each.number,
                "state": each.state,
                "at": each.made_at.isoformat(),
                "author": each.author,
                "reason": each.reason,
                "changes": dict(each.changes),
                "problems": list(each.problems),
                "hash": each.rules_hash,
            }
        )
    if not found:
        say("no version yet: the files' rules are taken up at the next start, or by `deskhand rules apply`")


@rules.command("diff")
@click.argument("first", required=False, type=int)
@click.argument("second", required=False, type=int)
@config_here
def show_diff(first: int | None, second: int | None, config: Config) -> None:
    """The lines that changed: between two versions; between one and what runs; or between what runs and the files."""
    with reading(store_or_exit(config)) as connection:
        active = rule_versions.active(connection)
        named = {number: rule_versions.find(connection, number) for number in (first, second) if number is not None}
    if missing := [number for number, found in named.items() if found is None or not found.sources]:
        fail(f"there is no version {missing[0]} that ever ran: `deskhand rules versions` lists what there is")
    running = active.sources if active else ()
    versions_of = [found.sources for found in named.values() if found is not None]
    before = versions_of[0] if versions_of else running
    after = versions_of[1] if len(versions_of) == 2 else running if versions_of else _of_files(config).sources
    for line in versions.diff(before, after):
        click.echo(line)


@rules.command("schema")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="The settings.")
@click.pass_obj
def show_schema(of_group: Path, config_file: Path | None) -> None:
    """The JSON Schema of rule files, for editors: `# yaml-language-server: $schema=rules.schema.json` as a file's first line.

    With the configuration's own issues and areas; of files that are wrong, without."""
    registry, path = FIELDS, config_file or of_group
    if path.exists():
        with suppress(ConfigInvalid):
            registry = load_configured(load(path)).registry
    click.echo(schema_text(registry), nl=False)


@rules.command("apply")
@_reason
@_author
@config_here
def apply(reason: str, author: str, config: Config) -> None:
    """Let what the files hold run from now on, as a new version. Exit 1 with all reasons where it may not."""
    engine = store_or_exit(config)
    _report(_safely(lambda: versions.take_up(engine, config, utc_now(), author=_who(author), reason=reason, is_asked=True)))


@rules.command("rollback")
@click.argument("version", required=False, type=int)
@_reason
@_author
@config_here
def roll_back(version: int | None, reason: str, author: str, config: Config) -> None:
    """Run the version before again, or this one. The files are left alone; they count again once they are changed."""
    engine = store_or_exit(config)

    def go_back() -> Taken:
        try:
            return versions.roll_back(engine, config, utc_now(), author=_who(author), reason=reason, to=version)
        except LookupError as error:
            fail(error)
        except ConfigInvalid as error:
            fail(f"this release does not understand that version:\n{error}")

    _report(_safely(go_back))


def _safely(work: Callable[[], Taken]) -> Taken:
    try:
        return work()
    except Overtaken:
        fail("somebody else changed what runs in this moment: look at `deskhand rules versions`, then try again")


def _report(taken: Taken) -> None:
    if taken.outcome == "refused":
        for problem in taken.problems:
            say(problem)
        fail("refused: what ran before goes on")
    print_json({"version": taken.number, "outcome": taken.outcome, "changes": taken.changes.to_json()})
    say(_told(taken))


def _told(taken: Taken) -> str:
    if taken.outcome == "same":
        return f"version {taken.number} holds exactly this already"
    return f"version {taken.number} runs: {_in_words(taken.changes)}; running processes take it up within two seconds"


def _in_words(changes: Changes) -> str:
    told = [f"{len(ids)} {word}" for word, ids in (("added", changes.added), ("removed", changes.removed)) if ids]
    told += [f"{len(changes.changed)} changed"] if changes.changed else []
    told += [f"{rule} {was} > {now}" for rule, was, now in changes.stages]
    return ", ".join(told) or "no rule means anything else"


@rules.command("disable")
@click.argument("rule")
@_reason
@_author
@config_here
def disable(rule: str, reason: str, author: str, config: Config) -> None:
    """Switch a rule off for all tickets, whatever its file says, until it is enabled."""
    engine = store_or_exit(config)
    _require_known(engine, config, rule)
    with engine.begin() as connection:
        stop = Stop(rule=rule, semantic_hash="", stopped_at=utc_now(), author=_who(author), reason=reason)
        rule_firings.stop(connection, stop)
    say(f"{rule} is switched off; running processes take it up within two seconds")


@rules.command("enable")
@click.argument("rule")
@_reason
@_author
@config_here
def enable(rule: str, reason: str, author: str, config: Config) -> None:
    """Let a rule that was switched off, or rests, count again. Of one that a person switched off its tests and a backtest are
    wanted as for a new one; one that rests would come back by itself."""
    engine = store_or_exit(config)
    running = _require_known(engine, config, rule)
    with reading(engine) as connection:
        stop = next((each for each in rule_firings.stops(connection) if each.rule == rule and each.holds(utc_now())), None)
        problems = _objections(connection, config, running, rule) if stop and stop.until is None else []
    if stop is None:
        fail(f"{rule} is not switched off")
    for problem in problems:
        say(problem)
    if problems:
        fail(f"refused: {rule} stays off")
    with engine.begin() as connection:
        rule_firings.start(connection, rule)
    versions.log.info("rule.switched_on", rule=rule, author=_who(author))
    say(f"{rule} counts again: {reason}")


def _objections(connection: Any, config: Config, running: RuleSet, rule: str) -> list[Problem]:
    """As if the rule were new: all the others ran before."""
    before = running.without(rule)
    return list(versions.objections(connection, config, before, running, utc_now()))


def _require_known(engine: Engine, config: Config, rule: str) -> RuleSet:
    with reading(engine) as connection:
        active = rule_versions.active(connection)
    running = _of_version(active) if active else _of_files(config)
    if running.rule(rule) is None:
        fail(f"{rule}: no such rule{suggest(rule, [each.id for each in running.rules])}", 2)
    return running


def _of_version(version: rule_versions.Version) -> RuleSet:
    try:
        return load_stored(version.sources, version.values)
    except ConfigInvalid as error:
        fail(f"version {version.number} is not understood by this release:\n{error}", 2)


def _of_files(config: Config) -> RuleSet:
    try:
        return load_configured(config)
    except ConfigInvalid as error:
        fail(error, 2)


def _who(author: str) -> str:
    """The user of this machine; a container may have none of a name."""
    try:
        return author or getpass.getuser()
    except (KeyError, OSError):
        return "nobody"
