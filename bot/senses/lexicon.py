"""Finding words and phrases in customers' text: whole words, in whatever letters, linear time, with cheap care for negation.

Word lists are YAML files in `lists/`. A phrase is words; `cancel*` is a word that starts so; `_` stands for up to three
words in between. All languages of a list are looked for at once: tickets mix them. Accents may be left out in a text;
`=schön` needs them, for "schon" is another word.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import re2

from rules.files.yaml_file import plain, read_yaml
from rules.values.folding import fold_letters, one_kind, spell_out_letters
from rules.values.text import is_in_word, needs_no_space

LISTS = Path(__file__).parent / "lists"
MAX_CHARS = 16_000
RECENT = 16  # texts and labels whose hits are kept: several detectors ask the same of one ticket
_MEMORY = 64 << 20  # bytes that the tables of one group may grow to; some hundred phrases of many languages take nine million
_STOPS = frozenset('.,;:!?()[]{}\n"“”„«»|…¿¡—–。、・「」『』،؛؟।')
_KEPT = frozenset("'_-%&+@/")


class _Spacing(dict[int, str]):
    """What stands for a character between words: itself in a word, `|` at a pause, else a space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if is_in_word(char) or char in _KEPT else " | " if char in _STOPS else " "
        return self[code]


_SPACING = _Spacing()


@lru_cache(maxsize=4)
def normal(text: str) -> str:
    """` word  word  | word `: one case and width, two spaces between words (so neighbours both match), `|` at a pause."""
    seen = one_kind(text[:MAX_CHARS].replace("–", "|"))[: 2 * MAX_CHARS]  # a dash between words, which folding takes for a hyphen
    words = (word.strip("'-_/") for word in seen.translate(_SPACING).split())
    return " " + "  ".join(word for word in words if word and not _is_lone_mark(word)) + " "


def _is_lone_mark(word: str) -> bool:
    """Folding would leave nothing of it."""
    return not word.isascii() and unicodedata.category(word[0]).startswith("M")


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
            (label, weight, is_exact, re2.compile(f"(?:{'|'.join(patterns)})", _options()))
            for label, weight, phrases in groups
            for is_exact in (False, True)
            if (patterns := list(_patterns(phrases, is_exact)))
        ]
        self._found = lru_cache(maxsize=RECENT)(self._look)

    def find(self, text: str, below: str = "") -> list[Hit]:
        """`below`: only labels that start so."""
        return list(self._found(text, below))

    def _look(self, text: str, below: str) -> tuple[Hit, ...]:
        words = _Words(text)
        found: dict[tuple[str, str], Hit] = {}
        for label, weight, is_exact, pattern in self._groups:
            if not label.startswith(below):
                continue
            within = words.seen if is_exact else words.folded
            for match in pattern.finditer(within):
                phrase = " ".join(match.group().split()) if is_exact else words.shown(match.start(), match.end())
                is_negated = _is_negated(within, match.start(), match.end())
                known = found.get((label, phrase))
                if known is None or known.negated:  # said once without "not" counts
                    found[label, phrase] = Hit(words=phrase, label=label, weight=weight, negated=is_negated)
        return tuple(found.values())

    def said(self, text: str, below: str = "") -> list[Hit]:
        """What is found and not negated."""
        return [hit for hit in self.find(text, below) if not hit.negated]


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


class _Words:
    """A text for looking, and its words as they were written."""

    def __init__(self, text: str) -> None:
        self.seen = normal(text)
        self.folded = fold_letters(self.seen)
        self._starts: list[int] = []
        self._written: list[str] = []

    def shown(self, start: int, end: int) -> str:
        """What stands at this place of the folded text, with its accents where it is whole words."""
        found = self.folded[start:end]
        if self.folded is self.seen or not (found[0] == found[-1] == " "):
            return " ".join(found.split())
        if not self._starts:
            self._starts = [0, *accumulate(len(word) + 2 for word in self.folded.split())]
            self._written = self.seen.split()
        first = bisect_right(self._starts, start) - 1
        return " ".join(self._written[first : first + len(found.split())])


def _patterns(phrases: list[str], is_exact: bool) -> Iterator[str]:
    """Each phrase in the one or two forms that its words have; those that are marked so as they are written."""
    for phrase in phrases:
        if phrase.startswith("=") is not is_exact:
            continue
        words = phrase.removeprefix("=").split()
        seen = [(normal(word.removesuffix("*")).strip() or word, word.endswith("*")) for word in words]
        if not any(is_in_word(letter) for word, _ in seen for letter in fold_letters(word)):
            continue  # it would stand everywhere
        yield from dict.fromkeys(_pattern(form, seen) for form in ((str,) if is_exact else (fold_letters, spell_out_letters)))


def _pattern(form: Callable[[str], str], words: list[tuple[str, bool]]) -> str:
    """A phrase as a regular expression over `normal` text. A script without spaces has no edges, nor gaps."""
    pattern, last = "", " "
    for seen, is_stem in words:
        if not (word := form(seen)):
            continue
        if word == "_":
            pattern += "(?:  [^ |]+){0,3}"
            last = "_"
            continue
        if pattern:
            pattern += "(?:  )?" if needs_no_space(last) and needs_no_space(word[0]) else "  "
        elif not needs_no_space(word[0]):
            pattern = " "
        pattern += re2.escape(word) + ("[^ |]*" if is_stem else "")
        last = word[-1]
    return pattern if needs_no_space(last) else pattern + " "


def _is_negated(words: str, start: int, end: int) -> bool:
    """True where a negation stands before, with only words like "want to" between, or (German, French) just after."""
    before = fold_letters(words[max(0, start - 120) : start]).split("|")[-1].split()
    after = fold_letters(words[end : end + 60]).split("|")[0].split()
    for word in reversed(before[-6:]):
        if word in _words_of("before"):
            return True
        if word not in _words_of("bridge"):
            break
    return bool(after) and after[0] in _words_of("after")


@lru_cache(maxsize=8)
def _words_of(name: str) -> frozenset[str]:
    return frozenset(fold_letters(one_kind(word)) for words in tree("negation")[name].values() for word in words)


@lru_cache(maxsize=32)
def lexicon(name: str) -> Lexicon:
    """The list `lists/<name>.yaml`: label -> groups of {weight, <language>: [phrases]}."""
    return Lexicon(list(_groups(tree(name))))


def lexicons(path: Path) -> Mapping[str, Lexicon]:
    """Each list of a file by its name: name -> {<language>: [phrases]}."""
    found = plain(read_yaml(path))
    return {name: Lexicon([(name, 1.0, [each for listed in words.values() for each in listed])]) for name, words in found.items()}


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
