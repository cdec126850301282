"""is_spam: the helpdesk's word, or several phrases together."""

from __future__ import annotations

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses.detectors.is_spam import detect
from tests.senses.makers import signal, ticket


def test_whoever_an_agent_answered_is_no_spam() -> None:
    answer = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Hello")
    spam = Message(body_text="SEO services, backlinks, first page of google")

    assert signal(detect, Ticket(messages=(spam,))).value is True
    assert signal(detect, Ticket(messages=(answer, spam))).value is False


def test_the_helpdesks_own_mark_is_enough() -> None:
    found = signal(detect, Ticket(is_spam=True, messages=(Message(body_text="How do I export?"),)))

    assert (found.value, found.score) == (True, 1.0)


def test_a_single_hint_is_no_verdict_but_less_sure() -> None:
    hint, none = (signal(detect, ticket(body)) for body in ("Is there a promotion?", "How do I export?"))

    assert (hint.value, none.value) == (False, False)
    assert hint.score < none.score
