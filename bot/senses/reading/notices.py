"""Legal lines: confidentiality notices, imprints, banners of mail gateways. They threaten nobody and ask for nobody.

A notice is told sentence by sentence, so that a request in the same paragraph, above or below it stays. An imprint counts only
where no sentence follows: in the middle of a mail a managing director's name is what the mail is about.
"""

from __future__ import annotations

from itertools import groupby

import re2

from bot.senses.reading.folding import folded
from bot.senses.reading.lines import Line, paragraphs
from bot.senses.reading.parts import Role
from bot.senses.reading.signatures import is_closing, is_name_line, is_postscript
from bot.senses.reading.word_lists import anywhere, inside, phrases

MIN_LIKELY = 3  # words of a notice in a paragraph that has no sentence of one
MAX_BANNER_LINES = 3
MAX_BANNER = 300  # characters: a longer line holds more than a banner
MAX_NAME = 40
_SENTENCE = re2.compile(r"[.!?]+[\"')»”]*(?:\s+|$)|[。！？]")
_WORDS = re2.compile(r"[\pL\pN']+")


def mark_legal(lines: list[Line]) -> None:
    """Roles for legal lines. A line that holds a request and a notice becomes two."""
    _mark_banners(lines)
    for start, end in reversed(list(paragraphs(lines, 0, len(lines)))):
        if not lines[start].depth and _may_hold_notice(lines[start:end]):
            lines[start:end] = _with_notice(lines[start:end])
    _mark_imprint(lines)


def _mark_banners(lines: list[Line]) -> None:
    """A short paragraph, or a line of one, that a gateway or a list put there."""
    for start, end in paragraphs(lines, 0, len(lines)):
        for place in range(start, end):
            plain = lines[place].plain
            if not lines[place].depth and len(plain) <= MAX_BANNER and inside("notices.banners").search(_plain(plain)):
                for line in lines[place : end if end - start <= MAX_BANNER_LINES else place + 1]:
                    line.role = Role.LEGAL
                break


def _plain(text: str) -> str:
    return text.replace("e-mail", "email")


def _may_hold_notice(block: list[Line]) -> bool:
    joined = _plain(" ".join(line.plain for line in block))
    return bool(inside("notices.sure").search(joined)) or len(set(inside("notices.likely").findall(joined))) >= MIN_LIKELY


def _with_notice(block: list[Line]) -> list[Line]:
    """A paragraph with the sentences of a notice as lines of their own: from the first to the last that is one's, and those
    behind them unless a person says them."""
    pieces, sentences = _sentences(block)
    said = [_plain(folded(" ".join(pieces[n][1] for n in each))) for each in sentences]
    is_sure = [bool(inside("notices.sure").search(each)) for each in said]
    is_own = [_is_own(each) for each in said]
    hits = [
        n
        for n, each in enumerate(said)
        if not is_own[n] and (is_sure[n] or len(set(inside("notices.likely").findall(each))) >= (1 if any(is_sure) else 2))
    ]
    if not hits:
        return block
    last = hits[-1]
    while last + 1 < len(said) and not is_own[last + 1]:
        last += 1
    marked = {n for place in range(hits[0], last + 1) if not is_own[place] for n in sentences[place]}
    made = []
    for (number, is_legal), group in groupby(enumerate(pieces), key=lambda each: (each[1][0], each[0] in marked)):
        text = "".join(piece for _, (_, piece) in group)
        line = block[number] if text == block[number].said else Line(text, text, folded(text).strip())
        line.role = Role.LEGAL if is_legal and line.plain else line.role
        made.append(line)
    return made


def _sentences(block: list[Line]) -> tuple[list[tuple[int, str]], list[list[int]]]:
    """Pieces of lines (number, text), and each sentence as its pieces: it may go over lines. A closing or a name on a line of its
    own is a sentence by itself."""
    pieces: list[tuple[int, str]] = []
    sentences: list[list[int]] = [[]]
    for number, line in enumerate(block):
        is_name = len(line.said) < MAX_NAME and (is_closing(line.plain) or is_name_line(line))
        if is_name and sentences[-1]:
            sentences.append([])
        at = 0
        for end in [*(found.end() for found in _SENTENCE.finditer(line.said)), len(line.said)]:
            if end > at:
                sentences[-1].append(len(pieces))
                pieces.append((number, line.said[at:end]))
            if end < len(line.said) or _SENTENCE.search(line.said[at:end]) or is_name:
                sentences.append([])
            at = max(at, end)
    return pieces, [each for each in sentences if each]


def _is_own(plain: str) -> bool:
    """Somebody speaks for themselves, asks, or adds something."""
    words = set(_WORDS.findall(plain))
    return bool(words & phrases("notices.own_persons")) or "?" in plain or is_postscript(plain)


def _mark_imprint(lines: list[Line]) -> None:
    """Lines of an imprint at the end, up to the first sentence from below; names and addresses between them are none of it."""
    for line in reversed(lines):
        if line.is_blank or line.role in (Role.LEGAL, Role.SIGNATURE, Role.QUOTE, Role.HEADING):
            continue
        if line.role is not None or line.depth:
            return
        if _is_imprint(line):
            line.role = Role.LEGAL
        elif not (is_name_line(line) or is_postscript(line.plain) or is_closing(line.plain)):
            return


def _is_imprint(line: Line) -> bool:
    """Two of its words, or one in a line that is no sentence. Who says "our VAT number" speaks for themselves."""
    found = {each.strip() for each in anywhere("notices.imprint").findall(line.plain)}
    if not found or _is_own(line.plain) or phrases("headings.persons").intersection(_WORDS.findall(line.plain)):
        return False
    return len(found) > 1 or is_name_line(line) or any(each.endswith(":") for each in found)
