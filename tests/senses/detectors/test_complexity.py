"""complexity: by signs that can be counted."""

from __future__ import annotations

import pytest

from adapters.ticket import Message, Ticket
from bot.senses import visible_text
from bot.senses.detectors.complexity import detect
from tests.senses.makers import signal, value


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Where do I find my invoice?", "simple"),
        ("The page shows nothing when I open it in the morning", "normal"),
        ('Our webhook gets HTTP/1.1 401 since we changed the OAuth client: {"error": "invalid_client"}', "complex"),
    ],
)
def test_code_and_specialists_make_it_complex(text: str, level: str) -> None:
    assert value(detect, text) == level


def test_many_people_and_a_long_thread_make_it_complex() -> None:
    messages = tuple(Message(body_text="Where do I find my invoice?") for _ in range(7))
    ticket = Ticket(messages=messages, followers=frozenset(f"p{number}@example.com" for number in range(4)))

    found = signal(detect, ticket)

    assert found.value == "complex"
    assert found.why == "7 messages, 4 people in copy"
    assert visible_text(ticket)
