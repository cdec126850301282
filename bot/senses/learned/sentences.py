"""A text in sentences, so that each is judged by itself and can be quoted: the last of twenty may be the one that counts."""

from __future__ import annotations

from collections.abc import Iterator

import re2

MAX_SENTENCES = 60  # the first two thirds and the last third of what is longer
MAX_LETTERS = 400  # of one sentence: logs and lists have no full stops
MIN_LETTERS = 12  # a shorter piece belongs to what follows it
_LAST_WORD = re2.compile(r"\b\pL{1,4}$")
# Before a number, a name or a word in lower case; of their languages' other words none is among them.
_LISTED = (
    "kl nr nº abs tel tlf ext ca max min str vs z b d h u p pp bzw inkl exkl evtl ggf usw dvs resp pkt pág núm "
    "mr mrs ms dr hr fr sr sra srta mme sig dott ing prof mag bl tzn itd np"
)
_ABBREVIATIONS = frozenset(_LISTED.split())
_END = re2.compile(r"([.!?…]+[\"'”»)]*(?:\s+|$)|[。！？]+|\n+|;\s+|(?:\s[-–—•*]\s))")


def sentences(text: str) -> list[str]:
    """In their order, without white space around them; none is empty."""
    found = list(_joined(_pieces(text)))
    if len(found) <= MAX_SENTENCES:
        return found
    first = MAX_SENTENCES * 2 // 3
    return [*found[:first], *found[first - MAX_SENTENCES :]]


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        if _is_abbreviated(text, match):
            continue
        yield from _cut(text[start : match.end()])
        start = match.end()
    yield from _cut(text[start:])


def _is_abbreviated(text: str, match: re2.Match[str]) -> bool:
    """Whether what looks like an end is "kl. 18", "Nr. 5", "z. B. so", "Mr. Beith"."""
    if match[1].rstrip(" ") != ".":
        return False
    word = _LAST_WORD.search(text[max(0, match.start() - 6) : match.start()])
    return word is not None and word[0].lower() in _ABBREVIATIONS


def _cut(piece: str) -> Iterator[str]:
    while len(piece) > MAX_LETTERS:
        at = piece.rfind(" ", MAX_LETTERS // 2, MAX_LETTERS)
        at = at if at > 0 else MAX_LETTERS
        yield piece[:at]
        piece = piece[at:]
    yield piece


def _joined(pieces: Iterator[str]) -> Iterator[str]:
    waiting = ""
    for piece in pieces:
        waiting = f"{waiting} {piece.strip()}".strip()
        if len(waiting) >= MIN_LETTERS or (waiting and not waiting.isascii() and len(waiting) >= MIN_LETTERS // 2):
            yield waiting
            waiting = ""
    if waiting:
        yield waiting
