"""Detectors: each turns a ticket into one signal. A new detector is a module with `detect(ticket, text)` and a line below.

`text` is the customer's newest words without quotes and signature, with the subject where it is the first message.
Most ask bot/senses/ticket_reading.py, which reads the text once, sentence by sentence; docs/senses.md has their figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from adapters.ticket import Ticket
from bot.log import get_logger
from bot.senses import ticket_reading
from bot.senses.calibration import calibrated
from bot.senses.conversation import language_of
from bot.senses.detectors import (
    asks_for_management,
    churn_level,
    churn_words,
    complexity,
    diagnosis,
    frustration,
    is_auto_reply,
    is_mixed_language,
    is_spam,
    issue,
    language,
    legal_words,
    product_area,
    sentiment,
    severity,
    wants_cancel,
    wishes,
)
from bot.senses.letters import with_whole_letters
from bot.senses.reading import own_words_of, read_newest, strip_reply, visible_text
from rules.model.facts import Signal
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

__all__ = ["DETECTORS", "own_signals", "own_words_of", "read_newest", "sense", "strip_reply", "visible_text"]

Detector = Callable[[Ticket, str], Signal]
log = get_logger("senses")


def _is_auto_reply(ticket: Ticket, text: str) -> Signal:
    """What reads like a machine's is one more sign; what does not is none against: short notices read like anybody's."""
    found = ticket_reading.reading(text, language_of(ticket, text))
    return is_auto_reply.detect(ticket, text, None if found.is_empty else max(0.5, found.whole["machine"]["machine"]))


DETECTORS: Mapping[str, Detector] = {
    "language": language.detect,
    "is_mixed_language": is_mixed_language.detect,
    "sentiment": sentiment.detect,
    "frustration": frustration.detect,
    "issue_type": issue.detect_type,
    "issue": issue.detect,
    "issues": issue.detect_all,
    "severity": severity.detect,
    "complexity": complexity.detect,
    "is_diagnosable": diagnosis.detect,
    "questions_to_ask": diagnosis.detect_questions,
    "wishes": wishes.detect,
    "churn_words": churn_words.detect,
    "churn_level": churn_level.detect,
    "wants_cancel": wants_cancel.detect,
    "asks_for_management": asks_for_management.detect,
    "legal_words": legal_words.detect,
    "is_auto_reply": _is_auto_reply,
    "is_spam": is_spam.detect,
}


def _knowing(own: OwnIssues) -> dict[str, Detector]:
    """The detectors that say something else where a team has issues and areas of its own."""
    known: dict[str, Detector] = {
        "issue_type": partial(issue.detect_type, own=own),
        "issue": partial(issue.detect, own=own),
        "issues": partial(issue.detect_all, own=own),
        "is_diagnosable": partial(diagnosis.detect, own=own),
        "questions_to_ask": partial(diagnosis.detect_questions, own=own),
    }
    return {**known, "product_area": partial(product_area.detect, own=own)} if own.areas else known


def sense(
    ticket: Ticket, now: datetime, detectors: Mapping[str, Detector] = DETECTORS, *, own: OwnIssues = NO_OWN_ISSUES
) -> dict[str, Signal]:
    """All signals of a ticket as it stands at `now`; `own`: the team's own issues and areas. A detector that fails costs its own
    signal only."""
    return _sensed(ticket, now, {**detectors, **_knowing(own)} if own else detectors)


def own_signals(ticket: Ticket, now: datetime, own: OwnIssues) -> dict[str, Signal]:
    """Those signals alone that say something else where a team has issues and areas of its own."""
    return _sensed(ticket, now, _knowing(own))


def _sensed(ticket: Ticket, now: datetime, detectors: Mapping[str, Detector]) -> dict[str, Signal]:
    seen = with_whole_letters(replace(ticket, read_at=ticket.read_at or now))
    text = visible_text(seen)
    signals: dict[str, Signal] = {}
    for name, detect in detectors.items():
        try:
            signals[name] = calibrated(name, detect(seen, text))
        except Exception as error:  # a detector is open to extension and sees hostile text: it must not cost the run
            log.warning("signal.failed", signal=name, error=type(error).__name__)
    return signals
