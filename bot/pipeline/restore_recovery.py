"""Our own notes in a ticket that the database does not know: it was restored from an older copy, and has forgotten what it did.

The helpdesk remembers. A note of ours that no ledger row knows says that a run looked at the ticket as it was then: rules are
asked about that moment silently, what they would have said is taken as said, and the run goes on from there. So a restored
Deskhand, told everything again by vendors and the poll, writes no note twice. docs/decisions/0015-a-restored-database.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from adapters.ticket import Event, Json, Message, Ticket, TicketKey
from bot.drafts.note import marker_in, suggests_reply
from bot.store import drafts, due, runs, tickets
from bot.store.rules import rule_states
from bot.store.tickets import Memory
from bot.writes.note_marker import is_marker, last_read, place_of
from rules.model.decision import Decision

FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """`notes`: what the database does not know, oldest first. `then`: the ticket as the newest one's run had read it, and what
    we ourselves said up to that note."""

    notes: tuple[Message, ...]
    then: Ticket

    @property
    def suggests_reply(self) -> bool:
        return any(suggests_reply(note.body_text) for note in self.notes)

    def says(self, words: str) -> bool:
        """Whether one of the notes holds these words."""
        wanted = _plain(words)
        return bool(wanted) and any(wanted in _plain(note.body_text) for note in self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OurMark:
    """How this installation knows its notes again. `keys`: the marker keys, newest first. `helpdesks`: the helpdesk's
    identity, and what it was called in notes of before: its account's name, former names and addresses."""

    keys: tuple[str, ...]
    helpdesks: tuple[str, ...]

    def ways(self, found: str, ticket: TicketKey) -> Iterator[tuple[str, str]]:
        """The key and the place with which this marker was made; none where it is not ours."""
        for key in self.keys:
            for place in dict.fromkeys(place_of(each, ticket) for each in self.helpdesks):
                if is_marker(key, found, place):
                    yield key, place


def find(connection: Connection, ticket: Ticket, before: Ticket | None, ours: OurMark) -> Forgotten | None:
    """What a read of the ticket shows and the database does not know; None where it knows all."""
    notes = notes_since(ticket, before, ours)
    if notes:  # most often the last run's own note, which its ledger row knows
        known = runs.markers(connection, ticket.key)
        notes = [note for note in notes if marker_in(note.body_text) not in known]
    if not notes:
        return None
    return Forgotten(notes=tuple(notes), then=as_of(ticket, notes[-1], ours))


def notes_since(ticket: Ticket, before: Ticket | None, ours: OurMark) -> list[Message]:
    """Notes that this installation wrote on this ticket after `before` was read, by their headers. Pure."""
    seen = {message.external_id for message in before.messages} if before else set()
    by_us = [
        message for message in ticket.messages if message.is_ours and not message.is_public and message.external_id not in seen
    ]
    return [note for note in by_us if any(ours.ways(marker_in(note.body_text), ticket.key))]


def as_of(ticket: Ticket, note: Message, ours: OurMark) -> Ticket:
    """The ticket with what the run had read that wrote this note, and our own notes up to it: what others said while that run was
    under way it did not know. Where the message that it read last is gone, all that was said before the note counts. Its
    fields stay as they are now."""
    place = next(place for place, message in enumerate(ticket.messages) if message is note)
    read = _last_read(ticket, ticket.messages[:place], marker_in(note.body_text), ours)
    messages = tuple(each for at, each in enumerate(ticket.messages[: place + 1]) if at <= read or each.is_ours)
    return replace(ticket, messages=messages, message_count=min(ticket.message_count, len(messages)))


def _last_read(ticket: Ticket, before: Sequence[Message], mark: str, ours: OurMark) -> int:
    places = (last_read(key, mark, place, before) for key, place in ours.ways(mark, ticket.key))
    return next((place for place in places if place is not None), len(before))


def catch_up(connection: Connection, found: Forgotten, decided: Decision, memory: Memory, mode: str, now: datetime) -> None:
    """Remember the ticket as of the newest note and what the rules made of it then. No older draft is live any more; a follow-up
    that a note has told of is over, one that was wished for then is due again."""
    key = found.then.key
    tickets.keep_snapshot(connection, key, found.then, memory)
    rule_states.keep(connection, key, mode, decided.state, now)
    for draft in drafts.in_state(connection, key, "live", *(("asked", "ready") if found.suggests_reply else ())):
        drafts.move(connection, draft.id, "superseded", now, decided_by="restore", reason="a newer note is not in the database")
    for row in due.due_of(connection, key, FOLLOW_UP):
        if found.says(follow_up_words(row.payload)):
            due.close_due(connection, row.id)
    wished_at = found.notes[-1].created_at or now
    for wish in decided.follow_ups:
        payload: dict[str, Json] = {"rule": wish.rule, "text": wish.text}
        if not found.says(follow_up_words(payload)):
            due.add_due(connection, key, wished_at + wish.after, FOLLOW_UP, payload)


def without_said(said: Sequence[Event], found: Forgotten) -> tuple[Event, ...]:
    """The events, less the follow-ups that a note has told of already."""
    return tuple(event for event in said if not (event.kind_raw == FOLLOW_UP and found.says(follow_up_words(event.raw))))


def follow_up_words(raw: object) -> str:
    """What a follow-up says in the note."""
    words = str(raw.get("text", "")) if isinstance(raw, dict) else ""
    return words or "This ticket wanted another look by now."


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
