"""Which counts over history a set of rules needs: those of its conditions, and those that its texts name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.ticket import Json
from rules.engine.rule import Rule, RuleFile
from rules.language.conditions import leaves_of
from rules.language.history_counts import FAMILY, Count, count_named
from rules.language.templates import names_in


def asked(files: Iterable[RuleFile]) -> dict[str, Count]:
    """The questions by their names in the facts (`tickets_by_requester.30d`), in the order in which they are met first."""
    names = [
        name.removeprefix(FAMILY) for file in files for rule in file.rules for name in _names(rule) if name.startswith(FAMILY)
    ]
    found = {name: count_named(name) for name in dict.fromkeys(names)}
    return {name: count for name, count in found.items() if count is not None}


def _names(rule: Rule) -> Iterator[str]:
    """Fields by their names in the registry."""
    yield from (leaf.field.name for leaf, _ in leaves_of(rule.when))
    for action in rule.actions:
        for text in _texts(action.written):
            yield from names_in(text)


def _texts(written: Json) -> Iterator[str]:
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict | list):
        for each in written.values() if isinstance(written, dict) else written:
            yield from _texts(each)
