"""Finding one person in everything that is kept, and taking it out. The ledgers keep keys, hashes and states.

Whatever mentions the person's address is found, in any ticket: a copy of ours is no record that anybody needs, since a run
reads the ticket afresh. So a ticket in which the person appears is emptied as a whole, not word by word.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, literal, select, text, tuple_, update

from adapters.ticket import TicketKey, TicketKind
from bot.log import get_logger
from bot.maintenance.addresses_in_text import AddressFinder, folded
from bot.maintenance.redaction import drop_due, empty_conflicts, empty_deliveries, empty_drafts, empty_runs
from bot.store import refused_writes, ticket_counts
from bot.store.database.column_types import unindexed
from bot.store.database.engine import reading
from bot.store.database.schema import (
    counted_tickets,
    deliveries,
    delivery_conflicts,
    drafts,
    due,
    metadata,
    opinions,
    reference,
    requests,
    runs,
    ticket_texts,
    tickets,
)
from bot.store.models import opinions as opinions_of
from bot.store.packed import ticket_texts as ticket_texts_of
from bot.store.packed.compression import unpack, words_of
from bot.store.rules import rule_firings
from bot.store.runs import OPEN_REQUESTS

log = get_logger("erasure")
PAGE = 200
REASON = "erased"


@dataclass(frozen=True)
class Person:
    """Who is looked for. `addresses` in small letters; `ids` are the helpdesk's own: (account, id)."""

    addresses: frozenset[str]
    ids: frozenset[tuple[str, str]]

    @cached_property
    def finder(self) -> AddressFinder:
        return AddressFinder(self.addresses)


@dataclass(slots=True)
class Found:
    """Where the person appears: whole tickets, and rows that belong to none."""

    tickets: set[TicketKey] = field(default_factory=set)
    deliveries: set[int] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)
    reference: set[tuple[str, str]] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not (self.tickets or self.deliveries or self.conflicts or self.reference)


def identify(engine: Engine, who: str, accounts: tuple[str, ...]) -> Person:
    """The addresses and ids of the requester that is called so, in these accounts: from the tickets' last snapshots."""
    addresses = {folded(who)} if "@" in who else set()
    ids = set() if "@" in who else {(account, who) for account in accounts}
    for row in _pages(engine, tickets, ("snapshot",), accounts):
        requester = json.loads(row["snapshot"]).get("requester") if row["snapshot"] else None
        if not isinstance(requester, dict):
            continue
        theirs = {folded(each) for each in requester.get("emails", ())}
        place = (row["account"], str(requester.get("external_id", "")))
        if addresses & theirs or place in ids:
            addresses |= theirs
            ids |= {place} if place[1] else set()
    return Person(frozenset(addresses), frozenset(ids))


def is_of_the_team(engine: Engine, person: Person, accounts: tuple[str, ...], staff: frozenset[str] = frozenset()) -> bool:
    """True for one of the team's own, whom tickets of everybody mention: a snapshot has this person as its assignee or as the
    agent who wrote a message, the helpdesk lists the address among its agents, or it is one of `staff` (the directory's
    agents and managers)."""
    if person.addresses & staff or any(
        _lists_the_team(row, person) for row in _pages(engine, reference, ("name", "value"), accounts)
    ):
        return True
    return any(_is_named_as_agent(json.loads(row["snapshot"]), row["account"], person) for row in _snapshots(engine, accounts))


def _lists_the_team(row: Mapping[str, Any], person: Person) -> bool:
    """A cached list of the helpdesk's agents, and not one person (`user:42`), that has the address."""
    is_list = ":" not in row["name"] and (row["name"] == "me" or any(word in row["name"] for word in ("admin", "agent")))
    return is_list and person.finder.is_in(str(row["value"]).encode("utf-8", "surrogatepass"))


def _snapshots(engine: Engine, accounts: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    return (row for row in _pages(engine, tickets, ("snapshot",), accounts) if row["snapshot"])


def _is_named_as_agent(ticket: Mapping[str, Any], account: str, person: Person) -> bool:
    assignee = ticket.get("assignee") or {}
    addresses = {folded(each) for each in (*assignee.get("emails", ()), assignee.get("email") or "")}
    agents = {str(each.get("author_id", "")) for each in ticket.get("messages", ()) if each.get("author_kind") == "agent"}
    ids = {(account, each) for each in (str(assignee.get("external_id", "")), *agents) if each}
    return bool(addresses & person.addresses or ids & person.ids)


def find(engine: Engine, person: Person, accounts: tuple[str, ...]) -> Found:
    """Everything in which the person appears. Reads all that is kept, page by page, without a lock."""
    found = Found()
    for table, columns in _WORDS.items():
        for read in unpacked(engine, table, _pages(engine, table, columns, accounts)):
            if _mentions(person, read, columns):
                _add(found, table.name, read)
    for row in _pages(engine, counted_tickets, ("requester",), accounts):
        if (row["account"], row["requester"]) in person.ids:
            found.tickets.add(_key(row))
    by_run = dict(_runs_of(engine, accounts))
    for row in _pages(engine, requests, ("request",)):
        if row["run_id"] in by_run and _mentions(person, row, ("request",)):
            found.tickets.add(by_run[row["run_id"]])
    return found


# table -> the columns that hold customers' words
_WORDS: Mapping[Any, tuple[str, ...]] = {
    tickets: ("snapshot", "memory"),
    deliveries: ("body", "events"),
    delivery_conflicts: ("body",),
    runs: ("facts", "decision", "plan", "ticket", "yielded", "shadow", "facts_packed", "decision_packed"),
    ticket_texts: ("words",),
    drafts: ("draft", "text", "wish"),
    due: ("payload",),
    opinions: ("answer", "reason"),
    reference: ("name", "value"),
}


def unpacked(engine: Engine, table: Table, rows: Iterable[Mapping[Any, Any]]) -> Iterator[dict[str, Any]]:
    """The rows with what is kept compressed as the text that it is: nobody finds a word in compressed bytes. Columns of
    `PackedText`, `PackedEvents` and `PackedBody` read themselves; here is what takes a run's or a ticket's own words to read."""
    words: dict[str, bytes] = {}
    for row in rows:
        read = dict(row)
        if table is ticket_texts:
            read["words"] = unpack(bytes(row["words"]))
        for name in ("facts_packed", "decision_packed"):
            if row.get(name) is not None:
                read[name] = unpack(bytes(row[name]), _words_of(engine, row["rules_hash"], words))
        yield read


def _words_of(engine: Engine, rules_hash: str, known: dict[str, bytes]) -> bytes:
    if rules_hash not in known:
        with reading(engine) as connection:
            known[rules_hash] = words_of(connection, rules_hash) or b""
    return known[rules_hash]


def _add(found: Found, name: str, row: Mapping[str, Any]) -> None:
    if name == "reference":
        found.reference.add((row["account"], row["name"]))
    elif name == "delivery_conflicts":
        found.conflicts.add(row["id"])
    elif name == "deliveries" and not row["external_id"]:
        found.deliveries.add(row["seq"])
    else:
        found.tickets.add(_key(row))


def _key(row: Mapping[str, Any]) -> TicketKey:
    return TicketKey(row["account"], TicketKind(row["kind"]), row["external_id"])


def _mentions(person: Person, row: Mapping[str, Any], columns: tuple[str, ...]) -> bool:
    for column in columns:
        value = row[column]
        if value is None:
            continue
        words = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        if person.finder.is_in(words):
            return True
        if any(_names(words.lower(), id) for account, id in person.ids if account == row.get("account")):
            return True
    return False


def _names(words: bytes, id: str) -> bool:
    """Our own JSON names the id as a person's. A bare number in a vendor's body may be anything: those bodies go with their
    ticket."""
    names = (b'"external_id":"%s"', b'"actor":"%s"', b'"author_id":"%s"', b'"submitter_id":"%s"')
    wanted = id.lower().encode()
    is_cached = words.endswith(b":" + wanted) and words.count(b":") == 1  # a name in `reference`: user:42
    return is_cached or any(name % wanted in words for name in names)


def _runs_of(engine: Engine, accounts: tuple[str, ...]) -> Iterator[tuple[str, TicketKey]]:
    for row in _pages(engine, runs, ("id",), accounts):
        yield row["id"], _key(row)


def _pages(
    engine: Engine, table: Any, columns: tuple[str, ...], accounts: tuple[str, ...] | None = None
) -> Iterator[Mapping[str, Any]]:
    """All rows of these accounts with these columns and their keys, a page at a time, each in a short read. In the order of the
    table's own key, so that a page begins where the last one ended."""
    keys = tuple(table.primary_key.columns)
    where = () if accounts is None else (unindexed(table.c.account).in_(accounts),)
    names = [name for name in ("account", "kind", "external_id", "rules_hash") if name in table.c]
    wanted = list(dict.fromkeys([*keys, *(table.c[name] for name in (*names, *columns))]))
    after: tuple[Any, ...] | None = None
    while True:
        later = () if after is None else (tuple_(*keys) > tuple_(*map(literal, after)),)
        with reading(engine, at_leisure=True) as connection:
            page = connection.execute(select(*wanted).where(*where, *later).order_by(*keys).limit(PAGE)).mappings().all()
        for row in page:
            yield dict(row)
        if len(page) < PAGE:
            return
        after = tuple(page[-1][key.name] for key in keys)


# taking it out


def empty_ticket(connection: Connection, key: TicketKey) -> dict[str, int]:
    """Everything that is kept of one ticket, within the transaction of who holds its lease: rows by kind.

    A stored plan is given up; a write whose outcome nobody knows stays unknown for ever. What still waits is worked on
    afterwards, on what the helpdesk has then.
    """
    of_run, of_delivery, of_draft = (
        (table.c.account == key.account, table.c.kind == key.kind.value, table.c.external_id == key.external_id)
        for table in (runs, deliveries, drafts)
    )
    _give_up_plans(connection, of_run, of_delivery)
    live = ("asked", "ready", "live", "accepted")
    connection.execute(update(drafts).where(*of_draft, drafts.c.state.in_(live)).values(state="withheld", reason=REASON))
    made = connection.execute(select(runs.c.id).where(*of_run)).scalars().all()
    received = connection.execute(select(deliveries.c.seq).where(*of_delivery)).scalars().all()
    # Another body that came under the key of one of them: it may name nobody, and is about the same ticket.
    keys = select(deliveries.c.delivery_key).where(*of_delivery)
    of_conflict = (delivery_conflicts.c.account == key.account, delivery_conflicts.c.delivery_key.in_(keys))
    in_conflict = connection.execute(select(delivery_conflicts.c.id).where(*of_conflict)).scalars().all()
    drafted = connection.execute(select(drafts.c.id).where(*of_draft)).scalars().all()
    of_ticket = (tickets.c.account == key.account, tickets.c.kind == key.kind.value, tickets.c.external_id == key.external_id)
    connection.execute(update(tickets).where(*of_ticket).values(snapshot=None, memory="{}", reason=""))
    ticket_counts.forget(connection, key)
    rule_firings.forget_customer(connection, key)
    refused_writes.forget(connection, key)
    ticket_texts_of.drop(connection, key)
    return {
        "deliveries": sum(empty_deliveries(connection, page) for page in _cut(received)),
        "conflicts": sum(empty_conflicts(connection, page) for page in _cut(in_conflict)),
        "runs": sum(empty_runs(connection, page) for page in _cut(made)),
        "drafts": sum(empty_drafts(connection, page) for page in _cut(drafted)),
        "due": drop_due(connection, key),
        "opinions": opinions_of.forget(connection, key),
    }


def _cut(ids: Any) -> Iterator[Any]:
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]


def _give_up_plans(connection: Connection, of_run: Any, of_delivery: Any) -> None:
    open_runs = connection.execute(select(runs.c.id).where(*of_run, runs.c.state.in_(("planned", "parked", "waiting")))).scalars()
    for run in open_runs.all():
        open_requests = (requests.c.run_id == run, requests.c.state.in_((*OPEN_REQUESTS, "waiting")))
        connection.execute(update(requests).where(*open_requests).values(state="failed", reason=REASON))
        connection.execute(update(runs).where(runs.c.id == run).values(state="failed", reason=REASON))
        waiting = (*of_delivery, deliveries.c.run_id == run, deliveries.c.state.in_(("pending", "parked")))
        connection.execute(update(deliveries).where(*waiting).values(state="pending", reason="", run_id=None))


def empty_rest(connection: Connection, found: Found) -> dict[str, int]:
    """What belongs to no ticket, and cached people."""
    for account, name in found.reference:
        connection.execute(delete(reference).where(reference.c.account == account, reference.c.name == name))
    return {
        "deliveries": sum(empty_deliveries(connection, page) for page in _cut(sorted(found.deliveries))),
        "conflicts": sum(empty_conflicts(connection, page) for page in _cut(sorted(found.conflicts))),
        "cached": len(found.reference),
    }


def rewrite_files(engine: Engine) -> bool:
    """Write the database's files anew, so that what was taken out is nowhere in them; False where that could not be done.

    SQLite: the file without its free pages, and an empty -wal. PostgreSQL: VACUUM, after which the space is used again; its own
    files, its WAL and its copies are the server's business (docs/operating.md).
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name != "sqlite":
            for name in metadata.tables:
                connection.execute(text(f"vacuum {name}"))
            return True
    return _rewrite_sqlite(engine)


def _rewrite_sqlite(engine: Engine) -> bool:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("vacuum")
        is_busy = cursor.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        cursor.close()
    except sqlite3.OperationalError as error:  # somebody reads or writes just now, or there is no room for a second file
        log.warning("rewrite.waits", why=type(error).__name__)
        return False
    finally:
        raw.close()
    return not is_busy
