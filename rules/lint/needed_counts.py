"""Which counts over history a set of rules needs: those of its conditions, and those that its texts name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.ticket import Json
from rules.actions import Action
from rules.engine.rule import RuleFile
from rules.language.conditions import Condition, leaves_of
from rules.language.history_counts import FAMILY, SIMILAR_OPEN, Count, count_named
from rules.language.templates import names_in


def asked(files: Iterable[RuleFile]) -> dict[str, Count]:
    """The questions by their names in the facts (`tickets_by_requester.30d`), in the order in which they are met first."""
    found = {name: count_named(name) for name in dict.fromkeys(_names(files))}
    return {name: count for name, count in found.items() if count is not None}


def asks_for_similar(files: Iterable[RuleFile]) -> bool:
    """Whether a rule asks how many open tickets sound alike."""
    return SIMILAR_OPEN in _names(files)


def _names(files: Iterable[RuleFile]) -> Iterator[str]:
    every = (name for file in files for rule in file.rules for name in names_asked(rule.when, rule.actions))
    return (name.removeprefix(FAMILY) for name in every if name.startswith(FAMILY))


def names_asked(when: Condition | None, actions: Iterable[Action]) -> Iterator[str]:
    """The fields that a rule asks for, in conditions and in texts, by their names in the registry."""
    yield from (leaf.field.name for leaf, _ in leaves_of(when))
    for action in actions:
        for text in texts_in(action.written):
            yield from names_in(text)
        if (of := getattr(action.options, "of", "")) and isinstance(of, str):  # tag_value names its field so
            yield of


def texts_in(written: Json) -> Iterator[str]:
    """Every text of a JSON value."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict | list):
        for each in written.values() if isinstance(written, dict) else written:
            yield from texts_in(each)
