"""Intercom's parts as messages: the opening source, and what follows it."""

from __future__ import annotations

import pytest

from adapters.intercom.api import IntercomApi
from adapters.intercom.hydrate import hydrate
from adapters.intercom.messages import to_first_message, to_message
from adapters.raw import Raw
from adapters.ticket import AuthorKind, Direction, MessageKind, Status, Visibility
from tests.adapters.intercom.conftest import KEY
from tests.adapters.intercom.reading import conversation, part, read


def test_the_first_message_is_the_source_and_parts_follow_by_their_type(api: IntercomApi) -> None:
    messages = hydrate(KEY, api).messages

    assert [message.kind for message in messages] == [
        MessageKind.MESSAGE,
        MessageKind.EVENT,
        MessageKind.MESSAGE,
        MessageKind.MESSAGE,
        MessageKind.NOTE,
        MessageKind.EVENT,
    ]
    assert [message.is_from_customer for message in messages] == [True, False, False, True, False, False]
    assert messages[3].body_text == "Any news?\n\nIt is urgent.\nThanks"
    assert messages[3].attachments[0].name == "error.png"
    assert messages[3].attachments[0].size_bytes == 2048
    assert messages[4].visibility is Visibility.INTERNAL
    assert [message.is_ours for message in messages] == [False, False, False, False, True, False]


def test_an_automatic_greeting_is_no_answer(api: IntercomApi) -> None:
    greeting = hydrate(KEY, api).messages[2]

    assert greeting.author_kind is AuthorKind.BOT
    assert greeting.is_auto_generated
    assert not greeting.is_agent_reply


def test_an_ai_agents_answer_is_one() -> None:
    ticket = read(conversation(part("comment", "bot", 10, from_ai_agent=True)))

    assert ticket.agent_replies
    assert ticket.status is Status.NEW  # by no teammate yet


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("close", None, (MessageKind.EVENT, Visibility.INTERNAL)),
        ("close", "<p>Bye</p>", (MessageKind.MESSAGE, Visibility.PUBLIC)),
        ("assignment", "<p>For you</p>", (MessageKind.NOTE, Visibility.INTERNAL)),
        ("note_and_reopen", "<p>Aha</p>", (MessageKind.NOTE, Visibility.INTERNAL)),
        ("never_heard_of", "<p>Words</p>", (MessageKind.EVENT, Visibility.INTERNAL)),
    ],
)
def test_words_beside_an_event(kind: str, body: str | None, expected: tuple[MessageKind, Visibility]) -> None:
    message = read(conversation(part(kind, "admin", 10, body))).messages[1]

    assert (message.kind, message.visibility) == expected


def test_a_first_message_is_named_by_its_conversation() -> None:
    raw = Raw(conversation(source={"author": {"type": "lead", "id": "5"}, "body": "<p>Hi</p>"}))

    message = to_first_message(raw, our_id="7009")

    assert (message.external_id, message.body_text) == (f"source-{KEY.external_id}", "Hi")
    assert (message.author_kind, message.direction) == (AuthorKind.PERSON, Direction.IN)


@pytest.mark.parametrize(("author", "ours"), [("admin", True), ("user", False)])
def test_only_a_teammate_with_our_id_is_us(author: str, ours: bool) -> None:
    assert to_message(Raw(part("comment", author, 10)), our_id="7001").is_ours is ours


def test_who_is_of_an_unknown_kind_is_the_system() -> None:
    assert to_message(Raw(part("comment", "ghost", 10)), our_id="").author_kind is AuthorKind.SYSTEM
