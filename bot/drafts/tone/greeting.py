"""How a reply begins: by the customer's name where it is one, in the way that is safe in the language; else without a name.

Nothing is guessed: no Herr or Frau, no given name out of an address. English, French and Spanish greet by the given name, German
by the whole name, because "Guten Tag Gustav" does not go with "Sie".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import re2

from rules.files.yaml_file import plain, read_yaml

MAX_NAME = 50
MAX_WORDS = 5
_NOT_IN_NAMES = frozenset('@<>[]{}/\\|#$%^*=+~`!?:;"“”„_0123456789')
_ABBREVIATED = re2.compile(r"(?i)\b(mr|mrs|ms|dr|prof|sr|sra|hr|fr)\.")
_CASED = re2.compile(r"^(?:Mc|Mac|O['’]|D['’]|De|Di|Le|La|Van)?\p{Lu}\p{Ll}+(?:[-'’]\pL+)*$")
_BY_WHOLE_NAME = frozenset({"de"})


@dataclass(frozen=True, slots=True)
class _Lists:
    no_name: frozenset[str]
    titles: frozenset[str]
    everybody: frozenset[str]
    needs_name: frozenset[str]
    neutral: Mapping[str, str]
    alone: re2._Regexp
    begins: re2._Regexp


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    found = plain(read_yaml(Path(__file__).parent / "greeting.yaml"))
    greets = "|".join(found["greets"].values())
    return _Lists(
        no_name=frozenset((*found["no_name"].split(), *found["legal_forms"].split())),
        titles=frozenset(found["titles"].split()),
        everybody=frozenset(found["everybody"]),
        needs_name=frozenset(found["needs_name"]),
        neutral=found["neutral"],
        alone=re2.compile(rf"(?i)^\s*({greets})\b([^?\n]*?)([,!:]?)\s*$"),
        begins=re2.compile(rf"(?i)^\s*({greets})\b([^,!:?.\n]*)([,!:.])(?:\s+|$)"),
    )


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name that is one. `given` or `family` may be empty; `title` is what the person put before it."""

    given: str = ""
    family: str = ""
    title: str = ""

    @property
    def whole(self) -> str:
        return " ".join(part for part in (self.title, self.given, self.family) if part)

    def to_greet(self, language: str) -> str:
        """The name as a greeting in this language uses it, "" where none is safe."""
        if language in _BY_WHOLE_NAME:
            return self.whole if self.family and (self.given or self.title) else ""
        return self.given


def person_name(raw: str) -> PersonName:
    """What `raw` names; empty for addresses, handles, numbers, companies, "null" and the like. "Field, Jo" is turned round."""
    lists = _lists()
    text = str(re2.sub(r"\([^()]*\)", " ", unicodedata.normalize("NFKC", raw)))
    text = " ".join("".join(char for char in text if unicodedata.category(char)[0] not in "CS").split()).strip(" .-'’,")
    if not text or len(text) > MAX_NAME or any(char in _NOT_IN_NAMES for char in f"{text}{raw}"):
        return PersonName()
    family_first, comma, rest = text.partition(",")
    words = [*rest.split(), *family_first.split()] if comma else text.split()
    if "," in rest or len(words) > MAX_WORDS or any(_is_no_name(word) for word in words):
        return PersonName()
    titles = [word for word in words if _plain(word) in lists.titles]
    names = [_in_case(word) for word in words if _plain(word) not in lists.titles]
    if not names or any("." in word.rstrip(".") for word in names):
        return PersonName()
    if len(names) == 1:
        return PersonName(family=names[0], title=" ".join(titles)) if titles else PersonName(given=names[0])
    if names[0].endswith(".") or len(names[0]) == 1:  # an initial: "Hello J.," is no greeting
        return PersonName(family=names[-1], title=" ".join(titles)) if titles else PersonName()
    return PersonName(given=names[0], family=" ".join(names[1:]), title=" ".join(titles))


def greet(phrase: str, language: str, name: PersonName) -> str:
    """`phrase`: with `{name}` where the name stands, a space before it included."""
    shown = name.to_greet(language)
    return phrase.format(name=f" {shown}" if shown else "")


def mended(text: str, language: str, name: PersonName, said: str) -> str:
    """A sentence that greets, with the name as we would write it. `said`: the ticket's words: a name that the customer signed
    with may stay, one that nobody gave goes. A sentence that does not greet is left as it is."""
    text = str(_ABBREVIATED.sub(r"\1", text))
    lists = _lists()
    match = (lists.alone.match(text) if is_greeting(text) else None) or lists.begins.match(text)
    if match is None:
        return text
    words, written, end, rest = match[1], match[2].strip(), match[3], text[match.end() :]
    named = _named(written, language, name, said)
    if words.casefold() in lists.needs_name and (not named or language in _BY_WHOLE_NAME):
        words = lists.neutral.get(language, lists.neutral["en"])
    return f"{words}{named}{end or ','}{' ' if rest else ''}{rest}"


def is_greeting(text: str) -> bool:
    """A greeting and nothing else."""
    lists = _lists()
    is_short = len(text) < 100 and len(text.split()) <= MAX_WORDS + 2 and not text.rstrip().endswith(".")
    begun = lists.begins.match(text)
    return (is_short and bool(lists.alone.match(text))) or bool(begun and begun.end() >= len(text.rstrip()))


def _named(written: str, language: str, name: PersonName, said: str) -> str:
    lists, shown = _lists(), name.to_greet(language)
    if not written or _plain(written) in lists.everybody:
        return f" {written}" if written else ""
    parts = {_plain(part) for part in written.split()} - lists.titles
    own = {_plain(part) for part in f"{name.given} {name.family}".split()}
    if parts and parts <= own:
        return f" {shown}" if shown else ""
    signed, known = person_name(written), {_plain(part) for part in said.split()}
    is_signed = bool(signed.given) and not signed.family and parts <= known and language not in _BY_WHOLE_NAME
    return f" {signed.given}" if is_signed else ""


def _is_no_name(word: str) -> bool:
    has_letters = any(char.isalpha() for char in word)
    is_mixed = any(char.isupper() for char in word[1:]) and not word.isupper() and not _CASED.match(word)
    return not has_letters or is_mixed or _plain(word) in _lists().no_name


def _in_case(word: str) -> str:
    """JO and jo are Jo; names that mix both are left as their owner writes them."""
    return "-".join(part.capitalize() for part in word.split("-")) if word.isupper() or word.islower() else word


def _plain(word: str) -> str:
    return word.casefold().strip(".,!:'’")
