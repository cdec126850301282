"""What one action wants. The engine combines wishes in file order (rules/engine/combine.py): the later wins, the loser is named.

An action's `effect` returns one wish or several, or raises `Blocked` where a value that it needs is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.ticket import CustomValue, Priority, Status
from rules.model.decision import DraftWish, FollowUp, MacroWish, NoteWish, Notice


class Blocked(Exception):
    """The action cannot be done for this ticket; the message says which value is missing. The rule's other actions go on."""


@dataclass(frozen=True, slots=True)
class WantPriority:
    to: Priority


@dataclass(frozen=True, slots=True)
class WantPriorityAtLeast:
    to: Priority


@dataclass(frozen=True, slots=True)
class WantPrioritySteps:
    """`by` steps up from what stands, never past `up_to`; a ticket without priority counts as normal."""

    by: int
    up_to: Priority


@dataclass(frozen=True, slots=True)
class WantTags:
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WantTeam:
    team: str


@dataclass(frozen=True, slots=True)
class WantAssignee:
    agent: str


@dataclass(frozen=True, slots=True)
class WantStatus:
    status: Status


@dataclass(frozen=True, slots=True)
class WantField:
    slug: str
    value: CustomValue


@dataclass(frozen=True, slots=True)
class WantCopies:
    emails: frozenset[str]


@dataclass(frozen=True, slots=True)
class WantLink:
    to: str


@dataclass(frozen=True, slots=True)
class WantSla:
    policy: str


@dataclass(frozen=True, slots=True)
class WantNoSurvey:
    pass


Wish = (
    WantPriority
    | WantPriorityAtLeast
    | WantPrioritySteps
    | WantTags
    | WantTeam
    | WantAssignee
    | WantStatus
    | WantField
    | WantCopies
    | WantLink
    | WantSla
    | WantNoSurvey
    | NoteWish
    | DraftWish
    | MacroWish
    | Notice
    | FollowUp
)
