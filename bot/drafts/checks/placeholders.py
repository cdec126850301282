"""Placeholders that were never filled: `[Customer Name]`, `{{first_name}}`, `<date>`, `%NAME%`, `XXX`, `___`, in any language.

Brackets of another kind stay: `[1]`, `arr[0]`, `List<String>`, `/records/{id}`, `{"a": 1}`, `[Optional]`, `%TEMP%`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import re2

from rules.files.yaml_file import plain, read_yaml
from rules.values.folding import fold

MAX_SHOWN = 60
MAX_WORDS = 6
_ENVIRONMENT = frozenset(
    [
        "appdata",
        "localappdata",
        "temp",
        "tmp",
        "path",
        "userprofile",
        "homepath",
        "homedrive",
        "programfiles",
        "programdata",
        "windir",
        "systemroot",
        "comspec",
        "username",
    ]
)
_DOUBLE = re2.compile(
    r"\{\{[^{}\n]{0,80}\}{0,2}|\{%[^{}\n]{0,80}%\}|<%[^<>\n]{0,80}%>|\[%[^\[\]\n]{0,80}%\]|<<\s{0,2}[^<>\n]{1,60}>>"
)
_BRACE = re2.compile(r"[$#]?\{\s*[\pL_][\pL\pN_ .'-]*\}")
_SQUARE = re2.compile(r"\[[^\[\]\n]{1,60}\]|【[^【】\n]{1,60}】|〔[^〔〕\n]{1,60}〕")
_ANGLE = re2.compile(r"[<‹〈]\s*[\pL][\pL\pN '’._-]*[>›〉]")
_PERCENT = re2.compile(r"%{1,2}[A-Za-z_][A-Za-z0-9_.]{2,40}%{1,2}")
_RUN = re2.compile(r"\bX{3,}\b|\bx{3,}\b|_{3,}|\bTBD\b|\bTODO\b")
_GREETING_GAP = re2.compile(
    r"(?i)^\s*(?:hi|hello|hey|dear|hallo|guten tag|liebe[r]?|sehr geehrte[r]?(?: frau| herr)?|bonjour|cher|chère|hola|estimad[oa]"
    r"|buongiorno|gentile|olá|ola|caro|cara|beste|geachte|dzień dobry)\s+(\[[^\]\n]{1,60}\])"
)


@dataclass(frozen=True, slots=True)
class _Names:
    """What gaps are named after (placeholder_words.yaml): lower case, without accents."""

    words: frozenset[str]
    beside_others: frozenset[str]
    parts: tuple[str, ...]


@lru_cache(maxsize=1)
def _names() -> _Names:
    found = plain(read_yaml(Path(__file__).parent / "placeholder_words.yaml"))
    words = frozenset(fold(word) for listed in found["words"].values() for word in listed.split())
    return _Names(words, frozenset(found["beside_others"].split()), tuple(found["parts"].split()))


def open_placeholders(text: str) -> tuple[str, ...]:
    """The placeholders in a text as they stand there, shortened; empty where it has none."""
    folded = unicodedata.normalize("NFKC", text)
    found = [match.group() for match in _DOUBLE.finditer(folded)]
    rest = str(_DOUBLE.sub(" ", folded))
    found += [match[1] for match in _GREETING_GAP.finditer(rest)]
    found += [match.group() for match in _BRACE.finditer(rest) if not _is_path(rest, match)]
    found += [match.group() for match in _SQUARE.finditer(rest) if _is_gap(match.group()) and not _is_indexed(rest, match)]
    found += [match.group() for match in _ANGLE.finditer(rest) if _is_gap(match.group()) and not _is_indexed(rest, match)]
    found += [match.group() for match in _PERCENT.finditer(rest) if _is_variable(rest, match)]
    found += [match.group() for match in _RUN.finditer(rest) if not _is_mask(rest, match)]
    return tuple(dict.fromkeys(each[:MAX_SHOWN] for each in found))


def _is_gap(found: str) -> bool:
    """Whether the brackets name what is to stand there: `[Ihr Name]`, not `[Optional]`, `[1]` or `<API_KEY>`."""
    inner = found[1:-1].strip()
    if "_" in inner and inner.isupper():
        return False  # for the reader to replace, in a command
    words = "".join(char if char.isalnum() or char == "'" else " " for char in fold(inner.replace("_", " "))).split()
    names = _names()
    named = bool(names.words & set(words)) or (len(words) > 1 and bool(names.beside_others & set(words)))
    named = named or any(part in inner for part in names.parts)
    return named and len(words) <= MAX_WORDS and not any(char in inner for char in '=;(){}"†')


def _before(text: str, match: re2._Match) -> str:
    return text[match.start() - 1] if match.start() else " "


def _is_indexed(text: str, match: re2._Match) -> bool:
    """`arr[name]`, `List<Name>`: a bracket that belongs to the word before it."""
    before = _before(text, match)
    return (before.isalnum() and before.isascii()) or before in ")]_"


def _is_path(text: str, match: re2._Match) -> bool:
    """`/records/{id}`: the documentation of an address."""
    return _before(text, match) == "/"


def _is_variable(text: str, match: re2._Match) -> bool:
    name = match.group().strip("%")
    return not _before(text, match).isalnum() and name.casefold() not in _ENVIRONMENT


def _is_mask(text: str, match: re2._Match) -> bool:
    """`XXXX-XXXX-XXXX-4242`: a number of which only the end is shown."""
    rest = text[match.end() : match.end() + 16].lstrip("Xx -*")
    return match.group()[0] in "Xx" and len(rest) >= 4 and rest[:4].isdigit()
