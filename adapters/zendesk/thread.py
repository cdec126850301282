"""The thread of a ticket: comments read with a bound, and what they are in our words.

The first comment is the ticket's description. Its id is always `first`, whether it came with the ticket (one read) or with
the comments (two reads), so that a later read does not take it for a new message.
https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from adapters.html_text import to_text
from adapters.raw import Raw
from adapters.ticket import Attachment, AuthorKind, Direction, Json, Message, MessageKind, Visibility
from adapters.zendesk import api as paths
from adapters.zendesk.api import ZendeskApi, path_to
from adapters.zendesk.tables import AUTO_GENERATED_FLAG, word

FIRST = "first"
_BODIES = ("body", "html_body", "plain_body")  # these are in the message; the rest of the comment stays beside it
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def comment_pages(ticket_id: str, api: ZendeskApi) -> Iterator[tuple[Raw, Raw]]:
    """Pages of comments as (page, comments of that page). Asked for newest first, in the words of both kinds of paging;
    the answer's own order counts (see `read_comments`)."""
    path = path_to(paths.COMMENTS, ticket_id)
    for page in api.pages(path, include="users", sort="-created_at", sort_order="desc"):
        yield page, page["comments"]


def read_comments(ticket_id: str, api: ZendeskApi) -> tuple[tuple[Raw, ...], dict[str, Raw]]:
    """The newest `max_messages` comments, oldest first, and their authors by id."""
    found: list[Raw] = []
    authors: dict[str, Raw] = {}
    for page, rows in comment_pages(ticket_id, api):
        found += (comment.tolerant() for comment in rows.strict().items())
        authors |= {user["id"].text(default=""): user for user in page["users"].tolerant().items()}
        if len(found) >= api.account.max_messages and is_newest_first(found):
            break
    in_order = sorted(found, key=lambda comment: (_created_at(comment), comment["id"].whole(default=0)))
    return tuple(in_order[-api.account.max_messages :]), authors


def is_newest_first(comments: list[Raw]) -> bool:
    """Where the wish for newest first was not heard, every page is needed to find the newest."""
    return not comments or _created_at(comments[0]) >= _created_at(comments[-1])


def _created_at(comment: Raw) -> datetime:
    return comment["created_at"].time(default=None) or _LONG_AGO


def first_message(ticket: Raw, users: Mapping[str, Raw], our_id: str) -> Message:
    """The description as a message. Its author is the submitter: the requester, or the agent who opened the ticket for them."""
    author_id = ticket["submitter_id"].text(default="") or ticket["requester_id"].text(default="")
    message = Message(
        external_id=FIRST,
        body_text=ticket["description"].text(default=""),
        created_at=ticket["created_at"].time(default=None),
        visibility=_visibility(ticket["is_public"]),
    )
    return _written_by(message, author_id, users, our_id, ticket["requester_id"].text(default=""))


def to_messages(
    comments: tuple[Raw, ...], first: Message, users: Mapping[str, Raw], our_id: str, ticket: Raw, most: int
) -> tuple[Message, ...]:
    """Oldest first, at most `most`, the first message always among them (the bound cuts behind it)."""
    requester_id = ticket["requester_id"].text(default="")
    messages = [to_message(comment, users, our_id, requester_id) for comment in comments]
    if messages and _is_first(messages[0], first):
        messages[0] = replace(messages[0], external_id=FIRST, body_text=first.body_text or messages[0].body_text)
        return tuple(messages)
    return (first, *messages[max(0, len(messages) - most + 1) :])


def _is_first(message: Message, first: Message) -> bool:
    """Zendesk gives both the same second; the text decides where an import gave the ticket another time."""
    return message.created_at == first.created_at or message.body_text.strip() == first.body_text.strip()


def to_message(comment: Raw, users: Mapping[str, Raw], our_id: str, requester_id: str) -> Message:
    """One comment. `requester_id`: whoever asks is a customer here, even if they work for the team."""
    message = Message(
        external_id=comment["id"].text(),
        body_text=_text(comment),
        body_html=comment["html_body"].text(default=""),
        attachments=tuple(_to_attachment(each) for each in comment["attachments"].items()),
        created_at=comment["created_at"].time(default=None),
        visibility=_visibility(comment["public"]),
        is_auto_generated=_is_auto_generated(comment),
        raw=_without_bodies(comment),
    )
    return _written_by(message, comment["author_id"].text(default=""), users, our_id, requester_id)


def _text(comment: Raw) -> str:
    words = comment["plain_body"].text(default="") or comment["body"].text(default="")
    return words if words.strip() else to_text(comment["html_body"].text(default=""))


def _visibility(is_public: Raw) -> Visibility:
    return Visibility.PUBLIC if is_public.strict().flag(default=True) else Visibility.INTERNAL


def _written_by(message: Message, author_id: str, users: Mapping[str, Raw], our_id: str, requester_id: str) -> Message:
    """The message with its author, and what follows from who that is."""
    is_ours = author_id != "" and author_id == our_id
    author = _author_kind(author_id, users, is_ours)
    is_asking = author is AuthorKind.PERSON or author_id == requester_id
    direction = Direction.IN if is_asking else Direction.OUT
    user = users.get(author_id)
    return replace(
        message,
        author_kind=AuthorKind.PERSON if author_id == requester_id else author,
        author_id=author_id,
        author_name=user["name"].text(default="") if user else "",
        direction=direction if message.is_public else Direction.NONE,
        kind=MessageKind.MESSAGE if message.is_public else MessageKind.NOTE,
        is_ours=is_ours,
    )


def _author_kind(author_id: str, users: Mapping[str, Raw], is_ours: bool) -> AuthorKind:
    if is_ours:
        return AuthorKind.BOT
    if author_id.startswith("-"):  # Zendesk writes as user -1
        return AuthorKind.SYSTEM
    user = users.get(author_id)
    is_customer = user is None or user["role"].text(default="end-user") == "end-user"
    return AuthorKind.PERSON if is_customer else AuthorKind.AGENT


def _to_attachment(raw: Raw) -> Attachment:
    return Attachment(
        name=raw["file_name"].text(default=""),
        content_type=raw["content_type"].text(default=""),
        size_bytes=raw["size"].whole(default=0) or None,
        url=raw["content_url"].text(default=""),
    )


def _is_auto_generated(comment: Raw) -> bool:
    """Written by a trigger or an automation, or flagged by Zendesk as mail that a machine made."""
    flags = [each.value for each in comment["metadata"]["flags"].items()]
    return AUTO_GENERATED_FLAG in flags or word(comment["via"]["channel"].text(default="")) in ("rule", "8")


def _without_bodies(comment: Raw) -> Json:
    return {name: place.value for name, place in comment.fields() if name not in _BODIES}


def waiting_since(messages: tuple[Message, ...]) -> datetime | None:
    """The customer's first message that no public reply has followed; None where the ball is not with us."""
    since: datetime | None = None
    for message in messages:
        if message.is_agent_reply:
            since = None
        elif message.is_from_customer and not message.is_auto_generated and since is None:
            since = message.created_at
    return since


def merged_into(ticket: Raw, comments: tuple[Raw, ...]) -> str | None:
    """The target of a merge: the source is closed and tagged, its newest comment names the target.

    https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket
    """
    if "closed_by_merge" not in ticket["tags"].texts() or not comments:
        return None
    newest = comments[-1]
    if target := newest["via"]["source"]["to"]["ticket_id"].identifier(default=None):
        return target
    named = re.search(
        r"#([1-9][0-9]{0,19})\b", newest["body"].text(default="")
    )  # the sentence around it is in the agent's language
    return named[1] if named else None
