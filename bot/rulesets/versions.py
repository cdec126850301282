"""Which rules run: the files' content is taken up as a numbered version, or refused, or a version is taken back.

The files are the admin's; the database says which of their states runs, so that all processes change together and one command
goes back. Every way to change what is written on tickets without a person passes `take_up` and its gate.
docs/decisions/0017-rules-have-versions.md
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from adapters.ticket import Json
from bot.config import Config, ConfigInvalid, FlowSettings
from bot.log import get_logger
from bot.rulesets.active import load_stored
from bot.store.database.engine import reading
from bot.store.rules import rule_sets, rule_versions
from bot.store.rules.rule_versions import Version
from rules.engine.rule import Rule
from rules.engine.ruleset import RuleSet
from rules.files.problems import Problem
from rules.files.sources import RulesInvalid, Source
from rules.language.conditions import jsonable
from rules.loading.load import load_rules, read_sources
from rules.model.canonical_json import digest
from rules.tools.run_tests import failures

log = get_logger("rules")
TRIES = 3
FILES = "files"  # the author of what was found in the files
FIRST = "the first rules of this database"
Outcome = Literal["same", "taken", "refused", "taken back before"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Ids of rules against the version before. `stages`: (rule, from, to)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    stages: tuple[tuple[str, str, str], ...] = ()

    def to_json(self) -> dict[str, Json]:
        stages: list[Json] = [[*each] for each in self.stages]
        return {"added": [*self.added], "removed": [*self.removed], "changed": [*self.changed], "stages": stages}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of it. `number`: of the version that runs now, or that was refused; 0 where there is none."""

    outcome: Outcome
    number: int
    changes: Changes = field(default_factory=Changes)
    problems: tuple[str, ...] = ()


def content_hash(sources: Iterable[Source], values: Mapping[str, Any]) -> str:
    """Of the very text, comments and tests too."""
    return digest([[[each.name, each.text] for each in sources], jsonable(values)])


class Overtaken(Exception):
    """Somebody else changed what runs in this moment: what was compared with it counts no more."""


def take_up(engine: Engine, config: Config, now: datetime, *, author: str, reason: str, is_asked: bool = False) -> Taken:
    """Let what the configured files hold run from now on, if it may. `is_asked`: a person wants just this now, so that also what
    was taken back before is taken up. Raises Overtaken where others go on changing it: processes that start together do once."""
    for _ in range(TRIES - 1):
        with suppress(Overtaken):
            return _take_up(engine, config, now, author, reason, is_asked=is_asked)
    return _take_up(engine, config, now, author, reason, is_asked=is_asked)


def _take_up(engine: Engine, config: Config, now: datetime, author: str, reason: str, *, is_asked: bool) -> Taken:
    values = config.settings.rule_values
    try:
        sources = tuple(read_sources(config.settings.rules, config.path.parent))
    except RulesInvalid as error:
        return _refuse(engine, Version(**_row(now, author, reason, "", values)), [str(each) for each in error.problems])
    version = Version(**_row(now, author, reason, content_hash(sources, values), values))
    if (known := _known(engine, version.content_hash, is_asked=is_asked)) is not None:
        return known
    try:
        rules = load_rules(sources, values)
    except RulesInvalid as error:
        return _refuse(engine, version, [str(each) for each in error.problems])
    with reading(engine) as connection:
        active = rule_versions.active(connection)
        if active is not None and active.content_hash == version.content_hash:  # since the look before the rules were read
            return Taken(outcome="same", number=active.number)
        before = _loaded(active)
        problems = list(objections(connection, config, before, rules, now)) if active else []
    if problems:
        return _refuse(engine, version, [str(each) for each in problems])
    changes = changes_between(before or RuleSet(), rules)
    made = replace(version, rules_hash=rules.hash, sources=sources, changes=changes.to_json(), reason=reason if active else FIRST)
    return _activate(engine, made, changes, active.number if active else 0)


def _row(now: datetime, author: str, reason: str, hash: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": 0,
        "made_at": now,
        "author": author,
        "reason": reason,
        "state": "active",
        "content_hash": hash,
        "values": values,
        "changes": {},
    }


def _known(engine: Engine, hash: str, *, is_asked: bool) -> Taken | None:
    """Nothing to do: it runs already, or a person has taken it back."""
    with reading(engine) as connection:
        active, found = rule_versions.active(connection), rule_versions.with_content(connection, hash)
    if active is not None and active.content_hash == hash:
        return Taken(outcome="same", number=active.number)
    if found is not None and found.state == "withdrawn" and not is_asked:
        return Taken(outcome="taken back before", number=found.number, problems=(f"version {found.number} was taken back",))
    return None


def _refuse(engine: Engine, version: Version, problems: list[str]) -> Taken:
    """Keep why, once: a file that stays wrong is looked at again and again. Raises Overtaken."""
    told = (version.content_hash, tuple(problems))
    try:
        with engine.begin() as connection:
            newest = next(iter(rule_versions.newest(connection)), None)
            if newest is not None and newest.state == "refused" and (newest.content_hash, newest.problems) == told:
                return Taken(outcome="refused", number=newest.number, problems=newest.problems)
            number = rule_versions.next_number(connection)
            rule_versions.add(connection, replace(version, number=number, state="refused", problems=tuple(problems)))
    except IntegrityError as error:
        raise Overtaken("something was taken up in this moment") from error
    log.warning("rules.refused", version=number, problems=len(problems))
    return Taken(outcome="refused", number=number, problems=tuple(problems))


def _activate(engine: Engine, version: Version, changes: Changes, since: int, *, is_back: bool = False) -> Taken:
    """Put it in the place of the version `since`, which is taken back if `is_back`. Raises Overtaken."""
    try:
        with engine.begin() as connection:
            number = rule_versions.next_number(connection)  # before the look at what runs: who commits between is noticed there
            if rule_versions.active_number(connection) != since:
                raise Overtaken(f"version {since} runs no more")
            rule_versions.add(connection, replace(version, number=number))
            if is_back:
                rule_versions.withdraw(connection, since)
            rule_sets.keep(connection, version.rules_hash, version.sources, version.values, version.made_at)
    except IntegrityError as error:  # both saw the same version, and took the same number
        raise Overtaken(f"version {since} runs no more") from error
    log.info("rules.taken_up", version=number, author=version.author, **{name: len(ids) for name, ids in _counts(changes)})
    return Taken(outcome="taken", number=number, changes=changes)


def _counts(changes: Changes) -> list[tuple[str, tuple[Any, ...]]]:
    return [("added", changes.added), ("removed", changes.removed), ("changed", changes.changed), ("stages", changes.stages)]


def roll_back(engine: Engine, config: Config, now: datetime, *, author: str, reason: str, to: int | None = None) -> Taken:
    """Run an older version again: the one before, or `to`. What ran is taken back, with its reason. Raises LookupError in words
    where there is none to go back to; ConfigInvalid where this release does not understand it any more; Overtaken."""
    with reading(engine) as connection:
        active = rule_versions.active(connection)
        target = rule_versions.find(connection, to) if to is not None else rule_versions.last_replaced(connection)
    if active is None or target is None or not target.sources:
        words = f"there is no version {to} that ever ran" if to is not None else "nothing ran before"
        raise LookupError(f"{words}: `deskhand rules versions` lists what there is")
    if target.number == active.number:
        raise LookupError(f"version {to} is the one that runs")
    rules = load_stored(target.sources, target.values)
    changes = changes_between(_loaded(active) or RuleSet(), rules)
    made = replace(
        target, number=0, made_at=now, author=author, reason=reason, state="active", changes=changes.to_json(), problems=()
    )
    return _activate(engine, made, changes, active.number, is_back=True)


def _loaded(version: Version | None) -> RuleSet | None:
    """None also where this release does not understand the version any more: there is nothing to compare with."""
    try:
        return load_stored(version.sources, version.values) if version else None
    except ConfigInvalid:
        return None


# --- the gate


def objections(
    connection: Connection, config: Config, before: RuleSet | None, rules: RuleSet, now: datetime
) -> Iterator[Problem]:
    """Why these rules may not run yet: for each rule that becomes live or means something else, its tests; for them all, a
    backtest of just these rules."""
    new = newly_live(before, rules)
    if not new:
        return
    ids = {rule.id for rule in new}
    for rule in new:
        if not rule.tests:
            yield _at(rule, f"{rule.id}: goes live without a test", "write one beside it, or `deskhand test --record RUN`")
    yield from failures(rules, only=ids)
    flow = config.settings.flow
    if flow.backtest_days is None or all(account.mode == "shadow" for account in config.settings.accounts):
        return
    made = rule_versions.backtest_of(connection, rules.hash)
    if made is None or now - made.made_at > timedelta(days=flow.backtest_days):
        yield _no_backtest(new, flow, None if made is None else made.made_at)


def _no_backtest(new: list[Rule], flow: FlowSettings, made_at: datetime | None) -> Problem:
    names = ", ".join(rule.id for rule in new[:5]) + (f" and {len(new) - 5} more" if len(new) > 5 else "")
    found = f"the last is of {made_at:%Y-%m-%d}, older than {flow.backtest_days} days" if made_at else "there is none"
    message = f"{names}: {'goes' if len(new) == 1 else 'go'} live without a backtest of these very rules: {found}"
    return _at(new[0], message, "run `deskhand backtest`, look at it, then `deskhand rules apply --reason ...`")


def _at(rule: Rule, message: str, hint: str) -> Problem:
    return Problem(file=rule.file, line=rule.line, column=5, path=f"rules.{rule.id}", message=message, hint=hint)


def newly_live(before: RuleSet | None, rules: RuleSet) -> list[Rule]:
    """The rules that count and did not, or did with another meaning."""
    ran = {rule.id: rule.semantic_hash for rule in before.rules if rule.is_live} if before else {}
    return [rule for rule in rules.rules if rule.is_live and ran.get(rule.id) != rule.semantic_hash]


def changes_between(before: RuleSet, after: RuleSet) -> Changes:
    old, new = ({rule.id: rule for rule in rules.rules} for rules in (before, after))
    both = [(old[id], rule) for id, rule in new.items() if id in old]
    return Changes(
        added=tuple(id for id in new if id not in old),
        removed=tuple(id for id in old if id not in new),
        changed=tuple(rule.id for was, rule in both if was.semantic_hash != rule.semantic_hash),
        stages=tuple((rule.id, was.stage.value, rule.stage.value) for was, rule in both if was.stage is not rule.stage),
    )


def diff(before: Iterable[Source], after: Iterable[Source]) -> Iterator[str]:
    """The files' lines, as `diff -u` shows them."""
    old, new = ({each.name: each.text for each in sources} for sources in (before, after))
    for name in sorted({*old, *new}):
        lines = difflib.unified_diff(
            old.get(name, "").splitlines(), new.get(name, "").splitlines(), f"before/{name}", f"after/{name}", lineterm=""
        )
        yield from lines
