"""is_spam: the helpdesk's word, or several phrases together."""

from __future__ import annotations

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses.detectors.is_spam import detect
from tests.senses.makers import signal


def test_whoever_an_agent_answered_is_no_spam() -> None:
    answer = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Hello")
    spam = Message(body_text="SEO services, backlinks, first page of google")

    assert signal(detect, Ticket(messages=(spam,))).value is True
    assert signal(detect, Ticket(messages=(answer, spam))).value is False
