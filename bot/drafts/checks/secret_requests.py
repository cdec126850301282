"""Sentences that ask a customer for what a support team never asks for: passwords, card numbers, one-time codes, keys."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import re2

from rules.files.yaml_file import plain, read_yaml

_CLAUSE = re2.compile(r"[.!?;:,\n。！？；，、]+")
_WINDOW = 110
# The ends of words, written out: all letters of all languages make a pattern too large.
_EDGE = r"""[\s"'“”„«»()\[\]/,;:.!?¿¡…-]"""
_START, _END = f"(?i)(?:^|{_EDGE})", f"(?:$|{_EDGE})"


@dataclass(frozen=True, slots=True)
class _Words:
    secrets: re2._Regexp
    asks: re2._Regexp
    never: re2._Regexp
    own: re2._Regexp


@lru_cache(maxsize=1)
def _words() -> _Words:
    found = plain(read_yaml(Path(__file__).parent / "secret_words.yaml"))

    def pattern(phrases: str, anywhere: str = "") -> re2._Regexp:
        letters = phrases.replace(r"\w", r"[^\s,;:.!?]")  # RE2's own \w knows ASCII only
        return re2.compile(f"{_START}(?:{letters}){_END}" + (f"|{anywhere}" if anywhere else ""))

    def joined(name: str) -> str:
        return "|".join(phrase for listed in found[name].values() for phrase in listed)

    return _Words(
        secrets=pattern(joined("secrets"), found["secrets_anywhere"]),
        asks=pattern(joined("asks"), found["asks_anywhere"]),
        never=pattern(found["never"].replace(" |", "|"), found["never_anywhere"]),
        own=pattern("|".join(found["own"])),
    )


def asks_for_secret(text: str) -> bool:
    """True where a clause asks the reader to tell a secret. A warning against it, and steps to set one, are none."""
    folded = unicodedata.normalize("NFKC", text)
    return any(_asks(part) for part in _CLAUSE.split(folded) if part.strip())


def _asks(clause: str) -> bool:
    words = _words()
    if words.own.search(clause):
        return False
    for ask in words.asks.finditer(clause):
        around = clause[ask.start() : ask.start() + _WINDOW] if clause.isascii() else clause
        secret = words.secrets.search(around)
        if secret and not words.never.search(clause[max(0, ask.start() - 40) : ask.start() + secret.end()]):
            return True
    return False
