"""The `ticket_texts` table: each message and each long text of a ticket once, by a number of its own, whichever runs read it.

A run names them by numbers (`1-66,70;1-3`), so that a conversation costs its own length, and not that length again for each run.
Messages are counted up from 1 and long texts down from -1: so a thread that grew is still a single span, whatever long texts came
between. An edited message is another text with another number. Whoever keeps or drops texts holds the ticket's row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, select

from adapters.ticket import TicketKey
from bot.store.database.schema import runs, ticket_texts, tickets
from bot.store.packed.compression import pack, unpack
from bot.store.tickets import named, of_ticket

_KNOWN = select(ticket_texts.c.number, ticket_texts.c.sha256).where(*of_ticket(ticket_texts))
_SOME = (
    select(ticket_texts.c.number, ticket_texts.c.words)
    .where(*of_ticket(ticket_texts), ticket_texts.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(ticket_texts.c.number)
)
_HELD = select(tickets.c.account).where(*of_ticket(tickets)).with_for_update()
_USED = select(runs.c.texts).where(*of_ticket(runs), runs.c.texts != "")
_ONE = delete(ticket_texts).where(*of_ticket(ticket_texts), ticket_texts.c.number == bindparam("of_number"))
_ALL = delete(ticket_texts).where(*of_ticket(ticket_texts))


MESSAGES: Literal[1] = 1
LONG_TEXTS: Literal[-1] = -1
Sign = Literal[1, -1]


def keep(connection: Connection, key: TicketKey, texts: Sequence[str], sign: Sign = MESSAGES) -> list[int]:
    """Each text's number; those that the ticket does not have yet are added. In the transaction of who holds its lease."""
    if not texts:
        return []
    rows = [row for row in connection.execute(_KNOWN, named(key)) if row.number * sign > 0]
    known = {bytes(row.sha256): int(row.number) for row in rows}
    last, new, numbers = max(known.values(), key=abs, default=0), [], []
    for text in texts:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if digest not in known:
            last += sign
            known[digest] = last
            of_it = {"account": key.account, "kind": key.kind.value, "external_id": key.external_id}
            new.append(of_it | {"number": last, "sha256": digest, "words": pack(text)})
        numbers.append(known[digest])
    if new:
        connection.execute(ticket_texts.insert(), new)
    return numbers


def read(connection: Connection, key: TicketKey, numbers: Iterable[int]) -> dict[int, str]:
    """The texts of these numbers; without those that are not kept any more."""
    wanted = set(numbers)
    if not wanted:
        return {}
    rows = connection.execute(_SOME, {**named(key), "first": min(wanted), "last": max(wanted)})
    return {row.number: unpack(row.words) for row in rows if row.number in wanted}


def drop_unused(connection: Connection, key: TicketKey) -> int:
    """Take out what no run of the ticket refers to any more; how many."""
    connection.execute(_HELD, named(key)).first()  # a run that is stored in this moment must not refer to what goes now
    used = {number for text in connection.execute(_USED, named(key)).scalars() for number in numbers_in(text)}
    gone = [row.number for row in connection.execute(_KNOWN, named(key)).all() if row.number not in used]
    if gone:
        connection.execute(_ONE, [{**named(key), "of_number": number} for number in gone])
    return len(gone)


def drop(connection: Connection, key: TicketKey) -> int:
    """All of them, whoever refers to them."""
    return int(connection.execute(_ALL, named(key)).rowcount)


def as_text(numbers: Iterable[int]) -> str:
    """Numbers of both kinds as a run names them: `1-66,70;1-3`."""
    some = set(numbers)
    return f"{as_ranges(sorted(each for each in some if each > 0))};{as_ranges(sorted(-each for each in some if each < 0))}"


def numbers_in(text: str) -> list[int]:
    """What `as_text` wrote. Raises ValueError."""
    messages, _, texts = text.partition(";")
    return [*from_ranges(messages), *(-each for each in from_ranges(texts))]


def as_ranges(numbers: Iterable[int]) -> str:
    """Numbers in their order, those that follow one another together: `1-66,70,68`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)


def from_ranges(text: str) -> list[int]:
    """What `as_ranges` wrote. Raises ValueError."""
    found: list[int] = []
    for span in filter(None, text.split(",")):
        first, _, last = span.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
