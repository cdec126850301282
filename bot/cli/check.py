"""`deskhand check` and `deskhand test`: what is wrong in the configuration and the rules, before anything starts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.common import config_if_there, config_option, fail, load_or_exit, print_json, say
from bot.cli.runs import rules_of_run_or_exit, stored_run
from bot.config import Config, ConfigInvalid, load
from bot.rulesets.active import all_packs, load_named
from bot.runtime import preflight
from rules.engine.decide import NO_RULE, decide
from rules.files.problems import Problem, number_of, suggest
from rules.tools.record_test import NotRedacted, record
from rules.tools.run_tests import run_tests


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
    return preflight.find_problems(config, is_thorough=True)


def _report(problems: list[Problem], as_json: bool, good: str) -> None:
    errors = [each for each in problems if each.severity == "error"]
    if as_json:
        print_json({"ok": not errors, "problems": [each.to_json() for each in problems]})
    else:
        for each in problems:
            say(each)
        say(number_of(len(errors), "problem") if errors else good)
    sys.exit(1 if errors else 0)


@click.command()
@click.argument("rule_files", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One object: {ok, problems, tests, rules}.")
@click.option(
    "--record", "run", help="Print tests made of a stored run (or its first characters) for the rules that fired in it."
)
@click.option("--rule", "rule_id", help="With --record: for this rule, fired or not.")
@config_option
def test_rules(rule_files: tuple[str, ...], as_json: bool, run: str | None, rule_id: str | None, config_file: Path) -> None:
    """Check rule files (or packs: pack:vip) and run the tests beside their rules. Default: the configuration's rules."""
    if run is not None:
        _record(load_or_exit(config_file), run, rule_id)
        return
    config = config_if_there(config_file) if not rule_files else None
    if not rule_files and config is None:
        say(f"{config_file}: not there, so the packs that come with Deskhand are tested: name rule files, or --config")
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


def _record(config: Config, run: str, rule_id: str | None) -> None:
    """A test for each rule, without the customer's words; one that needs them is named, and the others are printed."""
    row, facts = stored_run(config, run)
    rules = rules_of_run_or_exit(config, row)
    wanted = [rule_id] if rule_id else [each.id for each in decide(rules, facts, in_full=NO_RULE).rules if each.fired]
    if not wanted:
        fail("no rule fired in this run: name one with --rule")
    refused = False
    for name in wanted:
        rule = rules.rule(name)
        if rule is None:
            fail(f"{name}: no such rule{suggest(name, [each.id for each in rules.rules])}", 2)
        try:
            click.echo(f"# {name}\n{record(rule, facts, rules)}")
        except NotRedacted as error:
            refused = True
            say(error)
    sys.exit(1 if refused else 0)
