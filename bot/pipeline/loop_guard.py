"""The loop guard: how often a ticket is written to, by what caused the runs that wrote. Pure: times and counts come from the
ledger and from the ticket.

Runs that no person's message caused are few, or two machines are talking: what is beyond their cap is set aside. A person may
write as often as they like. Only what looks like a machine behind a person's name is answered late, and never left unseen: the
run is put off, and comes again by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from adapters.ticket import INTERNAL, AuthorKind, Event, Message, MessageKind, Ticket, Visibility
from bot.facts import changes
from bot.runtime.retry import DeadLetter, RetryLater
from bot.store.tickets import PUT_OFF

Cause = Literal["message", "other"]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
IN_A_ROW = 3  # so many messages that all look like an echo
ECHO = timedelta(seconds=60)  # a message so soon after a write of ours may be an answer to it
_DIGITS = re.compile(r"\d+")  # "Echo number 7" says "Echo number 6" again
LOOK_AGAIN_S = 60.0  # what is put off is looked at so often where something new came: a person may have written


class PutOff(RetryLater):
    """Answered late: the run comes again by itself."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """A run that wrote, or would have in shadow. `until`: its end, or its start where it has not ended."""

    at: datetime
    until: datetime
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Runs that write on one ticket: in an hour without and with a new message as their cause, and in a day. `late_every`: how
    often there is one where messages look like an echo."""

    other_per_hour: int
    message_per_hour: int
    per_day: int
    late_every: timedelta


def cause_of(before: Ticket | None, ticket: Ticket, said: Sequence[Event], *, judges_a_draft: bool = False) -> Cause:
    """Whether a person's new message is behind a run: the message itself, the draft or the opinion that came late for it, or an
    agent's word on that draft. A tag that a machine set, or that no draft is there for, is no such word."""
    if judges_a_draft or any(event.type in INTERNAL for event in said):
        return "message"
    new = ticket.messages if before is None else changes.new_messages(before, ticket)
    return "message" if any(map(_is_by_person, new)) else "other"


def refuse(
    ticket: Ticket, cause: Cause, wrote: Sequence[Wrote], caps: Caps, now: datetime, *, judges_a_draft: bool = False
) -> None:
    """Raises DeadLetter where no message is the cause and a cap is reached, PutOff where a message has to wait. `wrote`: of the
    last day, in their order."""
    hour, day = [each.cause for each in wrote if now - each.at < HOUR], len(wrote)
    if cause == "other":
        if hour.count("other") >= caps.other_per_hour or day >= caps.per_day:
            raise DeadLetter(f"loop cap: {len(hour)} writing runs in an hour, {day} in a day")
        return
    why = _why_late(ticket, hour.count("message"), day, wrote, caps, now, judges_a_draft=judges_a_draft)
    left_s = left(wrote, caps, now).total_seconds()
    if why and left_s > 0:
        raise put_off(left_s, why)


def put_off(left_s: float, why: str) -> PutOff:
    return PutOff(min(left_s, LOOK_AGAIN_S), f"{PUT_OFF}: {why}")


def left(wrote: Sequence[Wrote], caps: Caps, now: datetime) -> timedelta:
    """How long until even a message that looks like an echo is answered."""
    ready = [now]
    if wrote:
        ready.append(wrote[-1].at + caps.late_every)
    if len(wrote) >= caps.per_day:
        ready.append(wrote[-caps.per_day].at + DAY)
    return max(ready) - now


def _why_late(
    ticket: Ticket, in_hour: int, in_day: int, wrote: Sequence[Wrote], caps: Caps, now: datetime, *, judges_a_draft: bool
) -> str:
    if in_day >= caps.per_day:
        return f"{in_day} writing runs in a day"
    if in_hour >= caps.message_per_hour:
        return f"{in_hour} writing runs on messages in an hour"
    if not judges_a_draft and _is_echo(ticket, wrote, now):  # no echo judges a draft
        return f"{IN_A_ROW} messages in a row answered a write of ours at once, or said again what was said"
    return ""


def _is_echo(ticket: Ticket, wrote: Sequence[Wrote], now: datetime) -> bool:
    """Whether people's newest messages all look like a machine's, three times over. Several lines after one write of ours are
    one answer to it: people write so."""
    said: set[str] = set()
    signs: list[object] = []  # what each message in a row answers, or itself where it says something again
    ours: Message | None = None
    our_reply: Message | None = None
    for message in ticket.messages:
        words = " ".join(message.body_text.split()).casefold()
        alike = _DIGITS.sub("#", words)
        sign: object = None
        if _is_by_person(message):
            if words in said:
                sign = message.external_id
            elif alike in said and ours:
                sign = ours.external_id
            elif message.visibility is Visibility.INTERNAL:
                sign = _answered(message, ours, now) or _answered_write(message, wrote, now)
            elif message.author_kind is not AuthorKind.AGENT:  # an agent's reply is for the customer
                sign = _answered(message, our_reply, now)
            signs = [*signs, sign] if sign is not None else []
        if message.is_ours:
            ours, our_reply = message, message if message.is_public else our_reply
        said |= {words, alike} - {""}
    return len(set(signs)) >= IN_A_ROW


def _answered(message: Message, ours: Message | None, now: datetime) -> str | None:
    """The message of ours that this one came at once after; `ours` is the newest one that its author can see. A customer sees our
    replies alone, so one who writes line after line beside our notes answers nothing. By the vendor's own times and order, which
    no wrong clock of ours and no cut second can turn round."""
    if ours is None or ours.created_at is None or (message.created_at or now) - ours.created_at > ECHO:
        return None
    return ours.external_id


def _answered_write(message: Message, wrote: Sequence[Wrote], now: datetime) -> datetime | None:
    """The same for writes that leave no message, by the ledger. Not from a run's start on: the message that it answers is hardly
    older."""
    at = message.created_at or now
    return next((each.until for each in reversed(wrote) if each.until < at <= each.until + ECHO), None)


def _is_by_person(message: Message) -> bool:
    """By a customer or an agent; not by us, nor by what says that it is a machine."""
    is_person = message.author_kind in (AuthorKind.PERSON, AuthorKind.AGENT) and not message.is_auto_generated
    return is_person and not message.is_ours and message.kind in (MessageKind.MESSAGE, MessageKind.NOTE)
