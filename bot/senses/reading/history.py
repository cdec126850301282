"""Older mails in a message: which lines are quoted, and which mail is handed on as the customer's matter.

Below a heading with quoted lines only the quoted lines go. Below one without, all goes to the end, as nothing tells where the
older mail would end; unless nothing of the customer's stands above it, then it is what they have to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import re2

from bot.senses.reading.folding import folded
from bot.senses.reading.headings import Heading, Kind, has_prefix, header_parts, heading_at, is_piped
from bot.senses.reading.lines import Line, give, next_filled, unquoted
from bot.senses.reading.parts import Context, Role
from bot.senses.reading.signatures import mark_signature
from bot.senses.reading.technical import looks_like_code
from bot.senses.reading.word_lists import anywhere

BRIEF = 6  # words of a covering note
LONG_LINE = 60  # characters after which a mail program wraps
MIN_KNOWN = 25  # characters of a line that an agent wrote before
MAX_EARLIER = 60_000
_WORDS = re2.compile(r"[\pL\pN']+")

ReadForwarded = Callable[[list[Line], Context], None]


def mark_history(lines: list[Line], context: Context, read_forwarded: ReadForwarded) -> None:
    """Roles for headings, quotes and forwarded mails. `read_forwarded` reads the lines of a mail that is handed on."""
    place, begun = 0, 0
    is_confirmed = False
    while place < len(lines):
        heading = heading_at(lines, place, context) if lines[place].is_open else None
        if heading is None:
            place += 1
            continue
        after = next_filled(lines, heading.end)
        depth = lines[heading.start].depth
        is_marked = after < len(lines) and (lines[after].depth > depth or (not depth and is_piped(lines[after])))
        if not (is_marked or heading.is_sure or (heading.kind is Kind.ATTRIBUTION and depth)):
            place += 1
            continue
        mark_signature(lines, begun, heading.start, context)
        is_confirmed = True
        place = begun = _take(lines, heading, after, is_marked, context, read_forwarded)
    _mark_marked(lines, context, is_confirmed)
    _mark_known(lines, context)


def _take(
    lines: list[Line], heading: Heading, after: int, is_marked: bool, context: Context, read_forwarded: ReadForwarded
) -> int:
    """Give roles to the heading and to what it stands above; where to go on."""
    above = [line for line in lines[: heading.start] if line.is_open and not line.depth]
    depth = lines[heading.start].depth
    give(lines[heading.start : heading.end], Role.HEADING)
    is_quoted = is_marked or depth > 0
    has_pipes = is_marked and is_piped(lines[after])
    if is_quoted:
        wanted = depth + 1 if is_marked else depth
        end = _end_of_marked(lines, heading.end, wanted, has_pipes)
    else:
        wanted, end = 0, len(lines)
    if _is_handed_on(heading, above, is_quoted, context):
        inner = [unquoted(line, wanted) for line in lines[heading.end : end]]
        read_forwarded(inner, replace(context, is_first=True, subject="", earlier=()))
        lines[heading.end : end] = inner
    else:
        give(lines[heading.end : end], Role.QUOTE)
    if has_pipes:
        give((line for line in lines[end:] if is_piped(line)), Role.QUOTE)
    return end


def _is_handed_on(heading: Heading, above: list[Line], is_quoted: bool, context: Context) -> bool:
    """Is the mail below the heading the customer's matter, not the history of this conversation?"""
    if not above and not is_quoted:
        return True  # without a word of their own it is what they have to say
    if heading.kind is Kind.ATTRIBUTION:
        return False
    has_cover = any(anywhere("headings.cover").search(line.plain) for line in above)
    is_brief = sum(len(_WORDS.findall(line.plain)) for line in above) <= BRIEF
    if heading.kind is Kind.FORWARD:
        if context.is_first is not None:
            return context.is_first or has_cover or not above
        return has_cover or is_brief
    if context.is_first is not True:
        return context.is_first is None and has_cover
    if has_prefix(context.subject, "forward_prefixes"):
        return True
    return not has_prefix(context.subject, "reply_prefixes") and (has_cover or is_brief)


def _end_of_marked(lines: list[Line], place: int, depth: int, has_pipes: bool) -> int:
    """Where the quoted lines end that begin here. A line that a mail program wrapped out of its quote belongs to it."""

    def is_in(line: Line) -> bool:
        return line.depth >= max(depth, 1) or (has_pipes and line.text.lstrip().startswith("|"))

    end, before = place, ""
    while place < len(lines):
        line = lines[place]
        if is_in(line):
            end, before = place + 1, line.text
        elif not line.is_blank and not _is_wrapped(lines, place, before, is_in):
            break
        place += 1
    return end


def _is_wrapped(lines: list[Line], place: int, before: str, is_in: Callable[[Line], bool]) -> bool:
    follows_long = place > 0 and is_in(lines[place - 1]) and len(before) >= LONG_LINE
    goes_on = place + 1 < len(lines) and is_in(lines[place + 1])
    return follows_long and goes_on and lines[place].text.lstrip()[:1].islower()


def _mark_marked(lines: list[Line], context: Context, is_confirmed: bool) -> None:
    """Quoted lines that no heading stands above."""
    known = _known(context) if any(line.depth and line.role is None for line in lines) else ""
    place = 0
    while place < len(lines):
        if not (lines[place].depth and lines[place].role is None):
            place += 1
            continue
        end = place
        while end < len(lines) and lines[end].role is None and (lines[end].depth or _is_inside(lines, end)):
            end += 1
        if (role := _role_of_marked(lines, place, end, context, is_confirmed, known)) is not None:
            give(lines[place:end], role)
        place = end


def _is_inside(lines: list[Line], place: int) -> bool:
    return lines[place].is_blank and place + 1 < len(lines) and lines[place + 1].depth > 0 and lines[place + 1].role is None


def _role_of_marked(lines: list[Line], start: int, end: int, context: Context, is_confirmed: bool, known: str) -> Role | None:
    """A quote needs a heading, markup that says so, or somebody who wrote before; a console and a list of one's own are none."""
    block = [line for line in lines[start:end] if line.plain]
    if not block:
        return None
    if is_confirmed or any(line.is_strong for line in block) or any(_is_known(line.plain, known) for line in block):
        return Role.QUOTE
    if context.is_first and "from" in header_parts(block[0]):
        return Role.FORWARDED
    is_last = not any(line.is_open for line in lines[end:])
    intro = next((line.plain for line in reversed(lines[:start]) if line.plain), "")
    if (context.is_first and (intro or is_last)) or sum(looks_like_code(line.said) for line in block) * 2 >= len(block):
        return None
    if intro.endswith(":") and (is_last or anywhere("headings.own_telling").search(intro)):
        return None
    if not is_last:
        return Role.ANSWERED_QUOTE
    return Role.QUOTE if intro else None


def _known(context: Context) -> str:
    """What agents wrote before, as words with single spaces."""
    return f" {' '.join(' '.join(_WORDS.findall(folded(each))) for each in context.earlier)[:MAX_EARLIER]} "


def _is_known(plain: str, known: str) -> bool:
    words = " ".join(_WORDS.findall(plain))
    return len(words) >= MIN_KNOWN // 2 and f" {words} " in known


def _mark_known(lines: list[Line], context: Context) -> None:
    """Lines that an agent wrote before are not the customer's, marked or not."""
    if not context.earlier:
        return
    known = {" ".join(folded(line).split()) for text in context.earlier for line in text[:MAX_EARLIER].split("\n")}
    for line in lines:
        if line.role is None and len(line.plain) >= MIN_KNOWN and " ".join(line.plain.split()) in known:
            line.role = Role.QUOTE
