"""Many phrases and patterns looked for in a text in one pass: what all rules ask of one field, made once with the rule set.

Phrases go into one RE2 set of literals, and each that is in the text at all is then looked at by `has_phrase`, so that words mean
here what they mean everywhere. Patterns go into RE2's filter: it looks for the letters that each of them needs, and tries only
those whose letters are there. What cannot be put together (too many, too large) is looked for one by one: slower, not different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import re2

from rules.values.text import Folded, Letters, folded, has_phrase

_MEMORY = 64 << 20  # bytes that RE2 may use for the tables of one pattern or set; they grow with the texts that come
_FEW = 4  # up to here a loop is as fast
_SENTINEL = "deskhandsentinel"


def regexp(raw: str) -> re2._Regexp:
    """One pattern of a rule, compiled. Raises re2.error or UnicodeEncodeError."""
    return re2.compile(raw, _options())


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # else a line on stderr for each failure
    options.max_mem = _MEMORY
    options.case_sensitive = False
    return options


def searchable(value: str) -> str:
    """Half a surrogate pair can come out of hand-made JSON; UTF-8 has no bytes for it."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


class Phrases:
    """Whole words or several of them, found in either form that words have (rules/values/text.py)."""

    def __init__(self, phrases: Iterable[str], letters: Letters = folded) -> None:
        self.known = tuple(dict.fromkeys(phrases))
        self._is_known = frozenset(self.known)
        forms = [letters(phrase) for phrase in self.known]
        self._by_letters = _by_form((form.letters, phrase) for form, phrase in zip(forms, self.known, strict=True))
        self._by_spelling = _by_form((form.spelled, phrase) for form, phrase in zip(forms, self.known, strict=True))
        self._sets = list(_literal_sets(tuple(dict.fromkeys((*self._by_letters, *self._by_spelling)))))

    def knows(self, phrases: Sequence[str]) -> bool:
        return self._is_known.issuperset(phrases)

    def in_text(self, text: Folded) -> frozenset[str]:
        """Those that stand in the text as whole words."""
        in_letters = self._forms_in(text.letters)
        in_spelling = in_letters if text.spelled is text.letters else self._forms_in(text.spelled)
        found = [phrase for form in in_letters for phrase in self._by_letters.get(form, ())]
        return frozenset((*found, *(phrase for form in in_spelling for phrase in self._by_spelling.get(form, ()))))

    def _forms_in(self, text: str) -> list[str]:
        data = text.encode("utf-8", "surrogatepass")
        return [form for each in self._sets for form in each.parts_of(text, data) if has_phrase(text, form)]


def _by_form(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    phrases: dict[str, list[str]] = {}
    for form, phrase in pairs:
        phrases.setdefault(form, []).append(phrase)
    return phrases


@dataclass(frozen=True, slots=True)
class _Literals:
    phrases: tuple[str, ...]
    set: re2.Set | None

    def parts_of(self, text: str, data: bytes) -> Iterable[str]:
        """Those that are in the text, perhaps inside a word."""
        found = self.set.Match(data) if self.set is not None else None
        # The last of a set is empty and in every text: where it is not found, RE2 has given up without a word.
        if not found or len(self.phrases) not in found:
            return [phrase for phrase in self.phrases if phrase in text]
        return [self.phrases[number] for number in found if number < len(self.phrases)]


def _literal_sets(phrases: tuple[str, ...]) -> Iterator[_Literals]:
    if len(phrases) <= _FEW:
        yield _Literals(phrases, None)
    elif (made := _literal_set(phrases)) is not None:
        yield _Literals(phrases, made)
    else:  # too much for one
        half = len(phrases) // 2
        yield from _literal_sets(phrases[:half])
        yield from _literal_sets(phrases[half:])


def _literal_set(phrases: tuple[str, ...]) -> re2.Set | None:
    options = _options()
    options.literal = options.case_sensitive = True
    options.encoding = re2.Options.Encoding.LATIN1  # byte by byte: what is no valid text is found as well
    made = re2.Set.SearchSet(options)
    try:
        for phrase in (*phrases, ""):
            made.Add(phrase.encode("utf-8", "surrogatepass"))
        made.Compile()
    except re2.error:
        return None
    return made


class Patterns:
    """Regular expressions, each of which `regexp` has taken."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.known = frozenset(patterns)
        self._groups = list(_filters(tuple(sorted(self.known))))

    def in_text(self, value: str) -> frozenset[str]:
        """Those that are found in the text as it was written."""
        data = searchable(value)
        return frozenset(raw for each in self._groups for raw in each.found_in(data))


@dataclass(frozen=True, slots=True)
class _Filter:
    patterns: tuple[str, ...]
    filter: re2.Filter | None
    alone: tuple[re2._Regexp, ...]  # where there is no filter

    def found_in(self, text: str) -> Iterable[str]:
        if self.filter is not None:
            return [self.patterns[number] for number in self.filter.Match(text) or () if number < len(self.patterns)]
        return [raw for raw, each in zip(self.patterns, self.alone, strict=True) if each.search(text)]


def _filters(patterns: tuple[str, ...]) -> Iterator[_Filter]:
    if len(patterns) <= _FEW:
        yield _Filter(patterns, None, tuple(map(regexp, patterns)))
    elif (made := _filter(patterns)) is not None:
        yield _Filter(patterns, made, ())
    else:
        half = len(patterns) // 2
        yield from _filters(patterns[:half])
        yield from _filters(patterns[half:])


def _filter(patterns: tuple[str, ...]) -> re2.Filter | None:
    made, options = re2.Filter(), _options()
    try:
        for raw in (*patterns, _SENTINEL):
            made.Add(raw, options)
        made.Compile()
    except re2.error:
        return None
    # A filter whose set of letters is too large for RE2 finds nothing, and says so nowhere but here.
    return made if len(patterns) in (made.Match(_SENTINEL) or ()) else None


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that is looked for in one field."""

    phrases: Phrases
    patterns: Patterns
