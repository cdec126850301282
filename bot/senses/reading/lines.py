"""A text as lines that can be read: cleaned, bounded, each with the marks of quotes before it and its folded form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import re2

from bot.senses.reading.folding import folded, spread
from bot.senses.reading.parts import Role

MAX_CHARS = 96_000  # of a message: two thirds from its beginning, the rest from its end; logs are left out first
MAX_LINES = 2_000
MAX_LINE = 1_000
_HEAD = 2 / 3
_MARKS = re2.compile(r"^\s*((?:>\s?)+)")
_LOGGED = re2.compile(
    r"(?m)^\s*\[?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d\d:\d\d:\d\d[.,]\d{3}|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ).*(?:\n|$)"
)


class _HasText(Protocol):
    text: str


AnyLine = TypeVar("AnyLine", bound=_HasText)


@dataclass(slots=True)
class Line:
    """`text`: as it stands; `said`: without marks of quotes; `plain`: that, folded. `depth`: how often it is quoted.

    `is_strong`: its HTML says that it is quoted. `is_hinted`: its HTML says that headers of an older mail stand here.
    """

    text: str
    said: str
    plain: str
    depth: int = 0
    role: Role | None = None
    is_strong: bool = False
    is_hinted: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.plain

    @property
    def is_open(self) -> bool:
        """There are words in it, and nobody has said yet whose."""
        return self.role is None and bool(self.plain)


def to_lines(text: str) -> list[Line]:
    """The lines of a text that `bounded` has bounded."""
    shown = text.split("\n")
    plain = folded(text).split("\n")
    return [_line(each, each_plain) for each, each_plain in zip(shown, plain, strict=True)]


def _line(text: str, plain: str) -> Line:
    if marks := _MARKS.match(text):
        said = text[marks.end() :]
        return Line(text, said, folded(said).strip(), marks.group(1).count(">"))
    return Line(text, text, plain.strip())


def unquoted(line: Line, depth: int) -> Line:
    """The line with so many marks of quotes less: as the mail had it that is handed on."""
    left = max(0, line.depth - depth)
    text = "> " * left + line.said
    return Line(text, line.said, line.plain, left, None, line.is_strong, line.is_hinted)


def bounded(text: str) -> str:
    """Clean text of at most MAX_CHARS and MAX_LINES. Of a longer one log lines go first, then what is in its middle."""
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\u00a0", " ")
    if len(clean) > MAX_CHARS:
        clean = str(_LOGGED.sub("", clean))
    clean = _cut(spread(_cut(clean), MAX_CHARS))
    lines = [piece for line in clean.split("\n") for piece in _pieces(line)]
    if len(lines) > MAX_LINES:
        head = int(MAX_LINES * _HEAD)
        lines = [*lines[:head], "", *lines[-(MAX_LINES - head) :]]
    return "\n".join(lines)


def _cut(text: str) -> str:
    head = int(MAX_CHARS * _HEAD)
    return text if len(text) <= MAX_CHARS else f"{text[:head]}\n\n{text[-(MAX_CHARS - head) :]}"


def shortened(lines: list[AnyLine]) -> list[AnyLine]:
    """Of lines that are too many or too long together, those at the beginning and those at the end."""
    head = _within(lines, int(MAX_LINES * _HEAD), int(MAX_CHARS * _HEAD))
    if head == len(lines):
        return lines
    tail = _within(lines[: head - 1 : -1] if head else lines[::-1], MAX_LINES - head, MAX_CHARS - int(MAX_CHARS * _HEAD))
    return [*lines[:head], *lines[len(lines) - tail :]]


def _within(lines: Sequence[_HasText], most_lines: int, most_chars: int) -> int:
    """How many of the lines fit, from the first."""
    left = most_chars
    for place, line in enumerate(lines[:most_lines]):
        left -= len(line.text)
        if left < 0:
            return place
    return min(len(lines), most_lines)


def _pieces(line: str) -> Iterator[str]:
    """A line in pieces of at most MAX_LINE characters, broken at a space where there is one."""
    start = 0
    while len(line) - start > MAX_LINE:
        at = line.rfind(" ", start + 1, start + MAX_LINE)
        at = at if at > start else start + MAX_LINE
        yield line[start:at]
        start = at
    yield line[start:] if start else line


def next_filled(lines: list[Line], place: int, end: int | None = None) -> int:
    """The first line with words from `place` on; `end` where there is none."""
    end = len(lines) if end is None else end
    while place < end and lines[place].is_blank:
        place += 1
    return place


def paragraphs(lines: list[Line], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of open lines between blank ones and lines that have a role."""
    begun: int | None = None
    for place in range(start, end + 1):
        is_inside = place < end and lines[place].is_open
        if is_inside and begun is None:
            begun = place
        elif not is_inside and begun is not None:
            yield begun, place
            begun = None


def give(lines: Iterable[Line], role: Role) -> None:
    """The role for all lines that have none."""
    for line in lines:
        if line.role is None:
            line.role = role
