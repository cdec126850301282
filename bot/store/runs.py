"""The `runs` and `requests` ledgers: what was decided, what was meant to be written, and whether it landed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, and_, bindparam, case, func, or_, select, update

from adapters.codec import Unreadable, dumps, loads, loads_whole
from adapters.ticket import Json, Ticket, TicketKey, TicketKind
from adapters.writes import Plan, Request
from bot.log import get_logger
from bot.store.database.column_types import unindexed
from bot.store.database.lease_clock import Tick, tick
from bot.store.database.schema import requests, runs
from bot.store.packed.run_facts import Together
from bot.store.tickets import named, of_ticket

log = get_logger("store")
OPEN_REQUESTS = ("intended", "sent", "unknown")
MACHINES = "taken for a machine's"  # so begins the reason of a run whose newest message no person wrote, as we read it
CONFLICT = "conflict"  # the reason of a request that the vendor refused because the ticket had changed: it wrote nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What a request was refused for, and its next try goes without. `place`: in the plan; `tag`: of its tags the one, "" for the
    whole write; `is_named`: by the helpdesk's answer; else it is one of several that may have been meant."""

    place: int
    tag: str = ""
    is_named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """A row of the request ledger. `state`: intended, sent, confirmed, failed, unknown, replaced, yielded, waiting. One with
    something `refused` has certainly not landed."""

    run_id: str
    number: int
    request: Request
    state: str
    attempts: int
    sent_at: datetime | None
    external_id: str
    reason: str
    not_applied: tuple[int, ...]
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A row of `runs` whose plan is stored. `yielded`: JSON of each `bot.writes.planner.Yielded`, as they were at that moment."""

    id: str
    key: TicketKey
    state: str
    reason: str
    mode: str
    plan: Plan
    ticket: Ticket
    requests: tuple[StoredRequest, ...]
    yielded: tuple[Json, ...] = ()


# Put together once, see bot/store/tickets.py.
_INSERT = runs.insert()
_OF_ONE = update(runs).where(runs.c.id == bindparam("of_run"))
_TO_THE_END = _OF_ONE.where(runs.c.state != "parked")
_OPEN = select(runs.c.id).where(*of_ticket(runs), runs.c.state.in_(("started", "planned"))).limit(1)
_OLDEST_PLANNED = select(runs).where(*of_ticket(runs), runs.c.state == "planned").order_by(runs.c.started_at).limit(1)
_PLANNED = _OLDEST_PLANNED.where(runs.c.id == bindparam("of_run"))
_YIELDED = select(runs.c.yielded).where(runs.c.id == bindparam("of_run"))
_WROTE = (
    select(runs.c.started_at, runs.c.finished_at, runs.c.cause)
    .where(
        *of_ticket(runs),
        runs.c.started_at >= bindparam("since"),
        runs.c.mode == bindparam("of_mode"),
        or_(runs.c.cause != "", runs.c.is_writing),
    )
    .order_by(runs.c.started_at)
)
_NEWEST = select(runs.c.covers_seq, runs.c.reason).where(*of_ticket(runs)).order_by(runs.c.started_at.desc()).limit(1)
_LATE = '["opinion.ready"]'  # of a run that only looked again since a model had answered late: no reason to rest longer
_LATELY = select(func.count()).where(*of_ticket(runs), runs.c.started_at >= bindparam("since"), runs.c.events != _LATE)
_WHOLE = select(runs).where(runs.c.id == bindparam("of_run"))
_DECIDED = ("decision", "decision_packed", "rules_hash", "decision_hash")
_FACTS = ("account", "kind", "external_id", "facts", "facts_packed", "texts", "rules_hash")
_LISTED = ("id", "account", "kind", "external_id", "state", "reason", "mode", "started_at", "events", *_DECIDED)


def start(connection: Connection, run_id: str, key: TicketKey, token: int, covers_seq: int, mode: str, now: datetime) -> None:
    connection.execute(
        _INSERT,
        {
            "id": run_id,
            "account": key.account,
            "kind": key.kind.value,
            "external_id": key.external_id,
            "token": token,
            "covers_seq": covers_seq,
            "state": "started",
            "mode": mode,
            "started_at": now,
        },
    )


def is_open(connection: Connection, key: TicketKey) -> bool:
    """Whether a run of this ticket has not come to its end."""
    return connection.execute(_OPEN, named(key)).first() is not None


def abandon_started(connection: Connection, key: TicketKey, now: datetime) -> None:
    """Runs that died before their plan was stored wrote nothing: a new run starts afresh."""
    connection.execute(
        update(runs)
        .where(*_of(key), runs.c.state == "started")
        .values(state="abandoned", reason="the worker died before a plan was stored", finished_at=now)
    )


def keep_plan(connection: Connection, run_id: str, **columns: object) -> None:
    """Store what the run decided; see bot/store/database/schema.py for the columns."""
    connection.execute(_OF_ONE, {"of_run": run_id, "state": "planned", **columns})


def finish(connection: Connection, run_id: str, state: str, reason: str, now: datetime) -> None:
    """Bring a run to its end; one whose plan was set aside stays so. Nobody carries its plan out any more: the ticket that it was
    made on goes, for the facts hold all of it but the vendor's own payload."""
    ended = {"state": state, "reason": reason[:300], "finished_at": now, "ticket": None}
    connection.execute(_TO_THE_END, {"of_run": run_id, **ended})


def keep_yielded(connection: Connection, run_id: str, yielded: Sequence[Json]) -> None:
    """Writes that gave way to a person, added to what is recorded."""
    before = connection.execute(_YIELDED, {"of_run": run_id}).scalar_one()
    connection.execute(_OF_ONE, {"of_run": run_id, "yielded": dumps([*loads(list[Json], before), *yielded])})


def gave_way(connection: Connection, run_id: str, name: str) -> bool:
    """True where this write of the run gave way to a person. `name`: as recorded, e.g. `priority`."""
    text = connection.execute(_YIELDED, {"of_run": run_id}).scalar_one()
    return any(each["field"] == name for each in loads(list[dict[str, Json]], text))


def planned(connection: Connection, key: TicketKey, run_id: str | None = None) -> StoredRun | None:
    """The ticket's oldest run (or this one) whose plan is stored and not yet carried out to the end, if there is one."""
    if run_id is None:
        row = connection.execute(_OLDEST_PLANNED, named(key)).one_or_none()
    else:
        row = connection.execute(_PLANNED, {**named(key), "of_run": run_id}).one_or_none()
    return _run(connection, row) if row else None


def covers_seq(connection: Connection, run_id: str) -> int:
    """The dirty counter that a run covers."""
    return int(connection.execute(select(runs.c.covers_seq).where(runs.c.id == run_id)).scalar_one())


def find(connection: Connection, run_id: str) -> dict[str, Any] | None:
    """The whole row of a run by its id, or by the id's beginning where that names one run; `facts` and `decision` are JSON text,
    however they are stored. Raises Unreadable."""
    row = _find(connection, run_id)
    return Together(connection).whole(row) if row else None


def _find(connection: Connection, run_id: str) -> RowMapping | None:
    if row := connection.execute(_WHOLE, {"of_run": run_id}).mappings().one_or_none():
        return row
    begins = runs.c.id.startswith(run_id, autoescape=True)
    if (
        connection.dialect.name == "sqlite"
    ):  # LIKE reads no index; elsewhere texts may be in another order than that of their bytes
        begins = and_(begins, runs.c.id.between(run_id, run_id + "~"))
    ids = connection.execute(select(runs.c.id).where(begins).limit(2)).scalars().all()
    return connection.execute(_WHOLE, {"of_run": ids[0]}).mappings().one() if len(ids) == 1 else None


def all_facts(connection: Connection) -> Iterator[str]:
    """What every run decided from, as canonical JSON: ticket by ticket, in the order of time. Not all at once in memory."""
    together = Together(connection)
    is_kept = or_(runs.c.facts_packed.is_not(None), runs.c.facts != "")
    ordered = select(*(runs.c[name] for name in _FACTS)).where(is_kept)
    ordered = ordered.order_by(runs.c.account, runs.c.kind, runs.c.external_id, runs.c.started_at, runs.c.id)
    for row in connection.execution_options(yield_per=200).execute(ordered).mappings():
        yield together.facts(row) or ""


def newest(connection: Connection, limit: int, key: TicketKey | None = None) -> list[dict[str, Any]]:
    """What a list tells of a run: not what it decided from, nor the ticket. `decision` is JSON text; None where this
    version cannot read it."""
    together = Together(connection)
    query = select(*(runs.c[name] for name in _LISTED)).where(*(_of(key) if key else ()))
    rows = connection.execute(query.order_by(runs.c.started_at.desc()).limit(limit)).mappings()
    return [{**row, "decision": _or_none(together.decision, row)} for row in rows]


def _or_none(read: Callable[[RowMapping], str | None], row: RowMapping) -> str | None:
    """A row of a newer version must not stand in the way of the others."""
    try:
        return read(row)
    except Unreadable as error:
        log.warning("row.unreadable", id=row["id"], why=str(error))
        return None


def add_requests(connection: Connection, run_id: str, new: Sequence[Request]) -> None:
    if new:
        rows = [
            {"run_id": run_id, "number": each.number, "operation": each.operation, "request": dumps(each), "state": "intended"}
            for each in new
        ]
        connection.execute(requests.insert(), rows)


_THIS_ONE = (requests.c.run_id == bindparam("of_run"), requests.c.number == bindparam("of_number"))
_STILL_OPEN = update(requests).where(*_THIS_ONE, requests.c.state.in_(OPEN_REQUESTS))
_SEND = _STILL_OPEN.values(attempts=requests.c.attempts + 1)
_MARK = update(requests).where(*_THIS_ONE, requests.c.state.in_((*OPEN_REQUESTS, "waiting")))
_UNSEND = _MARK.values(attempts=case((requests.c.attempts > 0, requests.c.attempts - 1), else_=0), sent_at=None)
_UNSEND_CONFLICT = _MARK.values(sent_at=None)
_SENT_AT = select(requests.c.sent_boot, requests.c.sent_us).where(*_THIS_ONE, requests.c.state.in_(OPEN_REQUESTS))
_OTHERS_SENT = select(requests.c.request).where(
    requests.c.run_id == bindparam("of_run"),
    requests.c.number != bindparam("of_number"),
    requests.c.sent_at.is_not(None),
    requests.c.reason != CONFLICT,
    requests.c.refused == "[]",
)
_OF_RUN = select(requests).where(requests.c.run_id == bindparam("run_id")).order_by(requests.c.number)


def of_run(connection: Connection, run_id: str) -> tuple[StoredRequest, ...]:
    """The requests of a run by number."""
    rows = connection.execute(_OF_RUN, {"run_id": run_id})
    return tuple(_request(row) for row in rows)


_WRITTEN = (
    select(requests.c.external_id)
    .join(runs, runs.c.id == requests.c.run_id)
    .where(*of_ticket(runs), unindexed(requests.c.state) == "confirmed", requests.c.external_id != "")
)


def written_ids(connection: Connection, key: TicketKey) -> frozenset[str]:
    """The vendor's ids of all notes and replies that we wrote to this ticket, as its answers named them (audits among them)."""
    return frozenset(connection.execute(_WRITTEN, named(key)).scalars())


def markers(connection: Connection, key: TicketKey) -> frozenset[str]:
    """The markers of all notes that were ever meant to be written to this ticket."""
    rows = connection.execute(select(requests.c.request).join(runs, runs.c.id == requests.c.run_id).where(*_of(key))).scalars()
    return frozenset(marker for row in rows if (marker := loads(Request, row).marker))


def was_sent_before(connection: Connection, run_id: str, marker: str, number: int) -> bool:
    """True where another request of this run with this marker was sent, and not refused: nobody knows that it will not land."""
    rows = connection.execute(_OTHERS_SENT, _named(run_id, number)).scalars()
    return any(loads(Request, row).marker == marker for row in rows)


def mark_sent(connection: Connection, run_id: str, number: int, now: datetime) -> None:
    """From here on nobody may believe that it was not sent."""
    connection.execute(_SEND, _named(run_id, number) | {"state": "sent", "sent_at": now, **_sent(tick(connection))})


def keep_request(connection: Connection, run_id: str, request: Request) -> None:
    """The request in another shape: with its note as it leaves, or as it was planned."""
    connection.execute(_STILL_OPEN, _named(run_id, request.number) | {"request": dumps(request)})


def sent_ago_s(connection: Connection, run_id: str, number: int, now: datetime) -> float:
    """How long ago a request of unknown outcome was sent, by a clock that nobody can set.

    Where that cannot be known (the machine was started anew, or an older version sent it) it counts as sent now.
    """
    row = connection.execute(_SENT_AT, _named(run_id, number)).one()
    here = tick(connection)
    if row.sent_boot == here.boot and row.sent_us <= here.us:
        return float(here.us - row.sent_us) / 1_000_000
    connection.execute(_STILL_OPEN, _named(run_id, number) | {"sent_at": now, **_sent(here)})
    return 0.0


def _named(run_id: str, number: int) -> dict[str, object]:
    return {"of_run": run_id, "of_number": number}


def _sent(at: Tick) -> dict[str, object]:
    return {"sent_boot": at.boot, "sent_us": at.us}


def mark(
    connection: Connection,
    run_id: str,
    number: int,
    state: str,
    now: datetime,
    *,
    external_id: str = "",
    reason: str = "",
    not_applied: Sequence[int] = (),
    refused: Sequence[Refused] = (),
) -> None:
    """Record what became of a request. A terminal state stays: the update counts only from an open one. `intended` says that
    nothing was sent: the attempt and its time are taken back. After a conflict the attempt still counts."""
    became = {
        "state": state,
        "settled_at": None if state in OPEN_REQUESTS else now,
        "external_id": external_id[:64],
        "reason": reason[:300],
        "not_applied": dumps(list(not_applied)),
        "refused": dumps(list(refused)),
    }
    unsent = _UNSEND_CONFLICT if reason == CONFLICT else _UNSEND
    connection.execute(unsent if state == "intended" else _MARK, _named(run_id, number) | became)


def writing_runs(connection: Connection, key: TicketKey, mode: str, since: datetime) -> list[tuple[datetime, datetime, str]]:
    """The runs since then that wrote to this ticket, or would have in shadow: start, end (or start), cause ("" where an older
    version did not say)."""
    rows = connection.execute(_WROTE, {**named(key), "of_mode": mode, "since": since})
    return [(row.started_at, row.finished_at or row.started_at, row.cause) for row in rows]


def started_since(connection: Connection, key: TicketKey, since: datetime) -> int:
    """How many runs of this ticket began since then: each has read it."""
    return int(connection.execute(_LATELY, {**named(key), "since": since}).scalar_one())


def newest_end(connection: Connection, key: TicketKey) -> tuple[int, str]:
    """The dirty counter that the ticket's newest run covered, and how it ended; (0, "") where there is none."""
    row = connection.execute(_NEWEST, named(key)).one_or_none()
    return (row.covers_seq, row.reason) if row else (0, "")


def taken_for_machines(connection: Connection, since: datetime) -> list[tuple[TicketKey, bool]]:
    """The tickets that were so since then, the newest last, each with whether the customer's later message took it back."""
    at_machine = func.max(case((runs.c.reason.startswith(MACHINES), runs.c.started_at)))
    at_person = func.max(
        case((~runs.c.reason.startswith(MACHINES) & runs.c.events.contains("customer.replied"), runs.c.started_at))
    )
    key = [unindexed(each) for each in (runs.c.account, runs.c.kind, runs.c.external_id)]  # by the time, not ticket by ticket
    found = select(*key, at_machine, at_person).where(runs.c.started_at >= since).group_by(*key).having(at_machine.is_not(None))
    rows = sorted(connection.execute(found), key=lambda row: row[3])
    return [(TicketKey(row[0], TicketKind(row[1]), row[2]), row[4] is not None and row[4] > row[3]) for row in rows]


def waiting(connection: Connection) -> list[StoredRequest]:
    """Requests that wait for a person: a public reply whose outcome nobody knows."""
    rows = connection.execute(select(requests).where(requests.c.state == "waiting"))  # few: put in order here, not by reading all
    return sorted(map(_request, rows), key=lambda each: (each.run_id, each.number))


def request_counts(connection: Connection) -> dict[str, int]:
    """Requests per state."""
    rows = connection.execute(select(requests.c.state, func.count()).group_by(requests.c.state))
    return {row[0]: row[1] for row in rows}


def _of(key: TicketKey):  # type: ignore[no-untyped-def]  # a tuple of SQLAlchemy conditions
    return (runs.c.account == key.account, runs.c.kind == key.kind.value, runs.c.external_id == key.external_id)


def _run(connection: Connection, row: Row[tuple[object, ...]]) -> StoredRun:
    fields = row._mapping
    return StoredRun(
        id=fields["id"],
        key=TicketKey(fields["account"], TicketKind(fields["kind"]), fields["external_id"]),
        state=fields["state"],
        reason=fields["reason"],
        mode=fields["mode"],
        plan=loads_whole(Plan, fields["plan"]),
        ticket=loads(Ticket, fields["ticket"]),
        requests=of_run(connection, fields["id"]),
        yielded=tuple(loads(list[Json], fields["yielded"])),
    )


def _request(row: Row[tuple[object, ...]]) -> StoredRequest:
    fields = row._mapping
    return StoredRequest(
        run_id=fields["run_id"],
        number=fields["number"],
        request=loads_whole(Request, fields["request"]),
        state=fields["state"],
        attempts=fields["attempts"],
        sent_at=fields["sent_at"],
        external_id=fields["external_id"],
        reason=fields["reason"],
        not_applied=tuple(loads(list[int], fields["not_applied"])),
        refused=loads(tuple[Refused, ...], fields["refused"]),
    )
