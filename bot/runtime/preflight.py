"""Everything that a start reads, looked at before anything is opened: `deskhand check` and every start ask the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

from adapters.addresses import is_private
from bot.config import Config, ConfigInvalid
from bot.directory import Directory
from bot.drafts import drafter_for
from bot.rulesets.active import load_configured
from rules.files.problems import Problem, Severity, suggest
from rules.files.sources import pack_names
from rules.files.yaml_file import Location, path_of, place_of, read_yaml
from rules.lint.loops import together


def find_problems(config: Config, *, is_thorough: bool = False) -> list[Problem]:
    """All problems of rule files, directory files and drafter, warnings among them. `is_thorough`: also what is only found by
    playing rules on tickets."""
    if absent := absent_files(config):
        return absent
    found = list(_unencrypted(config))
    try:
        rules = load_configured(config)
        found += [*rules.warnings, *(together(rules) if is_thorough else ())]
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


def _unencrypted(config: Config) -> Iterator[Problem]:
    """Warnings where database or queue are spoken to across the internet, by the look of their names, without encryption. No
    errors: hosts in a cloud's own network often have such names."""
    settings, tree = config.settings, read_yaml(config.path)
    if settings.queue.startswith("redis://") and not is_private(settings.queue):
        yield _in_the_clear(config, tree, "queue", "write rediss://, unless that host is in a network of your own")
    parts = urlsplit(settings.database)
    is_safe = {"require", "verify-ca", "verify-full"} & set(parse_qs(parts.query).get("sslmode", ()))
    if parts.scheme.startswith("postgresql") and parts.hostname and not is_safe and not is_private(settings.database):
        words = "write ?sslmode=verify-full (or require) behind it, unless that host is in a network of your own"
        yield _in_the_clear(config, tree, "database", words)


def _in_the_clear(config: Config, tree: object, name: str, what_to_do: str) -> Problem:
    line, column = place_of(tree, (name,))
    message = f"{name}: the address looks public, and nothing says that the connection is encrypted"
    return Problem(
        file=str(config.path), line=line, column=column, path=name, message=message, hint=what_to_do, severity=Severity.WARNING
    )


def absent_files(config: Config) -> list[Problem]:
    """Files and packs that the settings name and that are not there, each where it is named."""
    settings = config.settings
    named: list[tuple[Location, str]] = [(("rules", place), name) for place, name in enumerate(settings.rules)]
    named += [(("directory", "files", place), name) for place, name in enumerate(settings.directory.files)]
    named += [(("drafts", "articles"), settings.drafts.articles)] if settings.drafts.articles else []
    tree = read_yaml(config.path)
    return [_problem(config, tree, at, name) for at, name in named if not _is_there(config, name)]


def _is_there(config: Config, name: str) -> bool:
    return name.removeprefix("pack:") in pack_names() if name.startswith("pack:") else config.resolve(name).exists()


def _problem(config: Config, tree: object, at: Location, name: str) -> Problem:
    is_pack = name.startswith("pack:")
    message = f"no such pack{suggest(name, [f'pack:{each}' for each in pack_names()])}" if is_pack else "no such file"
    hint = f"packs are {', '.join(pack_names())}" if is_pack else f"paths start at {config.path.parent}"
    line, column = place_of(tree, at)
    return Problem(
        file=str(config.path), line=line, column=column, path=path_of(at), message=f"{path_of(at)}: {name}: {message}", hint=hint
    )
