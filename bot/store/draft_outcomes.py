"""What became of drafts, for reports: states, measures and labels of the `drafts` table, no words of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bot.store.database.schema import drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOutcome:
    """One draft. `state`, `decided_by`, `reason`, `band`: see bot/store/drafts.py. `similarity`: of the reply that was sent
    instead, 0 to 1. `decided_at`: None while it is open. The rest are labels to group by, "" where there is none;
    `approved_*`: the agent who accepted it."""

    state: str
    decided_by: str
    reason: str
    band: str
    similarity: float | None
    created_at: datetime
    decided_at: datetime | None
    language: str
    rule: str
    issue: str
    team: str
    approved_name: str
    approved_by: str


_COLUMNS = tuple(drafts.c[name] for name in DraftOutcome.__dataclass_fields__)
_MADE = select(*_COLUMNS).where(drafts.c.created_at >= bindparam("since"), drafts.c.created_at < bindparam("until"))


def made_between(connection: Connection, since: datetime, until: datetime) -> Iterator[DraftOutcome]:
    """Drafts that were asked for from `since` on and before `until`, in no order."""
    for row in connection.execute(_MADE, {"since": since, "until": until}):
        yield DraftOutcome(**row._mapping)
