"""The rule files that the configuration names, loaded and checked in one step, by `deskhand check` and at the start alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.config import Config, ConfigInvalid
from rules.load import load_rules
from rules.ruleset import RuleSet
from rules.sources import RulesInvalid, Source, pack_names, read_sources


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
    """Rules as a run decided by them. Raises ConfigInvalid where this version does not understand them any more."""
    try:
        return load_rules(sources, values)
    except RulesInvalid as error:
        raise ConfigInvalid(list(error.problems)) from error


def all_packs() -> list[str]:
    """The shipped packs, in the order in which they belong."""
    order = ("priority", "vip", "churn", "escalation", "routing", "respond")
    return [f"pack:{name}" for name in (*order, *(name for name in pack_names() if name not in order))]
