"""Finding an e-mail address in bytes of any origin: plain, in a form, escaped in JSON or HTML, with capitals, in either
spelling of its domain. The whole address: `ann@x.example` is not in `joann@x.example`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import unquote_plus

import re2

_RUN = re.compile(r"[a-z0-9]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
# An apostrophe may be a quotation mark, and a full stop the sentence's.
_BEFORE = r"(?:^|[^\pL\pN._+'%-]|(?:^|[^\pL\pN])')"
_AFTER = r"(?:$|[^\pL\pN_.-]|\.(?:$|[^\pL\pN]))"


class AddressFinder:
    """Knows some addresses, in any spelling of theirs."""

    def __init__(self, addresses: Iterable[str]) -> None:
        spelt = sorted({each for address in addresses for each in spellings(address)})
        # A quick no for nearly every text: a run of plain letters survives all ways of writing but HTML's by number.
        self._runs = [_longest_run(each).encode() for each in spelt]
        whole = "|".join(re2.escape(each) for each in spelt)
        self._whole = re2.compile(f"{_BEFORE}(?:{whole}){_AFTER}") if spelt else None

    def is_in(self, text: bytes) -> bool:
        """Whether any of the addresses is written there, in whatever way."""
        lower = text.lower()
        if self._whole is None or not (b"&#" in lower or any(run in lower for run in self._runs)):
            return False
        return any(self._whole.search(folded(each)) for each in _ways(text.decode("utf-8", "replace")))


def spellings(address: str) -> list[str]:
    """An address in small letters, with its domain in letters and as the network writes it (xn--)."""
    local, _, domain = folded(address).rpartition("@")
    found = {domain}
    with suppress(UnicodeError, ValueError):
        found.add(domain.encode("idna").decode())
    with suppress(UnicodeError, ValueError):
        found.add(domain.encode().decode("idna"))
    return sorted(f"{local}@{each}" for each in found)


def folded(text: str) -> str:
    """In small letters, accents and their letters as one sign."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _longest_run(address: str) -> str:
    runs: list[str] = _RUN.findall(address.rpartition("@")[0]) or _RUN.findall(address)
    return max(runs, key=len, default="")


def _ways(text: str) -> Iterable[str]:
    """The text as it is, and as it reads with each way of escaping undone, and two of them."""
    yield text
    first = [_undone(text, undo, mark) for undo, mark in _UNDO]
    for way in filter(None, first):
        yield way
        yield from filter(None, (_undone(way, undo, mark) for undo, mark in _UNDO))


def _undone(text: str, undo: Callable[[str], str], mark: str) -> str:
    return undo(text) if mark in text else ""


def _without_json(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _CONTROL.get(found[2], found[2]), text)


_UNDO: tuple[tuple[Callable[[str], str], str], ...] = ((unquote_plus, "%"), (_without_json, "\\"), (html.unescape, "&"))
