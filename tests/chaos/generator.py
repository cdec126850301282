"""What people do at three helpdesks at once, as a stream of operations from a seed: the same seed gives the same stream.

An operation names its ticket by its place among those that were opened before at that helpdesk, and an earlier delivery by a
share of all so far, so that the stream is fixed before anything runs. When each operation happens, and which process meets it,
is up to threads and the machine: a seed repeats what is done, not the interleaving.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.harness.deskhand import PROVIDERS

Kind = Literal["new", "reply", "tags", "untag", "priority", "assignee", "agent_reply", "again", "reorder"]
PEOPLE = ("nina.network@northwind.example", "gina.globe@globex.example", "ivan.initech@initech.example", "hana@hobby.example")
AGENTS = ("anna.agent@example.com", "ben.agent@example.com", "lead.lena@example.com")
PRIORITIES = ("low", "normal", "urgent")
DOWN = "The service is down"  # what the rule looks for
FINE = "A question about invoices"
SEEN = "seen-down"  # the rule's tag

# How often each happens. Most tickets are touched again while Deskhand works on them: that is where it hurts.
MIX: dict[Kind, int] = {
    "new": 24,
    "reply": 30,
    "tags": 10,
    "untag": 3,
    "priority": 8,
    "assignee": 6,
    "agent_reply": 5,
    "again": 10,
    "reorder": 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`ticket`: the place of a ticket, counted from 0 for each helpdesk; `words`: subject, text or value; `share`: which earlier
    delivery is sent again, 0 the first and 1 the newest; `seconds`: up to how late the following deliveries arrive."""

    number: int
    provider: str
    kind: Kind
    ticket: int = 0
    person: str = ""
    words: str = ""
    share: float = 0.0
    seconds: float = 0.0


def operations(seed: int, *, providers: Sequence[str] = PROVIDERS, near: int = 40) -> Iterator[Operation]:
    """Endless. `near`: old tickets are left in peace, only so many of the newest are touched again."""
    chance = random.Random(seed)
    opened = dict.fromkeys(providers, 0)
    kinds, weights = list(MIX), list(MIX.values())
    number = 0
    while True:
        provider = chance.choice(providers)
        kind = chance.choices(kinds, weights)[0] if opened[provider] else "new"
        yield _operation(number, provider, kind, opened[provider], near, chance)
        opened[provider] += kind == "new"
        number += 1


def _operation(number: int, provider: str, kind: Kind, opened: int, near: int, chance: random.Random) -> Operation:
    """Every operation draws the same numbers in the same order, whatever its kind: mixes can be changed one at a time."""
    ticket = opened - 1 - min(int(chance.expovariate(4 / near)), opened - 1, near) if opened else 0
    customer, agent, share, word = chance.choice(PEOPLE), chance.choice(AGENTS), chance.random(), chance.getrandbits(32)
    match kind:
        case "new":
            subject = DOWN if share < 0.85 else FINE
            return Operation(number=number, provider=provider, kind=kind, ticket=opened, person=customer, words=subject)
        case "reply":
            return Operation(
                number=number, provider=provider, kind=kind, ticket=ticket, words=f"It is still not working. {word:08x}"
            )
        case "agent_reply":
            words = f"We are looking at it. {word:08x}"
            return Operation(number=number, provider=provider, kind=kind, ticket=ticket, person=agent, words=words)
        case "tags":
            return Operation(
                number=number, provider=provider, kind=kind, ticket=ticket, person=agent, words=f"seen-by-{word % 90}"
            )
        case "untag":
            return Operation(number=number, provider=provider, kind=kind, ticket=ticket, person=agent, words=SEEN)
        case "priority":
            words = PRIORITIES[word % len(PRIORITIES)]
            return Operation(number=number, provider=provider, kind=kind, ticket=ticket, person=agent, words=words)
        case "assignee":
            return Operation(number=number, provider=provider, kind=kind, ticket=ticket, person=agent, words=AGENTS[word % 3])
        case "again":
            return Operation(number=number, provider=provider, kind=kind, share=1 - share**3 / 2)
        case "reorder":
            return Operation(number=number, provider=provider, kind=kind, seconds=round(share * 0.5, 3))
