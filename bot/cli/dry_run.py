"""Commands that think and touch nothing: what is in this payload, what would be decided, what would be drafted."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from adapters.codec import to_json
from adapters.errors import PayloadUnexpected
from adapters.registry import ADAPTERS
from adapters.ticket import Event, Provider
from adapters.writes import PlannedWrite
from bot.cli.common import config_if_there, config_option, fail, print_json, read_input, read_json_input, say
from bot.config import Config, ConfigInvalid
from bot.directory import Directory
from bot.drafts import DraftAsk, drafter_for, never_draft
from bot.drafts import to_json as draft_json
from bot.drafts.article_search import ArticleIndex
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.showable import showable
from bot.drafts.types import withheld
from bot.rulesets.active import all_packs, load_configured, load_named
from bot.runtime.preflight import absent_files
from bot.senses import own_words_of, sense, strip_reply, visible_text
from bot.senses.letters import with_whole_letters
from bot.writes import planner
from bot.writes.note import Proposals, note_writes
from bot.writes.note_marker import marker
from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.files.json_text import parse_json
from rules.files.yaml_file import FileInvalid
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.model.canonical_json import decision_hash, facts_hash
from rules.model.decision import Decision, RuleResult
from rules.model.facts import Facts, Signal
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

_PARTS = re.compile(r"[.\[\]]")  # of a step's path: when.all[0].issue
ticket_option = click.option("--ticket", "ticket_file", required=True, help="A unified ticket as JSON; - is standard input.")
now_option = click.option("--now", "now_text", help="The time to decide at, ISO 8601 (default: the ticket's `now`, else now).")
rules_option = click.option("--rules", "rule_files", multiple=True, help="Rule files or packs (pack:vip), in order.")


@click.command()
@click.option("--provider", type=click.Choice([each.value for each in Provider]), required=True)
@click.option("--headers", "headers_file", type=click.Path(exists=True, path_type=Path), help="The headers, a JSON object.")
def normalize(provider: str, headers_file: Path | None) -> None:
    """Print the events in a webhook payload (standard input), one JSON line each. Signatures are not looked at."""
    body = read_input("-")
    headers = _headers(headers_file, body)
    try:
        found = ADAPTERS[Provider(provider)].parse(headers, body, provider)
    except PayloadUnexpected as error:
        fail(f"{provider}: {error}")
    for event in found:
        print_json(_event(event))


def _headers(path: Path | None, body: bytes) -> Mapping[str, str]:
    """The headers in a file; without one, the content type that the body looks like."""
    if path is None:
        is_form = b"=" in body and body.lstrip()[:1] not in (b"{", b"[", b'"', b"<")
        return {"content-type": "application/x-www-form-urlencoded" if is_form else "application/json"}
    tree = read_json_input(str(path))
    if not isinstance(tree, dict):
        fail(f"{path}: wanted an object of headers")
    return {str(name).lower(): str(value) for name, value in tree.items()}


def _event(event: Event) -> dict[str, Any]:
    return {
        "provider": event.provider.value,
        "type": event.type.value,
        "ticket": event.ticket.external_id if event.ticket else None,
        "delivery_key": event.delivery_key,
        "actor": event.actor,
        "actor_is_us": event.actor_is_us,
        "occurred_at": event.occurred_at.isoformat() if event.occurred_at else None,
        "changes": to_json(event.changes),
        "kind": event.ticket.kind.value if event.ticket else None,
        "kind_raw": event.kind_raw,
    }


@click.command()
@ticket_option
@rules_option
@now_option
@config_option
def decide_ticket(ticket_file: str, rule_files: tuple[str, ...], now_text: str | None, config_file: Path) -> None:
    """Print what the rules decide about a ticket: the writes, each rule's steps, and hashes. Nothing is called or written."""
    config = config_if_there(config_file)
    rules = rules_or_exit(rule_files, config)
    print_json(decided_json(rules, read_facts(ticket_file, now_text, config, rules.own_issues)))


def rules_or_exit(rule_files: Iterable[str], config: Config | None) -> RuleSet:
    """The rules that were named, else the configuration's, else all packs; exit 1 with every problem where they are wrong."""
    names = list(rule_files)
    try:
        if names:
            return load_named(names, Path())
        return load_configured(config) if config else load_named(all_packs(), Path())
    except ConfigInvalid as error:
        fail(error)


def read_facts(name: str, now_text: str | None, config: Config | None, own: OwnIssues = NO_OWN_ISSUES) -> Facts:
    """Facts from a file: signals, company and requester are filled in unless the file fixes them. Exit 1 where it is wrong."""
    tree = read_json_input(name)
    try:
        now = datetime.fromisoformat(now_text) if now_text else None
    except ValueError:
        fail(f"--now: wanted a time like 2026-11-21T09:30:00+00:00, found {now_text!r}", 2)
    if now is not None:
        now = now if now.tzinfo else now.replace(tzinfo=UTC)
        tree = {name: each for name, each in tree.items() if name != "now"} if isinstance(tree, dict) else tree
    try:
        facts = facts_from_json(tree, now or datetime.now(UTC))
    except FactsInvalid as error:
        fail("\n".join(f"{name}: {line}" for line in str(error).splitlines()))
    return completed(facts, tree, config, own)


def completed(facts: Facts, tree: Mapping[str, Any], config: Config | None, own: OwnIssues = NO_OWN_ISSUES) -> Facts:
    """The facts with what the reader, the detectors and the directory say, where the file did not fix it. `own`: the issues that
    the rules add."""
    facts = replace(facts, signals={**sense(facts.ticket, facts.now, own=own), **facts.signals})
    if "own_words" not in tree:
        facts = replace(facts, own_words=own_words_of(facts.ticket))
    files = tuple(config.resolve(each) for each in config.settings.directory.files) if config else ()
    directory = Directory.load(files)
    company, requester = directory.enrich(facts.ticket)
    if config and "working_hours" not in tree:
        facts = replace(facts, working_hours=(hours := config.settings.hours))
        if hours and "in_working_time" not in tree:
            facts = replace(facts, in_working_time=hours.covers(facts.now))
    if "agents" not in tree:
        facts = replace(facts, agents=directory.agents(facts.now))
    if "company" not in tree:
        facts = replace(facts, company=company)
    return facts if "requester" in tree else replace(facts, requester=requester)


def decided_json(rules: RuleSet, facts: Facts) -> dict[str, Any]:
    """What `deskhand decide` prints."""
    decision = decide(rules, facts)
    writes = planner.hashed_writes(facts, decision)
    return {
        "writes": [_write(each) for each in writes],
        "rules": to_json(decision.rules),
        "decided": _decided(decision),
        "signals": evidence([each for each in decision.rules if each.fired], facts),
        "hash": decision_hash(decision, writes),
        "facts_hash": facts_hash(facts),
        "rules_hash": rules.hash,
    }


def evidence(rules: Iterable[RuleResult], facts: Facts) -> dict[str, Any]:
    """The signals that these rules asked, each with its score and what it rests on: the customer's words, between “ and ”."""
    asked = {part for rule in rules for step in rule.steps for part in _PARTS.split(step.path)}
    return {name: _shown(signal) for name, signal in sorted(facts.signals.items()) if name in asked}


def _shown(signal: Signal) -> dict[str, Any]:
    return {"value": to_json(signal.value), "score": signal.score, "why": signal.why}


def _write(planned: PlannedWrite) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": planned.write.kind, **to_json(planned.write), "rules": list(planned.rules)}
    if planned.write.kind == "note":  # its words are `deskhand draft`'s
        shown = {"kind": "note", "rules": list(planned.rules)}
    return shown


_ALWAYS_SHOWN = ("priority", "status", "team", "assignee")  # null: no rule wished anything


def _decided(decision: Decision) -> dict[str, Any]:
    """The combined wishes by name, without those that nobody has; `by` names the winning rules, `lost` the overruled wishes."""
    tree: dict[str, Any] = to_json(decision)
    kept = {name: value for name, value in tree.items() if name not in ("rules", "state")}
    return {name: value for name, value in kept.items() if value or name in _ALWAYS_SHOWN}


@click.command()
@rules_option
@config_option
def sense_tickets(rule_files: tuple[str, ...], config_file: Path) -> None:
    """Print the signals of tickets: JSON lines in, JSON lines out ({"id", "signals"}).

    The issues and areas that the rules add are told too: those of --rules, else of the configuration where there is one."""
    config = config_if_there(config_file)
    own = rules_or_exit(rule_files, config).own_issues if rule_files or config else NO_OWN_ISSUES
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            tree = parse_json(line, "", number)
            if not isinstance(tree, dict):
                fail(f"line {number}: not a JSON object: wanted a ticket, or `ticket` with facts beside it")
            facts = facts_from_json({name: each for name, each in tree.items() if name != "id"}, datetime.now(UTC))
        except FileInvalid as error:
            fail(f"line {number}: column {error.problem.column}: {error.problem.told}")
        except FactsInvalid as error:
            fail(f"line {number}: {error}")
        signals = sense(facts.ticket, facts.now, own=own)
        shown = {name: _shown(each) for name, each in signals.items()}
        print_json({"id": tree.get("id", facts.ticket.external_id), "signals": shown})


@click.command()
@ticket_option
@now_option
@click.option("--tone", default="", help="As a rule's draft_reply would say it.")
@click.option("--instructions", default="", help="What the draft must say or leave out.")
@config_option
def draft_reply(ticket_file: str, now_text: str | None, tone: str, instructions: str, config_file: Path) -> None:
    """Print a suggested reply for a ticket with its sources and checks, and the note that an agent would see."""
    config = config_if_there(config_file)
    facts = read_facts(ticket_file, now_text, config)
    facts = replace(facts, ticket=with_whole_letters(facts.ticket))
    ask = DraftAsk(
        ticket=facts.ticket,
        now=facts.now,
        signals=facts.signals,
        company=facts.company,
        tone=tone,
        instructions=instructions,
        question=visible_text(facts.ticket),
    )
    if config is None:
        say(f"{config_file}: not there, so no articles are known and none is quoted: name the configuration with --config")
    elif absent := absent_files(config):
        say("\n".join(map(str, absent)))
    if why := never_draft(facts.ticket, facts.signals):
        draft = withheld(why, ask)
    else:
        draft = (drafter_for(config) if config else OfflineDrafter(ArticleIndex(()))).draft(ask)
    draft = showable(draft)
    key = config.settings.marker_keys[0] if config else "preview"
    mark = marker(key, facts_hash(facts), str(facts.ticket.key))
    writes = note_writes(facts, Decision(), draft, Proposals(), (), (), (), marker=mark, pack_version="").writes
    note = next((each.write.html for each in writes if each.write.kind == "note"), "")
    print_json(draft_json(draft, note))


@click.command()
def strip() -> None:
    """Print the visible reply in an e-mail text (standard input), without quotes and signature."""
    click.echo(strip_reply(read_input("-").decode("utf-8", "replace")))
