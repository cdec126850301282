"""Which tickets never get a draft, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.ticket import Attachment, AuthorKind, Direction, Message, Status, Ticket
from bot.drafts.eligibility import never_draft, only_thanks
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


@pytest.mark.parametrize(
    "text",
    [
        "Perfect, thank you so much! 👍",
        "Thanks!",
        "Thanks Anna!",
        "Great, it works now. Many thanks and best regards",
        "Super, hat geklappt. Vielen Dank für die schnelle Hilfe!",
        "Danke",
        "Parfait, merci beaucoup !",
        "¡Perfecto, muchas gracias!",
        "Grazie mille, tutto risolto!",
        "Ok, understood.",
    ],
)
def test_thanks_alone_are_not_answered(text: str) -> None:
    assert only_thanks(text)
    assert "only thanks" in (never_draft(Ticket(messages=(CUSTOMER, AGENT, replace(CUSTOMER, body_text=text))), {}) or "")


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but it still does not work.",
        "Thank you. How do I export now?",
        "Thanks in advance for sending the October invoice",
        "It does not work, thanks",
        "Danke, aber die Rechnung fehlt noch.",
        "Merci, mais le lien est mort.",
        "Perfect, and where is the invoice?",
        "Refund please, thanks",
        "Help",
    ],
)
def test_thanks_with_a_matter_are_answered(text: str) -> None:
    assert not only_thanks(text)


@pytest.mark.parametrize(
    ("message", "subject", "reason"),
    [
        (Message(body_text="", attachments=(Attachment(name="screen.png"),)), "Password reset", "files only"),
        (Message(body_text="[image: screen.png]\n\nSent from my iPhone"), "Password reset", "files only"),
        (Message(body_text="🔥🔥 123"), "😡", "no words"),
        (Message(body_text=""), "", "no words"),
    ],
)
def test_a_message_without_words_is_not_answered(message: Message, subject: str, reason: str) -> None:
    assert reason in (never_draft(Ticket(subject=subject, description="", messages=(message,)), {}) or "")
    assert reason in (never_draft(Ticket(subject="How do I export?", messages=(CUSTOMER, AGENT, message)), {}) or "")


def test_a_first_message_whose_subject_asks_is_answered() -> None:
    assert never_draft(Ticket(subject="How do I export?", messages=(Message(body_text=""),)), {}) is None
