"""The `drafts` table: a draft's whole life, from being asked for to what a person made of it. And `due`, times to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Json, TicketKey, TicketKind
from bot.ids import new_id
from bot.store.schema import drafts, due
from rules.decision import DraftWish


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """States: asked (the model works on it), ready (written, not yet in a note), live (in the ticket's newest note),
    accepted, sent, taken_over, rejected, superseded, retired (an agent answered), withheld."""

    id: str
    key: TicketKey
    run_id: str
    state: str
    message_id: str
    marker: str
    wish: DraftWish
    draft: Json
    text: str
    language: str
    created_at: datetime


def add(connection: Connection, key: TicketKey, draft: StoredDraft) -> None:
    connection.execute(
        drafts.insert().values(
            id=draft.id,
            account=key.account,
            kind=key.kind.value,
            external_id=key.external_id,
            run_id=draft.run_id,
            state=draft.state,
            message_id=draft.message_id,
            marker=draft.marker,
            wish=dumps(draft.wish),
            draft=dumps(draft.draft) if draft.draft is not None else None,
            text=draft.text,
            language=draft.language,
            created_at=draft.created_at,
        )
    )


def move(connection: Connection, draft_id: str, state: str, now: datetime, **columns: object) -> None:
    """Bring a draft into a state. `columns`: decided_by, reason, similarity, band, marker, run_id, draft, text, language."""
    connection.execute(update(drafts).where(drafts.c.id == draft_id).values(state=state, decided_at=now, **columns))


def in_state(connection: Connection, key: TicketKey, *states: str) -> list[StoredDraft]:
    """The ticket's drafts in these states, newest first."""
    rows = connection.execute(
        select(drafts)
        .where(
            drafts.c.account == key.account,
            drafts.c.kind == key.kind.value,
            drafts.c.external_id == key.external_id,
            drafts.c.state.in_(states),
        )
        .order_by(drafts.c.created_at.desc(), drafts.c.id.desc())
    )
    return [_draft(row) for row in rows]


def asked_before(connection: Connection, before: datetime) -> list[StoredDraft]:
    """Drafts asked for so long ago that whoever worked on them must be gone."""
    rows = connection.execute(select(drafts).where(drafts.c.state == "asked", drafts.c.created_at < before).limit(100))
    return [_draft(row) for row in rows]


def get(connection: Connection, draft_id: str) -> StoredDraft | None:
    row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()
    return _draft(row) if row else None


def add_due(connection: Connection, key: TicketKey, at: datetime, what: str, payload: Json) -> None:
    """Remember a time: the ticker turns it into an inbox event."""
    connection.execute(
        due.insert().values(
            id=new_id(),
            account=key.account,
            kind=key.kind.value,
            external_id=key.external_id,
            at=at,
            what=what,
            payload=dumps(payload),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    id: str
    key: TicketKey
    at: datetime
    what: str
    payload: Json


def due_now(connection: Connection, now: datetime) -> list[Due]:
    """Rows whose time has come, oldest first."""
    rows = connection.execute(select(due).where(due.c.state == "waiting", due.c.at <= now).order_by(due.c.at).limit(100))
    return [
        Due(
            id=row.id,
            key=TicketKey(row.account, TicketKind(row.kind), row.external_id),
            at=row.at,
            what=row.what,
            payload=loads(dict[str, Json], row.payload),
        )
        for row in rows
    ]


def close_due(connection: Connection, due_id: str) -> None:
    connection.execute(update(due).where(due.c.id == due_id).values(state="done"))


def _draft(row: Row[tuple[object, ...]]) -> StoredDraft:
    fields = row._mapping
    return StoredDraft(
        id=fields["id"],
        key=TicketKey(fields["account"], TicketKind(fields["kind"]), fields["external_id"]),
        run_id=fields["run_id"],
        state=fields["state"],
        message_id=fields["message_id"],
        marker=fields["marker"],
        wish=loads(DraftWish, fields["wish"]),
        draft=loads(dict[str, Json], fields["draft"]) if fields["draft"] else None,
        text=fields["text"],
        language=fields["language"],
        created_at=fields["created_at"],
    )
