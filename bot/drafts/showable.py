"""What is sent is what was shown: a draft that a note cannot show whole is withheld, and a stored text is sent only if its hash
is that of the text in the note."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.drafts.types import Draft

MAX_REPLY = 4_000  # characters: what an agent reads before saying yes
MAX_CHECKS = 12
HASH = "shown_hash"


def showable(draft: Draft) -> Draft:
    """The draft, or in its place a withheld one that says why no note may hold it."""
    why = "" if draft.withheld else _why_not(draft)
    return replace(draft, withheld=True, reason=why, text="", sentences=(), sources=(), check_before=()) if why else draft


def _why_not(draft: Draft) -> str:
    if len(draft.text) > MAX_REPLY:
        return f"it has {len(draft.text)} characters, more than the {MAX_REPLY} that a note shows"
    if len(draft.check_before) > MAX_CHECKS:
        return f"{len(draft.check_before)} things in it would have to be checked before sending"
    if draft.text != as_shown(draft.text):
        return "it holds characters that a note cannot show"
    return ""


def as_shown(text: str) -> str:
    """The text as a note shows it: printable characters, paragraphs at one blank line, none at the ends."""
    printable = "".join(char for char in text.replace("\r\n", "\n") if char == "\n" or _is_printable(char))
    paragraphs = [part.strip("\n") for part in printable.split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part.strip())


def _is_printable(char: str) -> bool:
    return char == "\t" or (ord(char) >= 32 and not 0x7F <= ord(char) < 0xA0)


def shown_hash(text: str) -> str:
    """SHA-256 of the text, hexadecimal: kept with a live draft."""
    return hashlib.sha256(text.encode()).hexdigest()


def was_shown(text: str, stored: object) -> bool:
    """Whether `text` is byte for byte what the draft's note showed. `stored`: the draft's row as JSON; one without a hash was
    never shown by this rule."""
    return isinstance(stored, dict) and stored.get(HASH) == shown_hash(text)
