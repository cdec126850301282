"""`deskhand senses`: how right the senses and the rules on top are, measured on tickets whose labels are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from adapters.ticket import Message, Ticket
from bot.cli.common import config_if_there, config_option, fail, print_json
from bot.cli.dry_run import rules_option, rules_or_exit
from bot.reports.labelled_tickets import Labelled, LabelsInvalid, labelled_tickets
from bot.reports.reliability import MEASURED, Reliability, reliability, scored
from bot.reports.sense_figures import Figures, Judged, figures
from bot.reports.share import Share
from bot.reports.table import Table, as_text
from bot.senses import sense
from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.language.facts_json import facts_from_json

MOST_MISTAKES = 8
NOW = datetime(2026, 5, 14, 10, tzinfo=UTC)  # any: labels know nothing of the time


@click.group()
def senses() -> None:
    """Measure what tickets are understood to say."""


@senses.command("eval")
@click.option("--data", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines.")
@click.option("--json", "is_json", is_flag=True, help="JSON on standard output instead of tables.")
@click.option("--missed", is_flag=True, help="Also list the ids of the tickets that were misjudged.")
@rules_option
@config_option
def evaluate(path: Path, is_json: bool, missed: bool, rule_files: tuple[str, ...], config_file: Path) -> None:
    """Print how right each signal is, with 95 % intervals, by language, and what was taken for what.

    FILE holds a labelled ticket a line: {"subject", "body", "lang", "tier", "gold": {"type", "severity", ...}}; docs/senses.md
    has all labels."""
    rules = rules_or_exit(rule_files, config_if_there(config_file))
    try:
        judged = [judge(each, rules) for each in labelled_tickets(path, _teams(rules))]
    except LabelsInvalid as error:
        fail(error)
    found = figures(judged)
    if is_json:
        print_json(_json(found, len(judged), missed))
    else:
        click.echo(as_text(_tables(found), _notes(found, len(judged), missed)))


@senses.command("reliability")
@click.option("--data", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines.")
@click.option("--json", "is_json", is_flag=True, help="JSON on standard output instead of tables.")
def tell_reliability(path: Path, is_json: bool) -> None:
    """Print whether scores mean what they say: of the answers that are 0.7 sure, seven of ten should be right.

    FILE as for `senses eval`. `error` is the expected calibration error over ten bins of equally many answers, `by chance` what a
    perfect score would get on so few."""
    try:
        rows = [(each, sense(_ticket(each), NOW)) for each in labelled_tickets(path)]
    except LabelsInvalid as error:
        fail(error)
    found = {
        name: reliability(told)
        for name in MEASURED
        if (told := list(scored(name, [(ticket, signals.get(name)) for ticket, signals in rows])))
    }
    if is_json:
        print_json({name: {**asdict(each), "beyond_chance": each.beyond_chance} for name, each in found.items()})
    else:
        click.echo(as_text(_reliability_tables(found), [f"{len(rows)} tickets."]))


def _teams(rules: RuleSet) -> tuple[str, ...]:
    """The names of all teams that rules give tickets to."""
    given = (
        getattr(action.options, "team", "") for rule in rules.rules for action in rule.actions if action.name == "assign_team"
    )
    return tuple(dict.fromkeys(str(each) for each in given if each))


def _reliability_tables(found: Mapping[str, Reliability]) -> list[Table]:
    head = ("", "n", "error", "by chance", "beyond chance")
    body = [
        (name, str(each.n), *(f"{figure:.3f}" for figure in (each.error, each.by_chance, each.beyond_chance)))
        for name, each in found.items()
    ]
    bins = [
        Table(
            title=name,
            head=("sure", "right", "n"),
            body=[(f"{part.score:.2f}", f"{part.share:.2f}", str(part.n)) for part in each.bins],
        )
        for name, each in found.items()
    ]
    return [Table(title="signal", head=head, body=body), *bins]


def _ticket(labelled: Labelled) -> Ticket:
    return Ticket(subject=labelled.subject, description=labelled.body, messages=(Message(body_text=labelled.body),))


def judge(labelled: Labelled, rules: RuleSet) -> Judged:
    """What the senses and these rules make of a ticket as it came in."""
    signals = sense(_ticket(labelled), NOW, own=rules.own_issues)
    tree: dict[str, Any] = {
        "ticket": {
            "subject": labelled.subject,
            "description": labelled.body,
            "messages": [{"body_text": labelled.body}],
            "status": "new",
        },
        "events": ["ticket.created"],
        "signals": {name: {"value": _plain(each.value), "score": each.score} for name, each in signals.items()},
    }
    if labelled.tier:
        tree["company"] = {"name": "Acme", "tier": labelled.tier}
    decision = decide(rules, facts_from_json(tree, NOW))
    return Judged(ticket=labelled, signals=signals, priority=str(decision.priority or ""), team=decision.team or "")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _tables(found: Figures) -> list[Table]:
    main = Table(
        title="what", head=("", "n", "share (95 % interval)"), body=[_line(name, each) for name, each in found.shares.items()]
    )
    languages = [
        Table(title=f"{name} by language", head=("", "n", "share (95 % interval)"), body=[_line(*row) for row in rows.items()])
        for name, rows in found.by_language.items()
        if rows
    ]
    return [main, *languages]


def _line(name: str, share: Share) -> tuple[str, str, str]:
    return name, str(share.n), str(share)


def _notes(found: Figures, count: int, missed: bool) -> list[str]:
    notes = [f"{count} tickets."]
    for signal, mistakes in found.mistaken.items():
        told = ", ".join(f"{right} as {wrong} {often}" for (right, wrong), often in mistakes.most_common(MOST_MISTAKES))
        notes += [f"{signal}: taken for another: {told}."] if told else []
    if missed:
        notes += [f"{name}: {', '.join(ids)}" for name, ids in found.missed.items()]
    return notes


def _json(found: Figures, count: int, missed: bool) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "n": count,
        "figures": {name: _share(each) for name, each in found.shares.items()},
        "by_language": {name: {each: _share(share) for each, share in rows.items()} for name, rows in found.by_language.items()},
        "mistaken": {signal: _pairs(mistakes.items()) for signal, mistakes in found.mistaken.items()},
    }
    return tree | ({"missed": found.missed} if missed else {})


def _pairs(mistakes: Iterable[tuple[tuple[str, str], int]]) -> list[dict[str, Any]]:
    return [{"right": right, "found": wrong, "count": often} for (right, wrong), often in mistakes]


def _share(share: Share) -> dict[str, Any]:
    interval = [round(each, 4) for each in share.interval] if share.interval else None
    return {"n": share.n, "share": round(share.value, 4) if share.value is not None else None, "interval": interval}
