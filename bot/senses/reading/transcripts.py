"""Transcripts of a chat in one message: only the customer's lines are their words.

A line `(10:02) Anna: …`, `[10:02] Anna: …`, `Anna (10:02): …`, `Anna: …` or `Anna 10:02` begins a turn; lines without a name go
on with it.
Two sides have to be told apart, by the customer's name, by words such as "agent" and "customer", or by what only we say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import re2

from bot.senses.reading.folding import folded
from bot.senses.reading.lines import Line
from bot.senses.reading.parts import Context, Role
from bot.senses.reading.word_lists import anywhere, inside, phrases

MIN_WORDS = 3  # of a turn, where no time stands before it
MAX_SPEAKER = 40
MAX_SPEAKER_WORDS = 5
MAX_FRAME = 120
_DAY = r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|[A-Za-z]{3,9}\.? \d{1,2}(?:, \d{4})?)[T ,]+"
_ZONE = r"(?: (?:GMT|UTC|CET)[^ \])]*)?"
_CLOCK = rf"(?:오전 ?|오후 ?|上午 ?|下午 ?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\.\d+)?Z?(?: ?[AaPp]\.?[Mm]\.?)?{_ZONE}"
_TIME = rf"(?:{_DAY})?{_CLOCK}"
_BEFORE = re2.compile(rf"^(?:[(\[]{_TIME}[)\]]|{_TIME}(?: |$)) *[-–|•,]? *")
_BEHIND = re2.compile(rf"(?: ?[(\[]{_TIME}[)\]]|[ ,|•·–-] ?{_TIME}) *$")
_BRACKETED = re2.compile(r"^[\[<](\pL[^\[\]<>:]*)[\]>]:?\s+(\S.*)$")
_SAID = re2.compile(r"^(.*?)\s*(?::|：|\s[>»→]\s)\s*(.*)$")
_SPEAKER = re2.compile(r"^[\pL\d][\pL\pN\pM .,'’()&@_-]*$")
_SYSTEM = re2.compile(r"^[^*\pL]*\*\*\*|^\s*[-=*_]{2,}[\pL ]+[-=*_]{2,}\s*$")
_WORDS = re2.compile(r"[\pL\pN'-]+")


@dataclass(frozen=True, slots=True)
class _Turn:
    place: int
    speaker: str  # folded
    said: str
    is_timed: bool


def mark_transcript(lines: list[Line], context: Context) -> None:
    """Roles for a transcript's lines; nothing where there is none, or where nobody's side is known."""
    unquoted = ((place, line) for place, line in enumerate(lines) if line.is_open and not line.depth)
    turns = [turn for place, line in unquoted if (turn := _turn(place, line, context))]
    sides = _sides(turns, context)
    has_frame = any(line.is_open and _is_frame(line) for line in lines)
    if Role.STAFF not in sides.values() or not _is_transcript([turn for turn in turns if turn.speaker in sides], has_frame):
        return
    by_place = {turn.place: turn for turn in turns if turn.speaker in sides}
    last = max(by_place)
    side: Role | None = None
    for place, line in enumerate(lines):
        if line.is_blank:
            if place > last + 1 and not context.is_chat:
                side = None  # a paragraph of its own below the last turn
        elif turn := by_place.get(place):
            side = sides[turn.speaker]
            if side is Role.OWN and turn.said:
                line.text = line.said = turn.said
            line.role = side if turn.said else Role.STAFF
        elif line.is_open and (_SYSTEM.match(line.text) or _is_frame(line)):
            line.role = Role.STAFF
        elif line.is_open and side is not None:
            line.role = side


def _is_frame(line: Line) -> bool:
    return len(line.plain) < MAX_FRAME and bool(inside("speakers.frames").search(line.plain))


def _turn(place: int, line: Line, context: Context) -> _Turn | None:
    """The turn that a line begins: a name, and a time before or behind it or what is said."""
    text = line.said.strip()
    if bracketed := _BRACKETED.match(text):
        speaker = folded(bracketed.group(1)).strip()
        is_known = _is_staff(speaker) or _is_customer(speaker) or _is_author(speaker, context)
        return _Turn(place, speaker, bracketed.group(2), is_timed=False) if is_known and len(speaker) <= MAX_SPEAKER else None
    before = _BEFORE.match(text)
    rest = (text[before.end() :] if before else text).lstrip("*_<[ ")
    head, said, is_arrow = rest, "", False
    behind = _BEHIND.search(rest)
    found = None if behind else _SAID.match(rest)
    if found:
        head, said = found.group(1), found.group(2).lstrip("*_ ")
        is_arrow = rest[len(head) :].lstrip()[:1] in (">", "»", "→")
        behind = _BEHIND.search(head)
    head = (head[: behind.start()] if behind else head).strip(" *_<>[]|-–•")
    is_timed = bool(before or behind)
    if not 0 < len(head) <= MAX_SPEAKER or len(head.split()) > MAX_SPEAKER_WORDS or not _SPEAKER.match(head):
        return None
    speaker = folded(head)
    is_known = _is_staff(speaker) or _is_customer(speaker) or _is_author(speaker, context)
    if not found and not (is_timed and head[:1].isupper() and not before):
        return None
    if found and ((not said and not (is_known or is_timed)) or (is_arrow and not is_known)):
        return None
    return _Turn(place, speaker, said, is_timed)


def _is_transcript(turns: list[_Turn], has_frame: bool) -> bool:
    """Times, a frame, or at least two people whose turns are sentences."""
    if len(turns) < 2:
        return False
    if has_frame or sum(turn.is_timed for turn in turns) >= 2:
        return True
    long = [turn for turn in turns if len(turn.said.split()) >= MIN_WORDS or not turn.said.isascii() or not turn.said]
    return len({turn.speaker for turn in turns}) >= 2 and len(long) * 2 > len(turns)


def _is_staff(speaker: str) -> bool:
    return bool(anywhere("speakers.staff").search(speaker))


def _is_customer(speaker: str) -> bool:
    words = _WORDS.findall(speaker)
    return speaker in phrases("speakers.customer") or bool(phrases("speakers.customer").intersection(words[:1] + words[-1:]))


def _is_author(speaker: str, context: Context) -> bool:
    author, words = set(_WORDS.findall(folded(context.author))), set(_WORDS.findall(speaker))
    return bool(author and words) and (words <= author or author <= words)


def _sides(turns: list[_Turn], context: Context) -> Mapping[str, Role]:
    """Speaker -> whose words theirs are. Who is left is the customer where only staff are known, else one of the staff."""
    speakers = list(dict.fromkeys(turn.speaker for turn in turns))
    sides: dict[str, Role] = {}
    for speaker in speakers:
        if _is_author(speaker, context):
            sides[speaker] = Role.OWN
        elif _is_staff(speaker) or _offers_help(speaker, turns):
            sides[speaker] = Role.STAFF
        elif _is_customer(speaker):
            sides[speaker] = Role.OWN
    has_customer, has_staff = Role.OWN in sides.values(), Role.STAFF in sides.values()
    if not (has_customer or has_staff):
        return {}
    are_timed = {turn.speaker for turn in turns if turn.is_timed}
    counts = Counter(turn.speaker for turn in turns)
    for speaker in speakers:
        if speaker not in sides and (speaker in are_timed or (not are_timed and counts[speaker] > 1)):
            sides[speaker] = Role.STAFF if has_customer else Role.OWN
    return sides


def _offers_help(speaker: str, turns: list[_Turn]) -> bool:
    return any(inside("speakers.offers").search(folded(turn.said)) for turn in turns if turn.speaker == speaker)
