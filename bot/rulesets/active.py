"""The rule files that the configuration names, loaded and checked in one step; and which rules count in this moment.

The files' content runs once it was taken up as a version (bot/rulesets/versions.py). Each process asks the database now and then
which version that is; one that it cannot read, for whatever reason, leaves the last good one in place.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Config, ConfigInvalid
from bot.log import get_logger
from bot.store.database.engine import reading
from bot.store.rules import rule_firings, rule_versions
from bot.store.rules.rule_firings import Stop
from rules.engine.rule import Stage
from rules.engine.ruleset import RuleSet
from rules.files.sources import RulesInvalid, Source, pack_names, read_sources
from rules.loading.load import load_rules

log = get_logger("rules")
ASK_EVERY_S = 1.0


def load_configured(config: Config) -> RuleSet:
    """All rule files in the order of the configuration. Raises ConfigInvalid with every problem in them."""
    return load_named(config.settings.rules, config.path.parent, config.settings.rule_values)


def load_named(names: Iterable[str], base: Path, values: Mapping[str, Any] | None = None) -> RuleSet:
    """Rule files, folders and packs (`pack:vip`) by name. Raises ConfigInvalid with every problem in them."""
    try:
        return load_rules(read_sources(names, base), values or {})
    except RulesInvalid as error:
        raise ConfigInvalid(list(error.problems)) from error


def load_stored(sources: Iterable[Source], values: Mapping[str, Any]) -> RuleSet:
    """Rules as they were stored. Raises ConfigInvalid where this version does not understand them any more."""
    try:
        return load_rules(sources, values)
    except RulesInvalid as error:
        raise ConfigInvalid(list(error.problems)) from error


def all_packs() -> list[str]:
    """The shipped packs, in the order in which they belong."""
    order = ("triage", "priority", "vip", "churn", "escalation", "routing", "respond")
    return [f"pack:{name}" for name in (*order, *(name for name in pack_names() if name not in order))]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveRules:
    """What counts now; a run keeps what it began with. `version`: 0 where none was taken up. `switched_off`: rules that do not
    count. `rested`: rules that rested and count again, since when. `in_shadow`: rules that also decide, beside the others."""

    rules: RuleSet
    version: int = 0
    switched_off: frozenset[str] = frozenset()
    rested: Mapping[str, datetime] = field(default_factory=dict)
    in_shadow: frozenset[str] = frozenset()


def active_rules(rules: RuleSet, now: datetime, version: int = 0, stops: Collection[Stop] = ()) -> ActiveRules:
    """A rule that was mended since it was switched off counts again, and so does one that has rested."""
    meanings = {rule.id: rule.semantic_hash for rule in rules.rules}
    off = frozenset(stop.rule for stop in stops if stop.holds(now) and stop.semantic_hash in ("", meanings.get(stop.rule)))
    rested = {stop.rule: stop.until for stop in stops if stop.until and not stop.holds(now)}
    shadow = frozenset(rule.id for rule in rules.rules if rule.stage is Stage.SHADOW)
    return ActiveRules(rules=rules, version=version, switched_off=off, rested=rested, in_shadow=shadow - off)


class Rulebook:
    """One process's view of what counts."""

    def __init__(self) -> None:
        self._asked_at = float("-inf")
        self._version = 0
        self._rules: RuleSet | None = None  # of that version
        self._stops: tuple[Stop, ...] = ()
        self._standing: ActiveRules | None = None  # made of these

    def forget(self) -> None:
        """Ask at the next moment anew: something was switched off just now."""
        self._asked_at = float("-inf")

    def now(self, engine: Engine, otherwise: RuleSet, now: datetime) -> ActiveRules:
        """What counts. `otherwise`: where no version was taken up in this database."""
        if time.monotonic() - self._asked_at >= ASK_EVERY_S:
            self._ask(engine)
        rules = self._rules or otherwise
        if self._standing is None or self._standing.rules is not rules:
            self._standing = active_rules(rules, now, self._version if self._rules else 0, self._stops)
        return self._standing

    def _ask(self, engine: Engine) -> None:
        try:
            with reading(engine) as connection:
                number = rule_versions.active_number(connection)
                self._stops = tuple(rule_firings.stops(connection))
                found = rule_versions.find(connection, number) if number != self._version else None
        except SQLAlchemyError as error:  # the run that asks will say so itself; what counted still does
            log.warning("rules.not_asked", why=type(error).__name__)
            return
        self._asked_at = time.monotonic()
        self._standing = None
        if not number:  # also where a database was put back that is older than its versions
            self._rules = None
        if found is None:
            self._version = number
            return
        try:
            self._rules = load_stored(found.sources, found.values)
        except ConfigInvalid as error:
            log.error("rules.not_understood", version=number, problems=len(error.problems))
        else:
            log.info("rules.read", version=number)
        self._version = number
