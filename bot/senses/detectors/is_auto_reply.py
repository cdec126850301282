"""is_auto_reply: the newest message comes from a machine (out of office, bounce, receipt) and must never be answered.

Precision first: where signs of a machine and of a person stand beside each other, it is a person's. What each sign weighs
stands in bot/senses/machine_signs.py.
"""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.machine_signs import ENOUGH, signs_of, verdict
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str, reads_like_machine: float | None = None) -> Signal:
    """`reads_like_machine`: a learned guess, 0 to 1, one more sign where there are others."""
    signs = signs_of(ticket, text)
    if not signs:
        return Signal(value=False, score=0.9, why="nothing of a machine found")
    total, why = verdict(signs, reads_like_machine)
    if total >= ENOUGH:
        return Signal(value=True, score=round(min(0.98, 0.75 + 0.15 * total), 2), why=why[:200])
    sure = min(0.95, max(0.55, 0.95 - 0.4 * total))
    return Signal(value=False, score=round(sure, 2), why=why[:200] or "hardly a sign of a machine")
