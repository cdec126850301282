"""When no draft is made at all, before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from adapters.ticket import AuthorKind, Direction, Message, MessageKind, Status, Ticket
from bot.senses import read_newest
from bot.senses.reading import Role
from rules.files.yaml_file import plain, read_yaml
from rules.model.facts import Signal
from rules.values.folding import fold

SURE = 0.6
MAX_THANKS = 30  # words


def never_draft(ticket: Ticket, signals: Mapping[str, Signal]) -> str | None:
    """Why this ticket gets no draft, in words for the trace, or None."""
    if ticket.is_deleted or ticket.merged_into:
        return "the ticket is deleted or merged"
    if ticket.status in {Status.CLOSED, Status.SOLVED} or not ticket.is_writable:
        return "the ticket is closed"
    if _holds(signals, "is_spam") or ticket.is_spam:
        return "it reads like spam"
    return _conversation(ticket, signals)


def _conversation(ticket: Ticket, signals: Mapping[str, Signal]) -> str | None:
    public = [message for message in ticket.messages if message.is_public and message.kind is MessageKind.MESSAGE]
    if public and public[0].direction is Direction.OUT and not public[0].is_auto_generated:
        return "an agent started this conversation"
    newest = ticket.last_customer_message
    if (newest and newest.is_auto_generated) or _holds(signals, "is_auto_reply"):
        return "the newest message was sent by a machine"
    if newest is None and not (ticket.description or ticket.subject):
        return "there is no message of a customer"
    if newest and any(map(_answers, _after_newest(public))):
        return "somebody has already replied"
    return _says_nothing(ticket, newest) if newest else None


def _says_nothing(ticket: Ticket, newest: Message) -> str | None:
    """Why there is nothing in the newest message that a draft could answer, or None."""
    reading = read_newest(ticket)
    said = reading.own
    if not _has_words(said):
        is_first = next(message for message in ticket.messages if message.is_from_customer) is newest
        if newest.attachments or any(part.role is Role.ATTACHMENT for part in reading.parts):
            return "the newest message holds files only"
        return None if is_first and _has_words(ticket.subject) else "the newest message holds no words"
    return "the newest message only thanks or confirms" if only_thanks(said) else None


def _has_words(text: str) -> bool:
    return sum(char.isalpha() for char in text) > 1


def only_thanks(text: str) -> bool:
    """True for "Perfect, thank you so much! 👍": short, no question, all words of thanks or confirmation. A name may follow."""
    thanks, others, but = _acknowledgements()
    words = ["".join(char for char in word if char.isalpha() or char in "'’") for word in text.split()]
    words = [word.replace("’", "'").strip("'") for word in words]
    words = [word for word in words if word]
    known = [fold(word) for word in words]
    if not words or len(words) > MAX_THANKS or any(mark in text for mark in "?？¿") or but & set(known):
        return False
    unknown = [place for place, word in enumerate(known) if word not in thanks and word not in others]
    is_name = len(unknown) == 1 and unknown[0] > 0 and words[unknown[0]].istitle() and len(words) <= 6
    return bool(thanks & set(known)) and (not unknown or is_name)


@lru_cache(maxsize=1)
def _acknowledgements() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    found = plain(read_yaml(Path(__file__).parent / "acknowledgements.yaml"))
    thanks, others, but = (frozenset(map(fold, found[name].split())) for name in ("thanks", "others", "but"))
    return thanks, others, but


def _after_newest(public: list[Message]) -> Iterator[Message]:
    """The messages after the customer's newest one, from the end."""
    return takewhile(lambda message: not message.is_from_customer, reversed(public))


def _answers(message: Message) -> bool:
    """A reply by a person of the team, or by us after a person's word; acknowledgements of a machine do not count."""
    by_team = message.author_kind is AuthorKind.AGENT or message.is_ours
    return message.direction is Direction.OUT and by_team and not message.is_auto_generated


def _holds(signals: Mapping[str, Signal], name: str) -> bool:
    signal = signals.get(name)
    return bool(signal and signal.value is True and signal.score >= SURE)
