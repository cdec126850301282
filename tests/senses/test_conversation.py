"""Which of the customer's messages tells what a conversation is about."""

from __future__ import annotations

from adapters.ticket import Message, Ticket
from bot.senses.conversation import earlier_texts, issues_of, language_of


def _of(*bodies: str) -> Ticket:
    return Ticket(subject="Invoice", messages=tuple(Message(body_text=body) for body in bodies))


def test_earlier_messages_come_newest_first_and_the_first_with_its_subject() -> None:
    assert earlier_texts(_of("one", "two", "three")) == ["two", "Invoice\n\none"]
    assert earlier_texts(_of("one")) == []


def test_the_newest_message_that_tells_anything_is_taken() -> None:
    ticket = _of("I was charged twice in May.", "All our records have disappeared.", "Yes.")

    text, issues, is_earlier = issues_of(ticket, "Yes.")

    assert text == "All our records have disappeared."
    assert issues[0].issue_type == "data_loss"
    assert is_earlier


def test_a_text_without_a_language_has_none() -> None:
    assert language_of(Ticket(), "12 34") == ""
    assert language_of(Ticket(), "Where is the invoice of last month?") == "en"
