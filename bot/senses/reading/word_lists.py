"""The lists in `words/`: which words a mail program, a law or a form writes, in many languages. Folded once, then looked up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import re2

from bot.senses.reading.folding import folded
from rules.files.yaml_file import plain, read_yaml

WORDS = Path(__file__).parent / "words"
_CAPACITY = 64


@lru_cache(maxsize=_CAPACITY)
def phrases(name: str) -> frozenset[str]:
    """All phrases below `file.part`, of every language."""
    return frozenset(folded(phrase).strip() for phrase in _leaves(_part(name)))


@lru_cache(maxsize=_CAPACITY)
def longest_first(name: str) -> tuple[str, ...]:
    return tuple(sorted(phrases(name), key=lambda phrase: (-len(phrase), phrase)))


@lru_cache(maxsize=_CAPACITY)
def parts_of(name: str) -> dict[str, frozenset[str]]:
    """Phrase -> the parts of `file.part` that hold it: a header's name may mean more than one thing."""
    found: dict[str, frozenset[str]] = {}
    for part in _part(name):
        for phrase in phrases(f"{name}.{part}"):
            found[phrase] = found.get(phrase, frozenset()) | {part}
    return found


@lru_cache(maxsize=_CAPACITY)
def anywhere(name: str) -> Any:
    """One pattern for all phrases of a list: as whole words in scripts that have spaces, as they stand in others."""
    spaced = [re2.escape(each) for each in longest_first(name) if _has_spaces(each)]
    others = [re2.escape(each) for each in longest_first(name) if not _has_spaces(each)]
    edged = rf"(?:^|[^\pL\pN])(?:{'|'.join(spaced)})(?:$|[^\pL\pN])" if spaced else ""
    return re2.compile("|".join(each for each in (edged, *others) if each))


@lru_cache(maxsize=_CAPACITY)
def inside(name: str) -> Any:
    """One pattern for all phrases of a list, wherever they stand."""
    return re2.compile("|".join(re2.escape(each) for each in longest_first(name)))


def _part(name: str) -> Any:
    file, *steps = name.split(".")
    found = _tree(file)
    for step in steps:
        found = found[step]
    return found


@lru_cache(maxsize=_CAPACITY)
def _tree(file: str) -> Any:
    return plain(read_yaml(WORDS / f"{file}.yaml", shown_as=f"{file}.yaml"))


def _leaves(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    else:
        for each in found.values() if isinstance(found, dict) else found:
            yield from _leaves(each)


def _has_spaces(phrase: str) -> bool:
    """Latin, Greek, Cyrillic and the like; others glue endings and neighbours to a word."""
    return all(ord(char) < 0x590 for char in phrase)
