"""Links in a text, as a mail program or a reader would make them out: with a scheme, as a bare host, as an IP address, disguised.

A bare `label.label` is a host where its ending is on the public suffix list (the copy in the package: nothing is fetched) or is
set apart for tests and inner networks. Full-width dots, `evil[.]com` and `hxxp` are read as what they stand for.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import re2
from publicsuffixlist import PublicSuffixList

from rules.files.yaml_file import plain, read_yaml

# RFC 2606 and 6761, and what inner networks use: on no list, and links all the same.
_SPECIAL = frozenset(
    {"example", "test", "invalid", "localhost", "local", "internal", "intranet", "lan", "onion", "alt", "home", "corp"}
)
# A full stop without a space after it: "is done.It works".
_SENTENCE_STARTS = frozenset(
    ["It", "In", "So", "Is", "At", "No", "To", "My", "Me", "Be", "Am", "As", "Do", "Es", "De", "La", "Se", "Si"]
)

_TAIL = r"""[^\s<>"“”„«»‹›`]"""
_SCHEME = re2.compile(
    rf"(?i)(?:[a-z][a-z0-9+.-]{{1,15}}:(?:/|\\){{2}}{_TAIL}+|hxxps?:{_TAIL}+|(?:https?|ftp):/?{_TAIL}*\.{_TAIL}+"
    rf"|(?:javascript|vbscript|data|file|mailto|blob|intent|tel|sms):{_TAIL}+)"
)
_DOT = r"(?:\.|。|\s?[\[({]\s?(?:\.|dot|punkt)\s?[\])}]\s?)"
_PORT_AND_PATH = rf"(?::\d{{1,5}})?(?:[/?#\\]{_TAIL}*)?"
_ASCII = re2.compile(rf"(?i)[a-z0-9][a-z0-9_-]*(?:{_DOT}[a-z0-9][a-z0-9_-]*)+\.?{_PORT_AND_PATH}")
_SPOKEN = re2.compile(r"(?i)[a-z0-9-]{2,63}(?:\s+dot\s+[a-z0-9-]{2,63}){0,3}\s+dot\s+(?:com|net|org|info|biz|io|co|ru|cn)\b")
_ANY = re2.compile(rf"[\pL\pN][\pL\pM\pN\p{{Cf}}_-]*(?:{_DOT}[\pL\pN\p{{Cf}}][\pL\pM\pN\p{{Cf}}_-]*)+\.?{_PORT_AND_PATH}")
_IPV6 = re2.compile(rf"\[?[0-9a-fA-F]{{0,4}}(?::[0-9a-fA-F]{{0,4}}){{2,7}}(?:%\w+)?\]?{_PORT_AND_PATH}")
_DOTS = re2.compile(_DOT)
_VERSION = re2.compile(r"(?i)(?:\bversion|\bv|\bbuild|\brelease)\.?\s?$")
_CLOSED = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`start`, `end`: its place in the text. `host`: lower case, in ASCII, "" where there is none. `rest`: port, path and query.
    `is_web`: http or https without a user, or no scheme at all. `is_name`: may as well be the name of a file or in a program."""

    start: int
    end: int
    host: str
    rest: str = ""
    is_web: bool = True
    is_name: bool = False

    @property
    def address(self) -> tuple[str, str]:
        """What two links have in common that lead to the same page. A name has it in common with the same name alone."""
        return ("", self.host) if self.is_name else (self.host, self.rest.rstrip("/"))


def find_links(text: str) -> list[Link]:
    """All links, in order, none inside another. Linear in the text's length."""
    seen = "".join(map(_folded, text))
    found: list[Link] = []
    for link in _candidates(seen):
        if not any(link.start < other.end and other.start < link.end for other in found):
            is_plain = text[link.start : link.end].isascii()  # nobody writes a file's name in full width
            found.append(replace(link, is_name=link.is_name and is_plain))
    return sorted(found, key=lambda link: link.start)


def _folded(char: str) -> str:
    """One character for one: full-width forms become plain ones, so that places stay what they are."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _candidates(text: str) -> Iterator[Link]:
    for match in _SCHEME.finditer(text):
        yield _with_scheme(match.start(), _trimmed(match.group()))
    # A host in any letters first, so that no half of one is left; then what stands in a text without spaces.
    for pattern in (_SPOKEN, _ANY, _ASCII):
        for match in pattern.finditer(text):
            if (link := _bare(text, match.start(), _trimmed(match.group()))) is not None:
                yield link
    for match in _IPV6.finditer(text):
        if (link := _ipv6(match.start(), _trimmed(match.group()))) is not None:
            yield link


def _trimmed(found: str) -> str:
    """Without the punctuation of the sentence around it, and without a bracket that opens before it."""
    while found and (found[-1] in ".,;:!?'*_。、，；：！？…" or (found[-1] in _CLOSED and _CLOSED[found[-1]] not in found)):
        found = found[:-1]
    return found


def _with_scheme(start: int, found: str) -> Link:
    dotted = str(_DOTS.sub(".", found)).replace("\\", "/")
    try:
        parts = urlsplit(dotted)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return Link(start=start, end=start + len(found), host="", is_web=False)
    rest = dotted.partition(parts.netloc)[2] if parts.netloc else ""
    is_web = parts.scheme.lower() in {"http", "https"} and bool(host) and "@" not in parts.netloc
    rest = f":{port}{rest}" if port else rest
    return Link(start=start, end=start + len(found), host=_ascii(host), rest=rest, is_web=is_web)


def _bare(text: str, start: int, found: str) -> Link | None:
    before = text[start - 1] if start else " "
    if before.isascii() and (before.isalnum() or before == "@"):  # the end of a longer word, or an address
        return None
    dotted = str(_DOTS.sub(".", str(re2.sub(r"(?i)\s+dot\s+", ".", found))))
    end = next((place for place, char in enumerate(dotted) if char in ":/?#\\"), len(dotted))
    host, rest = dotted[:end].rstrip("."), dotted[end:]
    if "@" in rest.partition("/")[0] or not _is_host(host, rest, text[max(0, start - 12) : start]):
        return None
    is_name = not rest and dotted == found and _is_name(host.casefold())
    return Link(start=start, end=start + len(found), host=_ascii(host), rest=rest, is_name=is_name)


def _is_name(host: str) -> bool:
    first, *others = host.split(".")
    words = _words()
    is_file, is_time = len(others) == 1 and others[0] in words["files"], first.isdigit() and others in (["am"], ["pm"])
    return is_file or is_time or host in words["names"] or (first in words["objects"] and words["members"].issuperset(others))


def _is_host(host: str, rest: str, before: str) -> bool:
    labels = host.split(".")
    if all(label.isdigit() for label in labels):
        return _is_ip(host) and (bool(rest) or not _VERSION.search(before))
    if labels[-1] in _SENTENCE_STARTS and len(labels) == 2 and not rest:
        return False
    if labels[0].casefold() == "www" and len(labels) > 2:
        return True
    if "。" in host and not any(label.isascii() for label in labels):
        return False
    folded = _ascii(host)
    if folded.rpartition(".")[2] in _SPECIAL:
        return True
    return _suffixes().privatesuffix(folded) is not None


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _ipv6(start: int, found: str) -> Link | None:
    inner, _, rest = found.lstrip("[").partition("]")
    address = inner.partition("/")[0].partition("%")[0]
    if not _is_ip(address) or ":" not in address or not any(char.isdigit() for char in address):
        return None
    return Link(start=start, end=start + len(found), host=address.casefold(), rest=rest or inner[len(address) :])


def _ascii(host: str) -> str:
    """Lower case, with foreign letters in their wire form (punycode) where they have one: two spellings of a host are one."""
    lowered = "".join(char for char in host.casefold() if unicodedata.category(char) != "Cf")
    try:
        return lowered.encode("idna").decode() if not lowered.isascii() else lowered
    except UnicodeError:
        return lowered


@lru_cache(maxsize=1)
def _words() -> Mapping[str, frozenset[str]]:
    found = plain(read_yaml(Path(__file__).parent / "names_like_hosts.yaml"))
    return {name: frozenset(words.split()) for name, words in found.items()}


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # `github.io` is an entry among the private ones, and a host all the same.
    return PublicSuffixList(accept_unknown=False, only_icann=True)
