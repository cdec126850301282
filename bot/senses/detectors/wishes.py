"""wishes: everything that the customer wants of us, now and for themselves (rules/language/fields.py has their names)."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.wishes import wishes_of
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """The names, the surest first; empty where nothing is wanted but an answer."""
    there = sorted((each for each in wishes_of(ticket, text).values() if each.is_there), key=lambda each: -each.score)
    if not there:
        return Signal(value=(), score=0.8, why="nothing is wanted but an answer")
    return Signal(
        value=tuple(each.name for each in there),
        score=there[0].score,
        why=", ".join(f"{each.name.replace('_', ' ')}: {each.why}" for each in there),
    )
