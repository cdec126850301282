"""Intercom's parts as messages: the opening `source`, and what follows it.

The first message of a conversation is `source`, never a part. Most part types are events without words.
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/conversation_part
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.html_text import to_text
from adapters.raw import Raw
from adapters.ticket import Attachment, AuthorKind, Direction, Message, MessageKind, Visibility

AUTHOR: Mapping[str, AuthorKind] = {
    "admin": AuthorKind.AGENT,
    "bot": AuthorKind.BOT,
    "user": AuthorKind.PERSON,
    "lead": AuthorKind.PERSON,
    "contact": AuthorKind.PERSON,
    "visitor": AuthorKind.PERSON,
    "team": AuthorKind.SYSTEM,
}

# Part types that carry words. Closing and reopening may carry a public reply; the words of an assignment stay
# internal here, since the inbox writes both notes and replies into it.
KIND: Mapping[str, tuple[MessageKind, Visibility]] = {
    "comment": (MessageKind.MESSAGE, Visibility.PUBLIC),
    "quick_reply": (MessageKind.MESSAGE, Visibility.PUBLIC),
    "close": (MessageKind.MESSAGE, Visibility.PUBLIC),
    "open": (MessageKind.MESSAGE, Visibility.PUBLIC),
    "note": (MessageKind.NOTE, Visibility.INTERNAL),
    "note_and_reopen": (MessageKind.NOTE, Visibility.INTERNAL),
    "assignment": (MessageKind.NOTE, Visibility.INTERNAL),
}
_EVENT = (MessageKind.EVENT, Visibility.INTERNAL)
_NO_BODY = frozenset({"close", "open", "assignment"})  # events, unless words came with them


def to_first_message(raw: Raw, our_id: str) -> Message:
    """The opening message of a conversation, from its `source`."""
    source = raw["source"]
    return _message(source, "comment", f"source-{raw['id'].text()}", raw["created_at"], our_id)


def to_message(part: Raw, our_id: str) -> Message:
    """One part of a conversation or ticket."""
    return _message(part, part["part_type"].text(default=""), part["id"].text(default=""), part["created_at"], our_id)


def _message(raw: Raw, part_type: str, external_id: str, created_at: Raw, our_id: str) -> Message:
    author = raw["author"]
    author_id, author_kind = author["id"].text(default=""), AUTHOR.get(str(author["type"].value), AuthorKind.SYSTEM)
    html = raw["body"].text(default="")
    kind, visibility = KIND.get(part_type, _EVENT)
    if kind is MessageKind.EVENT or (not html and part_type in _NO_BODY):
        kind, visibility, html = (*_EVENT, "")
    return Message(
        external_id=external_id,
        author_kind=author_kind,
        author_id=author_id,
        author_name=author["name"].text(default=""),
        direction=_direction(kind, author, author_kind),
        visibility=visibility,
        kind=kind,
        body_text=to_text(html),
        body_html=html,
        attachments=tuple(_attachment(each) for each in raw["attachments"].items()) if kind is not MessageKind.EVENT else (),
        created_at=created_at.time(default=None),
        is_auto_generated=author_kind is AuthorKind.BOT or raw["delivered_as"].value in ("automated", "campaigns_initiated"),
        is_ours=author_kind is AuthorKind.AGENT and bool(our_id) and author_id == our_id,
        raw=raw.value,
    )


def _direction(kind: MessageKind, author: Raw, author_kind: AuthorKind) -> Direction:
    if kind is not MessageKind.MESSAGE:
        return Direction.NONE
    if author_kind is AuthorKind.PERSON:
        return Direction.IN
    if author_kind is AuthorKind.BOT and not (author["from_ai_agent"].value is True or author["is_ai_answer"].value is True):
        return Direction.NONE  # Operator's "you will get a reply here" is no answer: somebody still has to write one
    return Direction.OUT


def _attachment(raw: Raw) -> Attachment:
    return Attachment(
        name=raw["name"].text(default=""),
        content_type=raw["content_type"].text(default=""),
        size_bytes=raw["filesize"].whole(default=0) or None,
        url=raw["url"].text(default=""),
    )
