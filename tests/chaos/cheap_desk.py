"""A helpdesk that costs nothing (R6): a ticket is a number that grows with each customer message, kept in shared memory; a note
is a line in a file.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.helpdesk import Adapter
from adapters.registry import ADAPTERS
from adapters.ticket import Agent, Message, Provider, Ticket, TicketKey
from adapters.writes import Capability, Note, Outcome, Plan, Request, Result, Support

BORN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_NUMBER = struct.Struct("<q")


@dataclass(slots=True)
class Cheap:
    """Both sides of it: numbers in a file that all processes map, and lines appended to another, one write each."""

    folder: Path
    numbers: mmap.mmap
    lines: int
    may_write: Callable[[], None] = lambda: None  # asked right before the first byte, as the transport does

    @staticmethod
    def open(folder: Path, count: int = 0) -> Cheap:
        """`count`: make it, for so many tickets."""
        path = folder / "numbers"
        if count:
            path.write_bytes(bytes(8 * (count + 1)))
        with path.open("r+b") as file:
            numbers = mmap.mmap(file.fileno(), 0)
        return Cheap(folder, numbers, os.open(folder / "lines", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))

    def number(self, ticket: int) -> int:
        return int(_NUMBER.unpack_from(self.numbers, 8 * ticket)[0])

    def grow(self, ticket: int, number: int) -> None:
        if number > self.number(ticket):
            _NUMBER.pack_into(self.numbers, 8 * ticket, number)

    def tell(self, what: str, ticket: str, *more: object) -> None:
        os.write(self.lines, (" ".join(map(str, (time.monotonic_ns(), os.getpid(), what, ticket, *more))) + "\n").encode())

    def told(self) -> list[list[str]]:
        """All lines, in the order in which they were written."""
        return [line.split() for line in (self.folder / "lines").read_text(encoding="ascii").splitlines()]

    @property
    def account(self) -> object:
        return None


def _message(number: int) -> Message:
    return Message(external_id=f"m{number}", body_text=f"Message {number}.", created_at=BORN + timedelta(seconds=number))


def hydrate(key: TicketKey, api: Cheap) -> Ticket:
    number = api.number(int(key.external_id))
    return Ticket(
        provider=Provider.FRESHDESK,
        account=key.account,
        external_id=key.external_id,
        subject="Something",
        messages=tuple(_message(each) for each in range(max(1, number - 1), number + 1)),
        created_at=BORN,
        updated_at=BORN + timedelta(seconds=number),
        read_at=datetime.now(UTC),
        raw=number,
    )


def to_requests(plan: Plan, ticket: Ticket, api: Cheap) -> list[Request]:
    notes = [(place, each.write) for place, each in enumerate(plan.writes) if isinstance(each.write, Note)]
    made = Request(ticket=plan.ticket, number=0, operation="add_note", arguments={"number": ticket.raw})
    return [replace(made, number=number, writes=(place,), marker=note.marker) for number, (place, note) in enumerate(notes)]


def send(request: Request, api: Cheap) -> Outcome:
    api.may_write()
    api.tell("note", request.ticket.external_id, request.arguments["number"], request.marker)
    return Outcome(result=Result.CONFIRMED, external_id=request.marker)


def find_marker(key: TicketKey, marker: str, api: Cheap) -> str | None:
    return next((marker for line in api.told() if line[2] == "note" and line[5] == marker), None)


CHEAP = Adapter(
    provider=Provider.FRESHDESK,
    stamp_grain_s=0.0,
    capabilities={kind: Capability(support=Support.YES) for kind in ADAPTERS[Provider.FRESHDESK].capabilities},
    verify=lambda *_: None,
    parse=lambda *_: [],
    connect_api=lambda *_: None,
    hydrate=hydrate,
    to_requests=to_requests,
    send=send,
    find_marker=find_marker,
    poll=lambda *_: None,  # type: ignore[arg-type]  # nobody polls
    me=lambda _: Agent(external_id="ours"),
    macros=lambda _: [],
    preview=lambda *_: None,  # type: ignore[arg-type]  # there are no macros
    teams=lambda _: [],
    agents=lambda _: [],
)
