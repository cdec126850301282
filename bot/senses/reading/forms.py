"""Fields of a form, names of files, and the greeting: small parts of a message that are told by their own words."""

from __future__ import annotations

import re2

from bot.senses.reading.headings import header_parts
from bot.senses.reading.lines import Line, next_filled
from bot.senses.reading.parts import Role
from bot.senses.reading.word_lists import longest_first, phrases

MAX_LABEL = 40
MAX_GREETED = 4  # words behind the greeting
_FILE = re2.compile(
    r"(?i)^[<\[(*]*(?:[\pL ]+:\s*)?[^\s<>\[\]:/][^<>\[\]:/\n]*"
    r"\.(?:png|jpe?g|gif|bmp|webp|heic|svg|pdf|docx?|xlsx?|pptx?|csv|zip|rar|7z|txt|log|eml|msg|mp4|mov|avi)"
    r"[>\])*]*(?:\s*\(?\d[\d.,]* ?[kmg]?i?b(?:ytes)?\)?)?$"
)
_INLINE = re2.compile(r"(?i)^\[([\pL -]+):[^\[\]]*\]$|^<(\pL+):[^<>]*>$")


def mark_forms(lines: list[Line]) -> None:
    """Roles for the labelled lines of a form; what stands in its message field is the customer's own."""
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and lines[end].is_open and not lines[end].depth and _label(lines[end]):
            end += 1
        if end - place >= 2 and _is_form(lines[place:end]):
            for line in lines[place:end]:
                line.role = Role.OWN if _label(line) in phrases("forms.message") else Role.FORM
        place = max(end, place + 1)


def _label(line: Line) -> str:
    label, colon, _ = line.plain.partition(":")
    label = label.strip(" *_-")
    return label if colon and 0 < len(label) <= MAX_LABEL and (header_parts(line) or _is_label(label)) else ""


def _is_label(label: str) -> bool:
    return label in phrases("forms.message") or label in phrases("forms.person")


def _is_form(block: list[Line]) -> bool:
    """A message field, or two of a person, that no mail header has; and no address in it that only mail headers hold."""
    labels = [_label(line) for line in block]
    of_form = [label for line, label in zip(block, labels, strict=True) if not header_parts(line)]
    of_person = sum(label in phrases("forms.person") for label in of_form)
    return of_person >= 2 or any(label in phrases("forms.message") for label in of_form)


def mark_files(lines: list[Line]) -> None:
    """Roles for lines that only name a file or a picture."""
    for line in lines:
        if line.is_open and _names_file(line):
            line.role = Role.ATTACHMENT


def _names_file(line: Line) -> bool:
    text = line.said.strip()
    if len(text) > 160:
        return False
    if found := _INLINE.match(text):
        label = line.plain[1:].split(":")[0].strip()
        return label in phrases("forms.attachments") and bool(found)
    return bool(_FILE.match(text)) and len(text.split()) <= 6


def mark_greeting(lines: list[Line]) -> None:
    """The role for a first line that greets and says nothing else."""
    first = next_filled(lines, 0)
    if first < len(lines) and lines[first].is_open and not lines[first].depth and is_greeting(lines[first]):
        lines[first].role = Role.GREETING


def is_greeting(line: Line) -> bool:
    plain = line.plain.rstrip(" ,!.:;-–—。，、！،")
    if plain in phrases("closings.greetings"):
        return True
    if line.plain.endswith((".", "?", "。", "？")):
        return False
    for phrase in longest_first("closings.greetings"):
        if plain.startswith(phrase) and not plain[len(phrase) : len(phrase) + 1].isalnum():
            words = line.said.strip(" ,!.:;-–—").split()[len(phrase.split()) :]
            is_name = all(not word[:1].islower() or word.rstrip(".").lower() in phrases("closings.greeted") for word in words)
            return is_name and len(words) <= MAX_GREETED
    return False
