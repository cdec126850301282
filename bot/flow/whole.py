"""Everything that a start reads, looked at before anything is opened: `deskhand check` and every start ask the same."""

from __future__ import annotations

from collections.abc import Callable

from bot.config import Config, ConfigInvalid
from bot.directory import Directory
from bot.drafts import drafter_for
from bot.flow.rulebook import load_configured
from rules.problems import Problem


def find_problems(config: Config) -> list[Problem]:
    """All problems of rule files, directory files and drafter, warnings among them."""
    found: list[Problem] = []
    try:
        found += load_configured(config).warnings
    except ConfigInvalid as error:
        found += error.problems
    looks: tuple[Callable[[], object], ...] = (
        lambda: Directory.load(tuple(config.resolve(name) for name in config.settings.directory.files)),
        lambda: drafter_for(config),
    )
    for look in looks:
        try:
            look()
        except ConfigInvalid as error:
            found += error.problems
    return found


def require_whole(config: Config) -> None:
    """Raises ConfigInvalid with every problem that is more than a warning."""
    if wrong := [each for each in find_problems(config) if each.severity == "error"]:
        raise ConfigInvalid(wrong)
