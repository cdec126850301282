"""Finding words and phrases in customers' text: whole words, any case, linear time, with cheap care for negation.

Word lists are YAML files in `lists/`. A phrase is words; `cancel*` is a word that starts so; `_` stands for up to three
words in between. All languages of a list are looked for at once: tickets mix them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import re2

from rules.files.yaml_file import plain, read_yaml

LISTS = Path(__file__).parent / "lists"
MAX_CHARS = 16_000
_STOPS = frozenset('.,;:!?()[]{}\n"“”„«»|…¿¡—–')


@lru_cache(maxsize=4)
def normal(text: str) -> str:
    """` word  word  | word `: NFKC, casefolded, two spaces between words (so neighbours both match), `|` at a pause."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold().replace("’", "'").replace("`", "'")
    spaced = "".join(char if char.isalnum() or char in "'_-%&+@/" else " | " if char in _STOPS else " " for char in folded)
    words = (word.strip("'-_/") or "" for word in spaced.split())
    return " " + "  ".join(word for word in words if word) + " "


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A phrase of a list as it stands in the text. `weight` is its list's; `negated`: "I don't want to cancel"."""

    words: str
    label: str
    weight: float
    negated: bool = False


class Lexicon:
    """A word list, compiled once. `find` gives each distinct phrase of the text once, in order."""

    def __init__(self, groups: list[tuple[str, float, list[str]]]) -> None:
        self.labels = tuple(dict.fromkeys(label for label, _, _ in groups))
        self._groups = [
            (label, weight, re2.compile(f" (?:{'|'.join(map(_pattern, phrases))}) ")) for label, weight, phrases in groups
        ]

    def find(self, text: str, below: str = "") -> list[Hit]:
        """`below`: only labels that start so."""
        words = normal(text)
        found: dict[tuple[str, str], Hit] = {}
        for label, weight, pattern in self._groups:
            if not label.startswith(below):
                continue
            for match in pattern.finditer(words):
                phrase = " ".join(match.group().split())
                hit = Hit(words=phrase, label=label, weight=weight, negated=_is_negated(words, match.start(), match.end()))
                known = found.get((label, phrase))
                if known is None or known.negated:  # said once without "not" counts
                    found[label, phrase] = hit
        return list(found.values())

    def said(self, text: str, below: str = "") -> list[Hit]:
        """What is found and not negated."""
        return [hit for hit in self.find(text, below) if not hit.negated]


def _pattern(phrase: str) -> str:
    """A phrase as a regular expression over `normal` text."""
    pattern = ""
    for word in phrase.split():
        if word == "_":
            pattern += "(?:  [^ |]+){0,3}"
            continue
        stem = re2.escape(normal(word.removesuffix("*")).strip())
        pattern += ("  " if pattern else "") + stem + ("[^ |]*" if word.endswith("*") else "")
    return pattern


def _is_negated(words: str, start: int, end: int) -> bool:
    """True where a negation stands before, with only words like "want to" between, or (German, French) just after."""
    before = words[max(0, start - 120) : start].split("|")[-1].split()
    after = words[end : end + 60].split("|")[0].split()
    for word in reversed(before[-6:]):
        if word in _words_of("before"):
            return True
        if word not in _words_of("bridge"):
            break
    return bool(after) and after[0] in _words_of("after")


@lru_cache(maxsize=8)
def _words_of(name: str) -> frozenset[str]:
    return frozenset(word for words in tree("negation")[name].values() for word in words)


@lru_cache(maxsize=32)
def lexicon(name: str) -> Lexicon:
    """The list `lists/<name>.yaml`: label -> groups of {weight, <language>: [phrases]}."""
    return Lexicon(list(_groups(tree(name))))


@lru_cache(maxsize=32)
def tree(name: str) -> Mapping[str, Any]:
    found = plain(read_yaml(LISTS / f"{name}.yaml", shown_as=f"{name}.yaml"))
    if not isinstance(found, dict):
        raise ValueError(f"{name}.yaml: wanted labels")
    return found


def _groups(lists: Mapping[str, Any]) -> Iterator[tuple[str, float, list[str]]]:
    for label, groups in lists["labels"].items():
        for group in groups:
            phrases = [phrase for language, found in group.items() if language != "weight" for phrase in found]
            yield label, float(group.get("weight", 1)), phrases
