"""A problem in a file that a person wrote: where it is, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process


class Severity(StrEnum):
    ERROR = "error"  # nothing starts with it
    WARNING = "warning"  # shown, and that is all


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Prints as `rules/vip.yaml:29:19: company.tire: no such field, did you mean company.tier?`.

    `line` and `column` count from 1. `path` is the place inside the file's structure (`rules[2].when.all[0]`).
    """

    file: str
    message: str
    line: int = 1
    column: int = 1
    path: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        word = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}:{self.column}: {word}{self.told}"

    @property
    def told(self) -> str:
        """Without its place."""
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def to_json(self) -> dict[str, str | int]:
        """One entry of `problems` in the JSON of `deskhand check` and `deskhand test`."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "hint": self.hint,
            "severity": str(self.severity),
        }


def suggest(word: str, known: Iterable[str]) -> str:
    """`, did you mean X?` where a known word is close enough, else ""."""
    words = list(known)
    # First by letters as they stand: the second way, which forgives what is missing, takes `has` for `has_ayn`.
    best = process.extractOne(word, words, scorer=fuzz.ratio, score_cutoff=75) or process.extractOne(word, words, score_cutoff=60)
    return f", did you mean {best[0]}?" if best else ""


def number_of(number: int, one: str, more: str = "") -> str:
    """`1 rule`, `2 rules`; `more` where the plural is not made with an s."""
    return f"{number} {one if number == 1 else more or one + 's'}"
