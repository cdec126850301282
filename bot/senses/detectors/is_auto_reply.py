"""is_auto_reply: the newest message comes from a machine (out of office, bounce, receipt) and must never be answered.

Precision first: where signs of a machine and of a person stand beside each other, it is a person's. What each sign weighs
stands in bot/senses/machine_signs.py. Alerts, receipts and reports have no phrases in common: there the learned guess alone is
enough where it is all but certain, nobody asks or wants anything, and no harm is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.ticket import Ticket
from bot.senses.conversation import language_of
from bot.senses.issues import FoundIssue, told_harm
from bot.senses.machine_signs import ENOUGH, Sign, asks_or_wants, body_of, signs_of, verdict, words_of_a_person
from bot.senses.quoting import quoted
from rules.model.facts import Signal

ALONE = 0.95  # of the learned guess: no ticket of a person who asks or wants nothing reaches 0.92 (tests/senses/first_day)
SURELY_A_PERSON = -0.6  # a sign by which it came in from a form, or was forwarded


def detect(ticket: Ticket, text: str, reads_like_machine: float | None = None) -> Signal:
    """`reads_like_machine`: a learned guess, 0 to 1: one more sign where there are others, enough where it is certain."""
    signs = signs_of(ticket, text)
    if _reads_like_one(signs, text, reads_like_machine) and not told_harm(text, language_of(ticket, text)):
        return Signal(value=True, score=0.9, why="reads like a machine's, and asks and wants nothing")
    if not signs:
        return Signal(value=False, score=0.9, why="nothing of a machine found")
    total, why = verdict(signs, reads_like_machine)
    if total >= ENOUGH and (harm := _harm_below_the_subject(ticket, text, signs, reads_like_machine)):
        return Signal(value=False, score=0.7, why=f"tells of {harm.path}, {quoted(harm.quote)}"[:200])
    if total >= ENOUGH:
        return Signal(value=True, score=round(min(0.98, 0.75 + 0.15 * total), 2), why=why[:200])
    sure = min(0.95, max(0.55, 0.95 - 0.4 * total))
    return Signal(value=False, score=round(sure, 2), why=why[:200] or "hardly a sign of a machine")


def _harm_below_the_subject(ticket: Ticket, text: str, signs: Sequence[Sign], likely: float | None) -> FoundIssue | None:
    """The harm that the body tells of, where it takes the subject to make a machine of it: nobody is silenced by what anybody
    can write there."""
    if verdict([sign for sign in signs if not sign.is_written], likely)[0] >= ENOUGH:
        return None
    return told_harm(words_of_a_person(body_of(ticket, text)), language_of(ticket, text))


def _reads_like_one(signs: Sequence[Sign], text: str, likely: float | None) -> bool:
    is_by_form = any(sign.weight <= SURELY_A_PERSON for sign in signs)
    return likely is not None and likely >= ALONE and not is_by_form and not asks_or_wants(text)
