"""Commands that look at what happened: runs with their traces, replays, and what was set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from adapters.codec import Unreadable, loads, to_json
from adapters.ticket import TicketKey
from adapters.writes import Plan
from bot.cli.common import config_here, config_option, fail, load_or_exit, print_json, say, store_or_exit
from bot.config import Config, ConfigInvalid
from bot.queue.wakeup import bell_for
from bot.rulesets.active import load_configured, load_stored
from bot.store import dead_letters, drafts, duplicate_notes, runs
from bot.store.database.engine import reading
from bot.store.rules import rule_sets
from bot.writes import planner, refusals
from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.language.opinion_fields import FAMILY
from rules.model.canonical_json import HASH_VERSION, decision_hash, decision_hash_1, facts_hash
from rules.model.facts import Facts


@click.command()
@click.argument("run", required=False)
@click.option("--ticket", "ticket_text", help="Only this ticket: account/kind/id, e.g. acme/ticket/42.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@config_option
def list_runs(run: str | None, ticket_text: str | None, limit: int, config_file: Path) -> None:
    """Show the newest runs, one JSON line each; with RUN (or its first characters) that one whole."""
    engine = store_or_exit(load_or_exit(config_file))
    key = _key(ticket_text) if ticket_text else None
    with reading(engine, at_leisure=True) as connection:
        if run is None:
            for row in runs.newest(connection, limit, key):
                print_json(_summary(connection, row))
            return
        try:
            found = runs.find(connection, run)
        except Unreadable as error:
            fail(f"run {run} cannot be read: {error}")
        if found is None:
            fail(f"no run, or more than one, begins with {run}")
        print_json(_whole(connection, found))


def _key(text: str) -> TicketKey:
    try:
        return TicketKey.parse(text)
    except ValueError:
        fail(f"{text!r} is no ticket: wanted account/kind/id, e.g. acme/ticket/42 or acme/conversation/42", 2)


def _summary(connection: Connection, row: Any) -> dict[str, Any]:
    made = runs.of_run(connection, row["id"])
    return {
        "run": row["id"],
        "ticket": str(TicketKey.parse(f"{row['account']}/{row['kind']}/{row['external_id']}")),
        "state": row["state"],
        "reason": row["reason"],
        "mode": row["mode"],
        "started_at": row["started_at"].isoformat(),
        "events": json.loads(row["events"]),
        "rules": _fired(row["decision"]),
        "requests": [{"operation": each.operation, "state": each.state} for each in map(_with_operation, made)],
        "reply": _reply(connection, row),
        "doubled_notes": _doubled(connection, row, made),
        "hash": row["decision_hash"],
    }


def _reply(connection: Connection, row: Any) -> dict[str, str] | None:
    """A reply to the customer that this run sent, or was to send, and who accepted it; None where there is none."""
    found = drafts.approval(connection, TicketKey.parse(f"{row['account']}/{row['kind']}/{row['external_id']}"), row["id"])
    if found is None:
        return None
    who = {"accepted_by": found.name or "by tag: the helpdesk does not say who set it", "agent": found.agent}
    return {"state": found.state, **who, "accepted_at": found.at.isoformat()}


def _doubled(connection: Connection, row: Any, made: Sequence[runs.StoredRequest]) -> list[dict[str, str]]:
    """Notes of this run that were found in the ticket twice."""
    key = TicketKey.parse(f"{row['account']}/{row['kind']}/{row['external_id']}")
    markers = {each.request.marker for each in made if each.request.marker}
    found = duplicate_notes.newest(connection, 100, key) if markers else []
    return [{"marker": each.marker, "first": each.first_id, "second": each.second_id} for each in found if each.marker in markers]


class _Shown:
    def __init__(self, operation: str, state: str) -> None:
        self.operation = operation
        self.state = state


def _with_operation(stored: runs.StoredRequest) -> _Shown:
    return _Shown(stored.request.operation, stored.state)


def _fired(decision: str | None) -> list[str]:
    return [each["id"] for each in json.loads(decision).get("rules", []) if each.get("fired")] if decision else []


def _whole(connection: Connection, row: Any) -> dict[str, Any]:
    plan = loads(Plan, row["plan"]) if row["plan"] else None
    return {
        **_summary(connection, row),
        "plan": [{**to_json(each.write), "rules": list(each.rules)} for each in plan.writes] if plan else [],
        "yielded": json.loads(row["yielded"]),
        "shadow": json.loads(row["shadow"]) if row["shadow"] else [],
        "requests": [
            {
                "number": each.number,
                "operation": each.request.operation,
                "writes": list(each.request.writes),
                "state": each.state,
                "attempts": each.attempts,
                "external_id": each.external_id,
                "reason": each.reason,
                "refused": [refusals.said(plan, part) for part in each.refused] if plan else [],
            }
            for each in runs.of_run(connection, row["id"])
        ],
        "opinion": _opinion(row["facts"]),
        "decision": json.loads(row["decision"]) if row["decision"] else None,
        "hashes": {"rules": row["rules_hash"], "facts": row["facts_hash"], "decision": row["decision_hash"]},
    }


def _opinion(facts: str | None) -> dict[str, Any] | None:
    """What a model added to the detectors' signals, and why; None where none answered in time."""
    signals = json.loads(facts).get("signals", {}) if facts else {}
    of_model = {name: each for name, each in signals.items() if name.startswith(FAMILY)}
    added = {name.removeprefix(FAMILY): each for name, each in of_model.items() if each.get("source")}
    return added if of_model else None


def stored_run(config: Config, run: str) -> tuple[Mapping[str, Any], Facts]:
    """A run by its id's beginning and what it decided from; exit 1 with the reason where that is not kept."""
    try:
        with reading(store_or_exit(config)) as connection:
            row = runs.find(connection, run)
    except Unreadable as error:
        fail(f"run {run} cannot be replayed: {error}")
    if row is None:
        fail(f"no run, or more than one, begins with {run}")
    if not row["facts"] and row["facts_hash"]:
        fail(f"run {row['id']}: its facts are not kept any more (retention, or a person was erased)")
    if not row["facts"]:
        fail(f"run {row['id']} ended before it decided: {row['reason'] or row['state']}")
    try:
        return row, facts_from_json(json.loads(row["facts"]))
    except (FactsInvalid, ValueError) as error:
        fail(f"run {row['id']} cannot be replayed: {error}")


def rules_of_run_or_exit(config: Config, row: Mapping[str, Any]) -> RuleSet:
    """The rules that the run decided by, else today's; exit 1 where this version understands them no more."""
    with reading(store_or_exit(config)) as connection:
        kept = rule_sets.find(connection, row["rules_hash"])
    try:
        return load_stored(*kept) if kept else load_configured(config)
    except ConfigInvalid as error:
        fail(f"run {row['id']} cannot be replayed: {error}")


@click.command()
@click.argument("run")
@config_option
def replay(run: str, config_file: Path) -> None:
    """Decide a stored run again from its stored facts and rules, offline. Exit 1 where the verdict or a stored byte differs.

    A run that an older version stored is compared by that version's hash, and says so."""
    config = load_or_exit(config_file)
    row, facts = stored_run(config, run)
    rules = rules_of_run_or_exit(config, row)
    decision = decide(rules, facts)
    writes = planner.hashed_writes(facts, decision)
    is_old = decision_hash_1(decision, writes) == row["decision_hash"]
    compared = {
        "facts": facts_hash(facts) == row["facts_hash"],
        "rules": rules.hash == row["rules_hash"],
        "decision": is_old or decision_hash(decision, writes) == row["decision_hash"],
    }
    print_json({"run": row["id"], "same": all(compared.values()), **compared})
    if is_old:
        say(f"compared by the hash as it was before version {HASH_VERSION}")
    if not compared["rules"]:
        say("the rules are not the ones of that run")
    if not all(compared.values()):
        fail("the replay differs: " + ", ".join(name for name, same in compared.items() if not same))


@click.group(invoke_without_command=True)
@config_option
@click.pass_context
def dead(context: click.Context, config_file: Path) -> None:
    """What was set aside for a person: events, plans, and public replies whose outcome nobody knows."""
    context.obj = config_file
    if context.invoked_subcommand is None:
        context.invoke(list_dead, config=load_or_exit(config_file))


@dead.command("list")
@config_here
def list_dead(config: Config) -> None:
    """One JSON line each, with the reason."""
    with reading(store_or_exit(config)) as connection:
        for found in dead_letters.everything(connection):
            counts = {"deliveries": found.deliveries, "plans": found.plans}
            print_json({"ticket": str(found.key), "reason": found.reason, **counts, "retry": f"deskhand dead retry {found.key}"})
        for each in runs.waiting(connection):
            print_json({"run": each.run_id, "request": each.number, "operation": each.request.operation, "reason": each.reason})


@dead.command("retry")
@click.argument("ticket")
@config_here
def retry(config: Config, ticket: str) -> None:
    """Work again on what was set aside of a ticket: a stored plan as it was stored, deliveries anew."""
    _unpark(config, ticket, drop=False)


@dead.command("drop")
@click.argument("ticket")
@config_here
def drop(config: Config, ticket: str) -> None:
    """Give up what was set aside of a ticket; its next event is worked on as usual."""
    _unpark(config, ticket, drop=True)


def _unpark(config: Config, text: str, *, drop: bool) -> None:
    key, now = _key(text), datetime.now(UTC)
    with store_or_exit(config).begin() as connection:
        count = dead_letters.give_up(connection, key, now) if drop else dead_letters.take_up(connection, key, now)
    if not count:
        fail(f"{key} is not set aside: `deskhand dead list` shows what is")
    if not drop:
        bell_for(config).ring(key)
    say(f"{key}: {count} {'given up' if drop else 'taken up again'} (deliveries and stored plans)")
