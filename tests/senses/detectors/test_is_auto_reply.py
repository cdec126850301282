"""is_auto_reply: machines by their headers, sender, subject or first lines; questions about them are none."""

from __future__ import annotations

import pytest

from adapters.ticket import Message, Person, Ticket
from bot.senses.detectors.is_auto_reply import detect
from tests.senses.makers import signal, value


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your ticket",
        "Re: Out of Office: Export",
        "Abwesenheitsnotiz: Export",
        "Réponse automatique : Export",
        "Respuesta automática: Export",
        "Automatisch antwoord: Export",
        "Undeliverable: Your ticket",
        "Delivery Status Notification (Failure)",
        "自動応答: お問い合わせ",
        "自动回复: 您好",
    ],
)
def test_subjects_of_machines_are_found(subject: str) -> None:
    assert value(detect, "See you soon", subject) is True


def test_a_flag_of_the_headers_is_enough() -> None:
    ticket = Ticket(messages=(Message(body_text="Thanks for your mail", is_auto_generated=True),))

    assert signal(detect, ticket).value is True


def test_a_bounce_is_found_by_its_sender() -> None:
    ticket = Ticket(requester=Person(emails=("MAILER-DAEMON@mx.example.com",)), messages=(Message(body_text="Hello"),))

    assert signal(detect, ticket).value is True


@pytest.mark.parametrize("subject", ["How do I set an automatic reply?", "Out of ideas", "Question on vacation days"])
def test_questions_about_such_subjects_are_not_machines(subject: str) -> None:
    assert value(detect, "Please help me with this", subject) is False


def test_a_short_message_that_begins_like_a_machines_is_one() -> None:
    opening = "I am out of the office until Monday."

    assert value(detect, opening, "Re: Export") is True
    assert value(detect, opening + " But here is my question at length." * 50, "Re: Export") is False


def test_the_subject_counts_for_a_first_message_only() -> None:
    conversation = Ticket(subject="Out of office", messages=(Message(body_text="Hello"), Message(body_text="It still fails")))

    assert signal(detect, conversation).value is False
