"""is_diagnosable and questions_to_ask: what is told of a fault, and what is missing."""

from __future__ import annotations

import pytest

from adapters.ticket import Attachment, Message, Ticket
from bot.senses.detectors.diagnosis import detect, detect_questions
from bot.senses.lexicon import tree
from rules.values.taxonomy import TYPES
from tests.senses.makers import value

TOLD = "When I press Export in Chrome, it shows error 500 since this morning, for all of us."


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("The export is broken", False),
        ("Es ist kaputt", False),
        (TOLD, True),
        ("How do I change the logo?", None),
        ("Good morning", None),
    ],
)
def test_a_fault_told_in_three_words_is_not_enough(text: str, enough: bool | None) -> None:
    assert value(detect, text) is enough


def test_what_is_told_is_not_asked_again() -> None:
    short, long = value(detect_questions, "The export is broken"), value(detect_questions, TOLD)

    assert isinstance(short, tuple)
    assert isinstance(long, tuple)
    assert len(short) == 3  # of four: nobody answers a questionnaire
    assert len(long) < len(short)
    assert not any("browser" in question for question in long)


def test_a_screenshot_tells_the_message() -> None:
    message = Message(body_text="The export is broken", attachments=(Attachment(name="error.png"),))
    found = detect_questions(Ticket(messages=(message,)), "The export is broken").value

    assert isinstance(found, tuple)
    assert not any("screenshot" in question for question in found)


def test_who_writes_much_is_not_asked() -> None:
    assert value(detect_questions, "The export is broken, and " + "we do not know why it is so " * 12) == ()


def test_questions_belong_to_types_that_exist() -> None:
    assert set(tree("questions")) <= set(TYPES)
