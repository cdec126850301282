"""What a mail program writes above an older mail: attribution lines, dividers, blocks of mail headers. Each is told from what
stands around it as much as from its own words: a person writes such lines too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import re2

from bot.senses.reading.folding import folded
from bot.senses.reading.lines import Line, next_filled
from bot.senses.reading.parts import Context
from bot.senses.reading.word_lists import anywhere, parts_of, phrases

MAX_JOINED = 3  # lines of an attribution
MAX_ATTRIBUTION = 400
MAX_HEADER_LINES = 14
MAX_NAME = 30  # characters before the colon of a header
_WHEN = re2.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d[年月日]|\d년|\d월")
_DAY = re2.compile(r"\b\d{1,2}\.?\s(?:de\s)?\pL{3,}")
_CLOCK = re2.compile(r"\d{1,2}[:.h時时]\d{2}")
_YEAR = re2.compile(r"(?:19|20)\d{2}|\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2}")
_ADDRESS = re2.compile(r"[^\s<>@]+@[^\s<>@]+")
_ANGLE = re2.compile(r"<\s*[^<>]*@[^<>]+>?|\(\s*[^()\s]+@[^()\s]+\)|\[mailto:|&lt;[^<>&]+@")
_NAMED = re2.compile(r"^[^.!?]*<[^<>\s]+@[^<>\s]+>[^.!?]{0,4}$")
_STAMP = re2.compile(r"^\d{4}[-/]\d{2}[-/]\d{2} \d{1,2}:\d{2} gmt[+-]\d")
_ENDS = re2.compile(r"(?::|-{2,})\s*[*_>]*$")
_ENDED = re2.compile(r"[^\d][.!?。！？]$")
_QUOTED_NAME = re2.compile(r'"[^"]*"|<[^<>]*>')
_WORDS = re2.compile(r"[\pL\pN']+")
_DECORATED = re2.compile(r"^[-_*=#~>\s]{2,}|[-_*=#~\s]{2,}$|:\**$")
_FRAMED = re2.compile(r"^[-_*=]{3,}[^-_*=]+[-_*=]{3,}$")
_ONE_LINE = re2.compile(r"^[-_*=\s]{2,}([^-_*=]+?)[-_*=]{2,}\s*(\S.*)$")
_RULE = re2.compile(r"^[\s_*-]{10,}$")
_EDGES = " \t-_*=#~>"


class Kind(StrEnum):
    ATTRIBUTION = "attribution"
    HEADERS = "headers"
    ORIGINAL = "original"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Heading:
    """Lines `start` to before `end`. `is_sure`: it is one whatever follows; otherwise quoted lines have to follow."""

    start: int
    end: int
    kind: Kind
    is_sure: bool = True


def heading_at(lines: list[Line], place: int, context: Context) -> Heading | None:
    """The heading that begins at this line."""
    if found := _divider(lines, place):
        return found
    if end := _headers_end(lines, place, context):
        return Heading(_with_rule(lines, place), end, Kind.HEADERS)
    return _attribution(lines, place)


def has_prefix(subject: str, name: str) -> bool:
    """Does a subject begin with one of the prefixes `headings.name`, also behind others ("[ext] AW: WG: …")?"""
    wanted, known = phrases(f"headings.{name}"), phrases("headings.reply_prefixes") | phrases("headings.forward_prefixes")
    rest = folded(subject).strip()
    for _ in range(8):
        if rest.startswith("["):
            rest = rest.partition("]")[2].strip()
        before, colon, after = rest.partition(":")
        word = before.split("[")[0].split("(")[0].strip()
        if not colon or word not in known:
            return False
        if word in wanted:
            return True
        rest = after.strip()
    return False


def _divider(lines: list[Line], place: int) -> Heading | None:
    line = lines[place]
    bare = line.plain.strip(_EDGES).rstrip(":").strip(_EDGES)
    if len(bare) > 90:
        return _divider_with_headers(lines, place)
    kind = _divider_kind(bare)
    headers = _header_lines(lines, next_filled(lines, place + 1))
    names_sender = any("from" in header_parts(lines[each]) for each in headers)
    if kind is None and names_sender and len(headers) > 1 and _FRAMED.match(line.plain):
        kind = Kind.HEADERS  # a divider in words that no list has
    if kind is None:
        return _divider_with_headers(lines, place)
    if not headers and not _DECORATED.search(line.plain):
        return None
    return Heading(_with_rule(lines, place), headers[-1] + 1 if headers else place + 1, kind)


def _divider_with_headers(lines: list[Line], place: int) -> Heading | None:
    """Samsung: the divider and all headers on one line; or the headers alone on one."""
    plain = lines[place].plain
    found = _ONE_LINE.match(plain)
    if found and (kind := _divider_kind(found.group(1).strip(_EDGES))):
        return Heading(place, place + 1, kind)
    if "@" in plain and len({part for part in _names_in(plain) if part != "copy"}) >= 3:
        return Heading(place, place + 1, Kind.HEADERS)
    return None


def _divider_kind(bare: str) -> Kind | None:
    if bare in phrases("headings.original") or bare in phrases("headings.reply_above"):
        return Kind.ORIGINAL
    if bare in phrases("headings.forward") or bare.startswith(tuple(phrases("headings.forward_by"))):
        return Kind.FORWARD
    return None


def _names_in(plain: str) -> Iterator[str]:
    for before in plain.split(":")[:-1]:
        words = before.split()[-2:]
        for start in range(len(words)):
            if parts := parts_of("headings.names").get(" ".join(words[start:]).strip(_EDGES)):
                yield from sorted(parts)[:1]
                break


def _with_rule(lines: list[Line], place: int) -> int:
    """A rule right above belongs to the heading."""
    return place - 1 if place and _RULE.match(lines[place - 1].text) else place


def header_parts(line: Line) -> frozenset[str]:
    """What the name before a line's colon stands for in a mail header: `from`, `sent`, `to`, `copy`, `subject`; nothing else."""
    name, colon, _ = line.plain.lstrip(" *_").partition(":")
    return parts_of("headings.names").get(name.strip(" *_"), frozenset()) if colon and len(name) <= MAX_NAME else frozenset()


def _header_lines(lines: list[Line], place: int) -> list[int]:
    """The lines of a header block that begins here: names with a colon, long values that go on, single blank lines between."""
    found: list[int] = []
    parts: frozenset[str] = frozenset()
    while place < len(lines) and len(found) < MAX_HEADER_LINES:
        line = lines[place]
        if line.role is None and (named := header_parts(line)):
            found.append(place)
            parts = named
            place += 1
            continue
        if not found:
            return []
        after = next_filled(lines, place + 1, min(place + 3, len(lines)))
        is_named = after < min(place + 3, len(lines)) and lines[after].role is None and bool(header_parts(lines[after]))
        if line.is_blank and is_named and after == place + 1:
            place += 1
        elif not line.is_blank and (is_named or (_is_list(parts) and place + 1 < len(lines) and lines[place + 1].is_blank)):
            found.append(place)
            place += 1
        else:
            break
    return found


def _is_list(parts: frozenset[str]) -> bool:
    """Whom a mail went to may go over lines."""
    return bool(parts & {"to", "copy"})


def _headers_end(lines: list[Line], place: int, context: Context) -> int:
    """Where a header block ends that begins here and is one of a mail; 0 where none is: a journey, an appointment and a form have
    such lines too."""
    first = header_parts(lines[place])
    if not first:
        return 0
    found = _header_lines(lines, place)
    if len(found) < 2:
        return 0
    held: dict[str, list[str]] = {}
    for each in found:
        for part in header_parts(lines[each]):
            held.setdefault(part, []).append(lines[each].plain)
    return found[-1] + 1 if _is_of_a_mail(lines, found, held, context) and not _goes_on_as_form(lines, found[-1] + 1) else 0


def _is_of_a_mail(lines: list[Line], found: list[int], held: dict[str, list[str]], context: Context) -> bool:
    people = [*held.get("from", ()), *held.get("to", ()), *held.get("copy", ())]
    has_address = any("@" in each for each in people)
    has_time = any(_CLOCK.search(each) and _YEAR.search(each) for each in held.get("sent", ()))
    if any(lines[each].is_hinted for each in found):
        return True
    if "from" not in held:
        return {"sent", "to", "subject"} <= set(held) and (has_address or has_time)
    if has_address or (found[0] and _RULE.match(lines[found[0] - 1].text)):
        return True
    is_whole = {"from", "sent", "to", "subject"} <= set(held)
    return "subject" in held and len(found) >= 3 and (has_time or (is_whole and context.is_first is False))


def _goes_on_as_form(lines: list[Line], place: int) -> bool:
    after = next_filled(lines, place)
    if after >= len(lines):
        return False
    name, colon, _ = lines[after].plain.partition(":")
    return bool(colon) and name.strip(_EDGES) in phrases("forms.message") | phrases("forms.person")


def _attribution(lines: list[Line], place: int) -> Heading | None:
    taken = _attribution_lines(lines, place)
    if not taken:
        return None
    begins_it = bool(_WHEN.search(lines[place].plain) or _NAMED.match(lines[place].plain))
    if taken > 1 and not begins_it and 0 < _attribution_lines(lines, place + 1) < taken:
        return None  # a later line begins it
    joined = _joined(lines, place, taken)
    if anywhere("headings.own_telling").search(joined):
        return None
    return Heading(place, place + taken, Kind.ATTRIBUTION, _is_sure(lines, place, taken, joined))


def _joined(lines: list[Line], place: int, count: int) -> str:
    return " ".join(line.plain for line in lines[place : place + count])


def _attribution_lines(lines: list[Line], place: int) -> int:
    """How many lines an attribution takes that begins here; 0 where none does."""
    joined = ""
    for count in range(1, MAX_JOINED + 1):
        if place + count > len(lines):
            return 0
        line = lines[place + count - 1]
        if not line.is_open or line.depth != lines[place].depth or (count > 1 and _ENDED.search(joined)):
            return 0
        joined = f"{joined} {line.plain}".strip()
        if len(joined) > MAX_ATTRIBUTION:
            return 0
        is_followed = _is_quote(lines, place + count, line.depth)
        if _is_attribution(joined, is_followed) and (is_followed or _ENDS.search(joined) or _STAMP.match(joined)):
            return count
    return 0


def _is_attribution(joined: str, is_followed: bool) -> bool:
    """A verb of writing with a date or an address; a date with an address in brackets; the verb alone before quoted lines."""
    if _STAMP.match(joined):
        return True
    has_when = bool(_WHEN.search(joined))
    if has_when and "@" in joined and _ANGLE.search(joined):
        return True
    has_origin = has_when or bool(_ADDRESS.search(joined)) or bool(_DAY.search(joined))
    if anywhere("headings.wrote").search(joined):
        return has_origin or (is_followed and bool(_ENDS.search(joined)))
    return has_origin and bool(anywhere("headings.said").search(joined))


def _is_quote(lines: list[Line], place: int, depth: int) -> bool:
    """Do quoted lines follow? Below a heading a line may be quoted with a pipe, too."""
    after = next_filled(lines, place)
    if after >= len(lines) or lines[after].role is not None:
        return False
    return lines[after].depth > depth or (depth == 0 and is_piped(lines[after]))


def is_piped(line: Line) -> bool:
    return line.role is None and line.text.lstrip().startswith("|")


def _is_sure(lines: list[Line], place: int, taken: int, joined: str) -> bool:
    """Is it a heading although no quoted line follows? Then a mail program wrote it: with an address in angle brackets, or as a
    line of its own with day and time, and without a word like "my" and "your"."""
    if place + taken >= len(lines):
        return False
    if _STAMP.match(joined) or _ANGLE.search(joined):
        return True
    words = _WORDS.findall(_QUOTED_NAME.sub(" ", joined))
    if phrases("headings.persons").intersection(words):
        return False
    is_alone = (place == 0 or lines[place - 1].is_blank) and lines[place + taken].is_blank
    has_moment = bool(_CLOCK.search(joined) and _YEAR.search(joined))
    return is_alone and has_moment and bool(_ENDS.search(joined)) and not anywhere("headings.said").search(joined)
