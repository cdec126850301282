"""What may be written to a helpdesk, in our words, and what a provider makes of it.

`plan` (bot/writes/planner.py) makes `Write`s; a provider's `to_requests` joins them into vendor `Request`s; `send` gives an
`Outcome`. All of them are stored as JSON before anything is sent, so every one is a plain frozen value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field as PydanticField

from adapters.ticket import CustomValue, Json, Priority, Status, TicketKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTags:
    tags: frozenset[str]
    kind: Literal["add_tags"] = "add_tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTags:
    tags: frozenset[str]
    kind: Literal["remove_tags"] = "remove_tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    priority: Priority
    kind: Literal["set_priority"] = "set_priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    status: Status
    until: datetime | None = None  # for on_hold where the vendor snoozes
    kind: Literal["set_status"] = "set_status"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAssignee:
    """`agent` is an agent's e-mail address, name or external id; None takes the assignment off."""

    agent: str | None
    kind: Literal["set_assignee"] = "set_assignee"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTeam:
    """`team` is a team's name or external id; None takes the team off."""

    team: str | None
    kind: Literal["set_team"] = "set_team"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetField:
    """A custom field by its slug (the account's mapping names the vendor's id)."""

    slug: str
    value: CustomValue
    kind: Literal["set_field"] = "set_field"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFollower:
    email: str
    kind: Literal["add_follower"] = "add_follower"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFollower:
    email: str
    kind: Literal["remove_follower"] = "remove_follower"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressSurvey:
    kind: Literal["suppress_survey"] = "suppress_survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A private note. `html` holds allow-listed tags only and contains `marker`, which is how an unknown outcome is settled."""

    html: str
    marker: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A public reply: only ever after a person's word. Plain text; the adapter escapes it.

    `author`: the external id of the agent in whose name it is written; "": our own user. Where the helpdesk refuses that name,
    it is written as our own user after all.
    """

    text: str
    author: str = ""
    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeMacro:
    """Shown to the agent inside the run's one note; never applied by us. The `Note` write of the same plan carries it."""

    macro: str
    kind: Literal["propose_macro"] = "propose_macro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Link to a problem or related ticket by external id."""

    to: str
    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Merge this ticket into another (external id). Only after a person's word: no provider can take it back."""

    into: str
    kind: Literal["merge"] = "merge"


Write = Annotated[
    AddTags
    | RemoveTags
    | SetPriority
    | SetStatus
    | SetAssignee
    | SetTeam
    | SetField
    | AddFollower
    | RemoveFollower
    | SuppressSurvey
    | Note
    | Reply
    | ProposeMacro
    | Link
    | Merge,
    PydanticField(discriminator="kind"),
]


class Support(StrEnum):
    """What an adapter says of a write kind. A fallback is declared in its table and named in docs/providers."""

    YES = "yes"
    FALLBACK = "fallback"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """How one provider carries one write kind. `fallback` says in a sentence what it does instead; lossy maps are named there."""

    support: Support
    fallback: str = ""
    is_read_back: bool = True  # the ticket shows it in the field of that name; else our own write would look undone


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWrite:
    """A write and the ids of the rules that asked for it (`draft:dh-accept` and the like for a person's word).

    `after_reply`: it is right only once the plan's public reply was sent, and is left undone where that was not.
    """

    write: Write
    rules: tuple[str, ...] = ()
    after_reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The fewest writes from what is there to what is wanted, in the order they are applied.

    `run_id` names the run for metadata that a vendor keeps beside a change (never for anything a customer sees).
    `note_content` is what the plan's note tells, as JSON of `bot.drafts.note.NoteContent`: from it the note is rendered anew when
    its request is sent. None where the plan has no note, and in plans of older versions, whose note is sent as it was planned.
    `answered_html` is in plans of older versions what the note says once an agent has answered; "" where nothing is left of it.
    """

    ticket: TicketKey
    writes: tuple[PlannedWrite, ...] = ()
    run_id: str = ""
    answered_html: str = ""
    note_content: Json = None


REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One vendor request, ready to be sent and stored. JSON all through.

    `operation` is the adapter's own word for what `send` does (`update_ticket`, `add_note`, `attach_tag`); REFUSE is common to
    all: nothing is called, `send` answers REJECTED with `arguments["reason"]`, and the rest of the plan still happens.
    `writes` are positions in the plan's writes that this request carries.
    `is_repeatable`: sending it twice leaves the same state as once (tags, fields); never true with a note or a reply.
    `is_conditional`: the vendor itself refuses it if the ticket changed since the snapshot.
    `marker`: what `find_marker` looks for after an unknown outcome, "" where there is none.
    """

    ticket: TicketKey
    number: int
    operation: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    writes: tuple[int, ...] = ()
    is_repeatable: bool = False
    is_conditional: bool = False
    is_public: bool = False
    marker: str = ""


class Result(StrEnum):
    CONFIRMED = "confirmed"  # it is in the ticket: the vendor's answer shows it
    CONFLICT = "conflict"  # nothing was written, somebody changed the ticket: read again, and again with pauses
    REJECTED = "rejected"  # the vendor refused it; trying again cannot help
    UNKNOWN = "unknown"  # nobody can know yet: read back before anything else


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One write of a request that the vendor's answer names as the one it does not take.

    `place`: its position in the plan. `tag`: which of its tags, "" for the whole write. `is_for_any_value`: the field itself is
    not taken, not just this value of it.
    """

    place: int
    tag: str = ""
    is_for_any_value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a request.

    `not_applied` are plan positions that the vendor's answer shows were silently not changed.
    `external_id` is the id of the note, reply or audit that it made, where the answer names one.
    `reason` is the vendor's word for a refusal, without customers' words and secrets.
    `refused`: of a rejected request, the writes that the answer names; () where it names none that are known.
    `is_about_values`: rejected for something that the request says, and nothing landed: one that says less may be taken.
    `was_asked`: False where it was rejected before any call, for a name that the helpdesk does not have.
    """

    result: Result
    external_id: str = ""
    not_applied: tuple[int, ...] = ()
    reason: str = ""
    version: str = ""  # the ticket's new version stamp, where the answer has one
    refused: tuple[Refusal, ...] = ()
    is_about_values: bool = False
    was_asked: bool = True
