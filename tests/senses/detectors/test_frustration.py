"""frustration: how it grows with words, waiting and reopening."""

from __future__ import annotations

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses.detectors.frustration import detect
from tests.senses.makers import signal, ticket


def test_frustration_grows_with_unanswered_messages() -> None:
    once = Ticket(messages=(Message(body_text="It fails"),))
    thrice = Ticket(messages=tuple(Message(body_text="It fails", external_id=str(n)) for n in range(3)))

    assert _frustration(thrice) > _frustration(once)


def test_an_answer_ends_the_waiting() -> None:
    waiting = (Message(body_text="It fails"), Message(body_text="It fails"))
    answer = Message(body_text="We look", direction=Direction.OUT, author_kind=AuthorKind.AGENT)

    assert _frustration(Ticket(messages=(*waiting, answer, *waiting[:1]))) < _frustration(Ticket(messages=waiting))


def test_a_reopened_ticket_frustrates_and_is_named() -> None:
    twice = signal(detect, Ticket(reopen_count=2))

    assert "reopened 2 times" in twice.why
    assert _frustration(Ticket(reopen_count=2)) > _frustration(Ticket(reopen_count=1)) > _frustration(Ticket()) == 0


def test_kind_words_take_off_and_never_below_nothing() -> None:
    assert _frustration(ticket("It fails, but thank you, your support is excellent")) < _frustration(ticket("It fails"))
    assert _frustration(ticket("Thank you, excellent")) == 0


def _frustration(ticket: Ticket) -> float:
    found = signal(detect, ticket).value
    assert isinstance(found, float)
    return found
