"""A text in sentences, so that each is judged by itself and can be quoted: the last of twenty may be the one that counts."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.senses.learned.features import UNSPACED

MAX_SENTENCES = 3_000  # the first two thirds and the last third of what is longer
MAX_LETTERS = 400  # of one sentence: logs and lists have no full stops
MAX_UNBROKEN = 120  # letters without a space or a comma: each may be a word to the encoder, and costs as one
MIN_LETTERS = 12  # a shorter piece belongs to what follows it
MAX_UNSPACED = 40  # letters of one sentence without spaces: what is longer is cut at its commas, for full stops are few there
_LAST_WORD = re2.compile(r"\b\pL{1,4}$")
# Before a number, a name or a word in lower case; of their languages' other words none is among them.
_LISTED = (
    "kl nr nº abs tel tlf ext ca max min str vs z b d h u p pp bzw inkl exkl evtl ggf usw dvs resp pkt pág núm "
    "mr mrs ms dr hr fr sr sra srta mme sig dott ing prof mag bl tzn itd np"
)
_ABBREVIATIONS = frozenset(_LISTED.split())
_END = re2.compile(r"([.!?…]+[\"'”»)]*(?:\s+|$)|[!?…~～]+|[。！？]+|\n+|;\s+|(?:\s[-–—•*]\s))")
_SPACELESS = frozenset("!?…~～")  # they end a sentence with nothing behind them where no spaces are written
_COMMA = re2.compile(r"[，、,；;：:]+\s*")


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
        if _is_abbreviated(text, match) or (set(match[1]) <= _SPACELESS and not _is_unspaced(text, match)):
            continue
        yield from _cut(text[start : match.end()])
        start = match.end()
    yield from _cut(text[start:])


def _is_unspaced(text: str, match: re2.Match[str]) -> bool:
    """Whether a letter of a script without spaces stands beside it."""
    return any(UNSPACED.match(each) for each in (text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]))


def _is_abbreviated(text: str, match: re2.Match[str]) -> bool:
    """Whether what looks like an end is "kl. 18", "Nr. 5", "z. B. so", "Mr. Beith"."""
    if match[1].rstrip(" ") != ".":
        return False
    word = _LAST_WORD.search(text[max(0, match.start() - 6) : match.start()])
    return word is not None and word[0].lower() in _ABBREVIATIONS


def _cut(piece: str) -> Iterator[str]:
    if len(piece) > MAX_UNSPACED and len(UNSPACED.findall(piece)) > len(piece) // 2:
        yield from _cut_at_commas(piece)
        return
    while len(piece) > MAX_LETTERS or (len(piece) > MAX_UNBROKEN and " " not in piece):
        at = piece.rfind(" ", 1, MAX_LETTERS)
        at = at if at > 0 else MAX_UNBROKEN
        yield piece[:at]
        piece = piece[at:]
    yield piece


def _cut_at_commas(piece: str) -> Iterator[str]:
    start = end = 0
    for match in _COMMA.finditer(piece):
        if match.end() - start > MAX_UNSPACED and end > start:
            yield piece[start:end]
            start = end
        end = match.end()
    if len(piece) - start > MAX_UNSPACED and end > start:
        yield piece[start:end]
        start = end
    while len(piece) - start > MAX_UNBROKEN:
        yield piece[start : start + MAX_UNBROKEN]
        start += MAX_UNBROKEN
    yield piece[start:]


def _joined(pieces: Iterator[str]) -> Iterator[str]:
    waiting = ""
    for piece in pieces:
        waiting = f"{waiting} {piece.strip()}".strip()
        if len(waiting) >= MIN_LETTERS or (waiting and not waiting.isascii() and len(waiting) >= MIN_LETTERS // 2):
            yield waiting
            waiting = ""
    if waiting:
        yield waiting
