"""Which tickets never get a draft, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.ticket import AuthorKind, Direction, Message, Status, Ticket
from bot.drafts.eligibility import never_draft
from rules.model.facts import Signal

AGENT = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="We look")
CUSTOMER = Message(body_text="Help", external_id="1")
ACKNOWLEDGED = Message(direction=Direction.OUT, author_kind=AuthorKind.BOT, body_text="We got it", is_auto_generated=True)


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (Ticket(status=Status.CLOSED, messages=(CUSTOMER,)), "closed"),
        (Ticket(is_writable=False, messages=(CUSTOMER,)), "closed"),
        (Ticket(merged_into="5", messages=(CUSTOMER,)), "merged"),
        (Ticket(is_spam=True, messages=(CUSTOMER,)), "spam"),
        (Ticket(messages=(AGENT, CUSTOMER)), "an agent started"),
        (Ticket(messages=(CUSTOMER, AGENT)), "already replied"),
        (Ticket(messages=(replace(CUSTOMER, is_auto_generated=True),)), "sent by a machine"),
        (Ticket(), "no message"),
    ],
)
def test_some_tickets_never_get_a_draft(of: Ticket, reason: str) -> None:
    assert reason in (never_draft(of, {}) or "")


@pytest.mark.parametrize(
    "of",
    [
        Ticket(messages=(CUSTOMER,)),
        Ticket(messages=(CUSTOMER, AGENT, CUSTOMER)),
        Ticket(messages=(CUSTOMER, ACKNOWLEDGED)),
        Ticket(subject="Help"),
    ],
)
def test_a_waiting_customer_gets_a_draft(of: Ticket) -> None:
    assert never_draft(of, {}) is None


def test_signals_of_machines_and_spam_count_only_when_sure() -> None:
    of = Ticket(messages=(CUSTOMER,))

    assert never_draft(of, {"is_auto_reply": Signal(value=True, score=0.9)})
    assert never_draft(of, {"is_spam": Signal(value=True, score=0.3)}) is None
