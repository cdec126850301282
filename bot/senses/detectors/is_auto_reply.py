"""is_auto_reply: the newest message comes from a machine (out of office, bounce, receipt) and must never be answered."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from adapters.ticket import Message, Ticket
from bot.senses.lexicon import normal, tree
from rules.model.facts import Signal

LONGEST = 1_500  # letters; a long mail that starts "I am out of the office" usually has a question further down
OPENING = 400
# What mail systems and people put before the subject that a machine chose.
_PREFIXES = frozenset({"re", "aw", "fwd", "fw", "wg", "sv", "tr", "rv", "external", "extern", "ext"})


def detect(ticket: Ticket, text: str) -> Signal:
    """Headers are surest, then the sender, then the subject, then the first lines of a short message."""
    newest = ticket.last_customer_message
    if newest and newest.is_auto_generated:
        return Signal(value=True, score=0.98, why="its headers say that a machine sent it")
    if _from_machine(ticket, newest):
        return Signal(value=True, score=0.95, why="sent by a mail system")
    if len(ticket.customer_messages) <= 1 and (phrase := _in_subject(ticket.subject)):
        return Signal(value=True, score=0.9, why=f"subject: {phrase}")
    if len(text) <= LONGEST and (phrase := _in_opening(newest.body_text if newest else text)):
        return Signal(value=True, score=0.8, why=f"begins with: {phrase}")
    return Signal(value=False, score=0.8, why="nothing of a machine found")


def _from_machine(ticket: Ticket, newest: Message | None) -> bool:
    addresses = ticket.requester.emails if ticket.requester else ()
    names = [address.split("@")[0] for address in addresses] + ([newest.author_name] if newest else [])
    wanted = _phrases("sender")
    return any(normal(name.replace("+", " ")).split()[:1] == [each] for name in names for each in wanted if name)


def _in_subject(subject: str) -> str:
    words = [word for word in normal(subject).split() if word != "|"]
    while words and words[0] in _PREFIXES:
        words = words[1:]
    start = " ".join(words)
    folded = unicodedata.normalize("NFKC", subject).casefold()
    for phrase in _phrases("subject"):
        if not phrase.isascii() and unicodedata.category(phrase[0]) == "Lo":  # scripts without spaces between words
            if phrase in folded:
                return phrase
        elif f"{start} ".startswith(f"{phrase} "):
            return phrase
    return ""


def _in_opening(body: str) -> str:
    start = " ".join(normal(body[:OPENING]).replace("|", " ").split())
    return next((phrase for phrase in _phrases("opening") if f" {phrase} " in f" {start} "), "")


@lru_cache(maxsize=4)
def _phrases(part: str) -> tuple[str, ...]:
    found = tree("auto_reply")[part]
    phrases = found if isinstance(found, list) else [phrase for group in found.values() for phrase in group]
    return tuple(" ".join(normal(phrase).split()) for phrase in phrases)
