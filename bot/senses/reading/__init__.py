"""The reader: splits a message into parts with a role, so that only the customer's own words are taken for theirs.

`read` looks at blocks and at what surrounds a line, never at a line alone (docs/senses.md). All of it is linear: a hostile
message costs its length, and a huge one is read at its beginning and its end. Word lists of 24 languages stand in `words/`.
"""

from __future__ import annotations

from bot.senses.reading.messages import own_words_of, read_first, read_newest, visible_text
from bot.senses.reading.parts import Context, Part, Reading, Role
from bot.senses.reading.reader import own_words, read, strip_reply

__all__ = [
    "Context",
    "Part",
    "Reading",
    "Role",
    "own_words",
    "own_words_of",
    "read",
    "read_first",
    "read_newest",
    "strip_reply",
    "visible_text",
]
