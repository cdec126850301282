"""The rule files that the configuration names, loaded and checked in one step, by `deskhand check` and at the start alike."""

from __future__ import annotations

from rules.load import RuleSet, RulesInvalid, Source, load_rules

from bot.config import Config, ConfigInvalid


def load_configured(config: Config) -> RuleSet:
    """All rule files in the order of the configuration. Raises ConfigInvalid with every problem in them."""
    settings = config.settings
    sources = [Source.named(name, config.path.parent) for name in settings.rules]
    try:
        return load_rules(sources, settings.rule_values)
    except RulesInvalid as error:
        raise ConfigInvalid(list(error.problems)) from error
