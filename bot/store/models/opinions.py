"""The `opinions` table: what a model was asked about a customer's message, once, and what was kept of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, true, update

from adapters.ticket import TicketKey
from bot.store.database.column_types import unindexed
from bot.store.database.schema import opinions
from bot.store.tickets import insert_into, named, of_ticket

_table = opinions.c
LOST = "its process is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOpinion:
    """`state`: asked (the model works on it), ready, cached, failed. `answer`: JSON, None where there is none."""

    state: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a question ended. `state`: ready or failed; `took_s`: until then."""

    state: str
    took_s: float
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionFigures:
    """Questions that are kept, by state; answers that came after their run; parts of answers that were not kept."""

    states: dict[str, int]
    late: int
    dropped: int


_ONE = (*of_ticket(opinions), _table.message_id == bindparam("of_message"))
_FIND = select(_table.state, _table.answer).where(*_ONE)


def find(connection: Connection, key: TicketKey, message_id: str) -> StoredOpinion | None:
    row = connection.execute(_FIND, _of(key, message_id)).one_or_none()
    return StoredOpinion(state=row.state, answer=row.answer) if row else None


def alike(connection: Connection, asked_hash: str) -> str | None:
    """The answer to equal words, asked of the same model; None where there is none."""
    where = (_table.asked_hash == asked_hash, _table.state == "ready")
    return connection.execute(select(_table.answer).where(*where).limit(1)).scalar_one_or_none()


def add(
    connection: Connection, key: TicketKey, message_id: str, asked_hash: str, model: str, now: datetime, answer: str | None = None
) -> bool:
    """Write down that this message is asked about, before it is; with `answer`: that it need not be. False where it was."""
    values = {
        "account": key.account,
        "kind": key.kind.value,
        "external_id": key.external_id,
        "message_id": message_id[:64],
        "asked_hash": asked_hash,
        "state": "asked" if answer is None else "cached",
        "model": model[:100],
        "answer": answer,
        "asked_at": now,
    }
    added = insert_into(connection)(opinions).values(**values).on_conflict_do_nothing().returning(_table.message_id)
    return connection.execute(added).first() is not None


def answered(connection: Connection, key: TicketKey, message_id: str, answer: str, *, dropped: int, took_s: float) -> bool:
    """Keep the answer. False where nobody waits for it any more: the person was erased, or it was given up."""
    return _end(connection, key, message_id, {"state": "ready", "answer": answer, "dropped": dropped, "took_s": took_s})


def failed(connection: Connection, key: TicketKey, message_id: str, reason: str, took_s: float) -> bool:
    return _end(connection, key, message_id, {"state": "failed", "reason": reason[:200], "took_s": took_s})


def _end(connection: Connection, key: TicketKey, message_id: str, values: dict[str, object]) -> bool:
    where = (*_ONE, _table.state == "asked")
    return connection.execute(update(opinions).where(*where).values(**values), _of(key, message_id)).rowcount == 1


def mark_late(connection: Connection, key: TicketKey, message_id: str) -> None:
    connection.execute(update(opinions).where(*_ONE).values(is_late=true()), _of(key, message_id))


def ends(connection: Connection, most: int) -> Sequence[End]:
    """How the newest questions ended, the newest first."""
    columns = (_table.state, _table.took_s, _table.asked_at)
    where = unindexed(_table.state).in_(("ready", "failed"))  # by the time: few of the newest are still asked for
    rows = connection.execute(select(*columns).where(where).order_by(_table.asked_at.desc()).limit(most))
    return [End(state=row.state, took_s=row.took_s, asked_at=row.asked_at) for row in rows]


def give_up(connection: Connection, before: datetime) -> int:
    """Questions of processes that are gone; how many."""
    where = (_table.state == "asked", _table.asked_at < before)
    return int(connection.execute(update(opinions).where(*where).values(state="failed", reason=LOST)).rowcount)


def forget(connection: Connection, key: TicketKey) -> int:
    """All of one ticket."""
    return int(connection.execute(delete(opinions).where(*of_ticket(opinions)), named(key)).rowcount)


def figures(connection: Connection) -> OpinionFigures:
    """Counts over all that is kept."""
    rows = connection.execute(select(_table.state, func.count()).group_by(_table.state))
    late = connection.execute(select(func.count()).where(_table.is_late == true())).scalar_one()
    dropped = connection.execute(select(func.coalesce(func.sum(_table.dropped), 0))).scalar_one()
    return OpinionFigures(states={row[0]: row[1] for row in rows}, late=late, dropped=int(dropped))


def _of(key: TicketKey, message_id: str) -> dict[str, object]:
    return {**named(key), "of_message": message_id[:64]}
