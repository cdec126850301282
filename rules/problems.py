"""A problem in a file that a person wrote: where it is, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process


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

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{hint}"


def suggest(word: str, known: Iterable[str]) -> str:
    """`, did you mean X?` where a known word is close enough, else ""."""
    best = process.extractOne(word, list(known), score_cutoff=60)
    return f", did you mean {best[0]}?" if best else ""
