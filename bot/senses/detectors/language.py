"""language: ISO 639-1 of the customer's newest words; where they are few or unsure the conversation's, the locale, `und`."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from adapters.ticket import Ticket
from bot.senses.language_guess import Guess, guess, own_letters
from bot.senses.reading import visible_text
from rules.model.facts import Signal

FEW_LETTERS = 24
FEW_WORDS = 3
SURE = 0.75
SURE_OF_FEW = 0.9  # beside another locale
LEAST = 0.35
MIN_LETTERS = 3
MOST_EARLIER = 6


def detect(ticket: Ticket, text: str) -> Signal:
    """The language and how sure it is. A short answer ("iPhone 15 Pro") keeps the conversation's language."""
    if said := _of_text(text):
        return said
    found = guess(own_letters(text))
    about = f"{found.letters} letters" + (
        f", perhaps {found.language} ({found.score:.2f})" if found.letters >= MIN_LETTERS else ""
    )
    if thread := _of_thread(ticket):
        return Signal(value=thread, score=0.7 if thread == found.language else 0.6, why=f"{about}: the conversation's language")
    locale = _of_locale(ticket)
    if locale and not (found.score >= SURE_OF_FEW and found.words >= FEW_WORDS):
        sure = 0.6 if locale == found.language else 0.3
        return Signal(value=locale, score=sure, why=f"{about}; taken from the requester's locale")
    if found.letters >= MIN_LETTERS and found.score >= LEAST:
        return Signal(value=found.language, score=found.score, why=f"read from {about}")
    return Signal(value="und", score=0.0, why=f"unsure: {about}")


@lru_cache(maxsize=32)
def _of_text(text: str) -> Signal | None:
    """None where it is too short or too mixed to speak for itself. Every detector asks."""
    found = guess(own_letters(text))
    if not _speaks_for_itself(found):
        return None
    return Signal(value=found.language, score=found.score, why=f"read from {found.letters} letters")


def _speaks_for_itself(found: Guess) -> bool:
    return found.is_by_script or (found.letters >= FEW_LETTERS and found.words >= FEW_WORDS and found.score >= SURE)


def _of_thread(ticket: Ticket) -> str:
    """The language of the customer's earlier messages, the newest that speaks for itself; "" where none does."""
    earlier = [place for place, message in enumerate(ticket.messages) if message.is_from_customer][-MOST_EARLIER - 1 : -1]
    for place in reversed(earlier):
        found = guess(own_letters(visible_text(replace(ticket, messages=ticket.messages[: place + 1]))))
        if _speaks_for_itself(found):
            return found.language
    return ""


def _of_locale(ticket: Ticket) -> str:
    locale = (ticket.requester.locale if ticket.requester else "") or ticket.language or ""
    code = locale.replace("_", "-").split("-")[0].lower()
    return {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}.get(code, code) if len(code) == 2 and code.isalpha() else ""
