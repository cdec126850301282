"""Reading a message: its lines, then what each block of them is, from what is surest to what is left, the customer's words."""

from __future__ import annotations

from functools import lru_cache, partial

from bot.log import get_logger
from bot.senses.reading.forms import mark_files, mark_forms, mark_greeting
from bot.senses.reading.history import mark_history
from bot.senses.reading.lines import Line, bounded, to_lines
from bot.senses.reading.markup import html_lines
from bot.senses.reading.notices import mark_legal
from bot.senses.reading.parts import Context, Part, Reading, Role
from bot.senses.reading.signatures import mark_signature
from bot.senses.reading.technical import mark_technical
from bot.senses.reading.transcripts import mark_transcript

log = get_logger("senses")
UNKNOWN = Context()
MAX_LEVELS = 3  # of mails that are handed on inside each other
_NOT_THEIRS = (Role.QUOTE, Role.ANSWERED_QUOTE, Role.HEADING)


@lru_cache(maxsize=32)
def read(text: str, context: Context = UNKNOWN, html: str = "") -> Reading:
    """The parts of a message. `html`: its body as HTML, which counts where it says more than the text. Never raises: the worst
    answer is the whole text as own words."""
    try:
        return split(text, context, html)
    except Exception as error:  # hostile text and HTML: the unread text is always a usable answer
        log.warning("reading.failed", error=type(error).__name__)
        whole = bounded(text).strip()
        return Reading((Part(Role.OWN, whole),), whole, context.is_first)


def split(text: str, context: Context = UNKNOWN, html: str = "") -> Reading:
    """As `read`, but for what it does with faults."""
    whole = bounded(text)
    lines = (html_lines(html, whole) if html else None) or to_lines(whole)
    _mark(lines, context)
    return Reading(tuple(_parts(lines)), whole.strip(), context.is_first)


def strip_reply(text: str) -> str:
    """The visible reply in an e-mail's text, without history and signature; "" where all of it is quoted."""
    return read(text).visible


def own_words(text: str) -> str:
    """The visible reply without the quoted lines that it answers one by one; the text where nothing else is left."""
    reading = read(text)
    return reading.own or reading.visible or reading.whole


def _mark(lines: list[Line], context: Context) -> None:
    """Roles for all lines that have words."""
    mark_transcript(lines, context)
    if not context.is_chat:
        _mark_mail(lines, context)
    mark_files(lines)
    mark_greeting(lines)
    _mark_rest(lines)


def _mark_mail(lines: list[Line], context: Context, level: int = 0) -> None:
    """Roles of a mail that is handed on inside `level` others."""
    mark_technical(lines)
    mark_forms(lines)
    mark_legal(lines)
    if level < MAX_LEVELS:
        mark_history(lines, context, partial(_read_forwarded, level=level + 1))
    begun = max((place + 1 for place, line in enumerate(lines) if line.role in _NOT_THEIRS), default=0)
    mark_signature(lines, begun, len(lines), context)


def _read_forwarded(lines: list[Line], context: Context, level: int) -> None:
    """A mail that is handed on, read like any other: its words are the matter, its signature and its own history are not."""
    _mark_mail(lines, context, level)
    for line in lines:
        if line.is_open or line.role in (Role.OWN, Role.ANSWER):
            line.role = Role.FORWARDED


def _mark_rest(lines: list[Line]) -> None:
    """What is left is the customer's: an answer where a quote stands above it."""
    is_answer = False
    for line in lines:
        if line.is_open:
            line.role = Role.ANSWER if is_answer else Role.OWN
        elif line.role in _NOT_THEIRS:
            is_answer = True


def _parts(lines: list[Line]) -> list[Part]:
    """Lines beside each other with one role as one part. Blank lines belong to what stands above them; of many one is kept."""
    parts: list[Part] = []
    role: Role | None = None
    kept: list[str] = []
    for line in lines:
        if line.is_blank and line.role is not Role.HIDDEN and not (line.depth and line.role is Role.ANSWERED_QUOTE):
            if kept and kept[-1].strip():
                kept.append("")
            continue
        if line.role is not role:
            if role is not None:
                parts.append(Part(role, "\n".join(kept)))
            role, kept = line.role, []
        kept.append(line.said if line.role is Role.QUOTE else line.text)
    if role is not None:
        parts.append(Part(role, "\n".join(kept)))
    return parts
