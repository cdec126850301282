"""`deskhand why`: what kept a rule from firing, or made it fire, and what would turn that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from adapters.codec import to_json
from bot.cli.common import config_if_there, config_option, fail, load_or_exit, print_json, say
from bot.cli.dry_run import evidence, now_option, read_facts, rules_option, rules_or_exit
from bot.cli.runs import rules_of_run_or_exit, stored_run
from rules.explain.counterfactuals import Flip, Why
from rules.explain.counterfactuals import why as why_of
from rules.files.problems import suggest
from rules.model.canonical_json import facts_hash
from rules.model.facts import Facts


@click.command()
@click.argument("run", required=False)
@click.option("--ticket", "ticket_file", help="A ticket as JSON, or `-` for standard input, instead of a stored run.")
@click.option("--rule", "rule_id", required=True, help="The rule's id.")
@rules_option
@now_option
@config_option
def why(
    run: str | None,
    ticket_file: str | None,
    rule_id: str,
    rule_files: tuple[str, ...],
    now_text: str | None,
    config_file: Path,
) -> None:
    """Say why a rule fired or did not: its first step that fails, and each single change that would turn the verdict.

    Every change was tried before it is told. Of a stored RUN (or its first characters) and its rules, or of a ticket."""
    if (run is None) == (ticket_file is None):
        fail("name either a RUN or --ticket FILE", 2)
    config = load_or_exit(config_file) if run is not None else config_if_there(config_file)
    if run is not None and config is not None:
        row, facts = stored_run(config, run)
        rules = rules_or_exit(rule_files, config) if rule_files else rules_of_run_or_exit(config, row)
    else:
        rules = rules_or_exit(rule_files, config)
        facts = read_facts(str(ticket_file), now_text, config, rules.own_issues)
    try:
        answer = why_of(rules, facts, rule_id)
    except KeyError:
        fail(f"{rule_id}: no such rule{suggest(rule_id, [each.id for each in rules.rules])}", 2)
    signals = evidence([answer.result], facts)
    for line in in_words(answer, signals):
        say(line)
    print_json({**as_json(answer, facts), "signals": signals})


def as_json(answer: Why, facts: Facts) -> dict[str, Any]:
    result = answer.result
    return {
        "rule": result.id,
        "name": result.name,
        "file": result.file,
        "matched": result.matched,
        "fired": result.fired,
        "because": result.because,
        "first": to_json(answer.first) if answer.first else None,
        "flips": [_flip(each) for each in answer.flips],
        "needs": list(answer.needs),
        "steps": to_json(result.steps),
        "facts_hash": facts_hash(facts),
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "step": flip.step,
        "field": flip.field,
        "place": list(flip.change.place),
        "was": flip.change.was,
        "to": flip.change.to,
    }


def in_words(answer: Why, signals: Mapping[str, Any]) -> list[str]:
    """For a person: the verdict, what decided it, what the signals rest on, what would turn it."""
    result = answer.result
    lines = [f"{result.id} {_verdict(answer)}"]
    if answer.first is not None and not result.fired:
        lines.append(f"  fails first: {answer.first.path} wants {answer.first.wanted}, found {answer.first.found}")
    lines += [f"  {name} is {_value(each['value'])} ({each['score']}): {each['why']}" for name, each in signals.items()]
    turned = "would not match with" if result.fired else "would fire with"
    lines += [f"  {turned} {each}" for each in answer.flips]
    if answer.needs:
        lines.append(f"  no single change is enough: {len(answer.needs)} conditions fail ({', '.join(answer.needs)})")
    return lines


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else "unknown" if value is None else str(value)


_BECAUSE = {
    "still holds": "matches, and did so before: it fires again once its condition has been false meanwhile",
    "first look": "matches, but met this old ticket for the first time: it takes that look silently",
    "event": "matches, but is not asked under these events",
    "blocked": "matches, but an action lacks a value (its step says which)",
}


def _verdict(answer: Why) -> str:
    result = answer.result
    if result.fired:
        return f"fired: {', '.join(result.actions)}"
    if result.matched:
        return _BECAUSE.get(result.because, f"matches, but does not fire: {result.because}")
    return f"was not asked: {result.because}" if result.because else "does not match"
