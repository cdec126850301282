"""severity: p1 to p4 from what is broken (impact) and how badly work is stopped (urgency). The matrix is domain D2.

p1: down, data lost, security, revenue blocked. p2: a core thing broken, no way around. p3: degraded, with a way
around. p4: cosmetic, how-to, a wish. Tier, revenue and mood are for the rules, not for this signal.
"""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors import issue_type
from bot.senses.lexicon import lexicon
from rules.model.facts import Signal

_ALWAYS = {"outage": "p1", "data_loss": "p1", "security": "p1", "feature_request": "p4", "how_to": "p4", "spam": "p4"}
_START = {"bug": "p3", "integration": "p3", "account_access": "p3", "billing": "p3", "cancellation": "p3", "other": "p4"}
_FAULTS = {"bug", "integration", "account_access", "outage", "billing"}


def detect(ticket: Ticket, text: str) -> Signal:
    """The step, and the words that moved it."""
    kind = issue_type.detect(ticket, text)
    hits = lexicon("severity").said(text)
    marks = {hit.label for hit in hits}
    step = _step(str(kind.value), marks)
    words = ", ".join(f"“{hit.words}”" for hit in hits)
    sure = min(kind.score, 0.85) if str(kind.value) in _ALWAYS else max(0.4, min(kind.score, 0.7))
    return Signal(value=step, score=round(sure, 2), why=f"{kind.value}" + (f", {words[:140]}" if words else ""))


def _step(kind: str, marks: set[str]) -> str:
    if "revenue" in marks:
        return "p1"
    if kind in _ALWAYS:
        step = _ALWAYS[kind]
        return _softened(step, marks) if kind == "outage" else step
    if kind in _FAULTS and "widespread" in marks and marks & {"blocked", "claimed"}:
        return "p1"
    if kind in _FAULTS and marks & {"blocked", "widespread"}:
        return _softened("p2", marks)
    if "cosmetic" in marks:
        return "p4"
    step = _START.get(kind, "p4")
    if "claimed" in marks and "workaround" not in marks:
        return {"p4": "p3", "p3": "p2" if kind in {"bug", "integration", "account_access"} else "p3"}[step]
    return _softened(step, marks) if "workaround" in marks else step


def _softened(step: str, marks: set[str]) -> str:
    """One step down where the customer knows a way around or has time, and nobody else is hit."""
    lower = {"p1": "p2", "p2": "p3", "p3": "p4", "p4": "p4"}
    return lower[step] if "workaround" in marks and "widespread" not in marks else step
