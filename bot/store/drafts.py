"""The `drafts` table: a draft's whole life, from being asked for to what a person made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Json, TicketKey, TicketKind
from bot.store.database.schema import drafts
from bot.store.readable_rows import KINDS, readable
from bot.store.tickets import named, of_ticket
from rules.model.decision import DraftWish


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """States: asked (the model works on it), ready (written, not yet in a note), live (in the ticket's newest note),
    accepted, sent, taken_over, rejected, superseded, retired (an agent answered, or the ticket was solved), withheld.

    `shown_to`: whom a reply would have gone to when it was shown, as digests (bot/drafts/recipients.py); "" in drafts of older
    versions. `decided_by`, `reason`: what made its state, as `move` was told.
    """

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
    tries: int = 1  # how often it was asked for, this time included
    issue: str = ""  # the issue type that it answers
    team: str = ""  # the ticket's team when it was made
    shown_to: str = ""
    decided_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who accepted a draft. `agent`, `name`: "" where the helpdesk does not say. `state`: of the draft since then."""

    agent: str
    name: str
    at: datetime
    state: str


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
            tries=draft.tries,
            rule=draft.wish.rule[:100],
            issue=draft.issue[:100],
            team=draft.team[:200],
            shown_to=draft.shown_to,
        )
    )


def move(connection: Connection, draft_id: str, state: str, now: datetime, **columns: object) -> None:
    """Bring a draft into a state. `columns`: decided_by, reason, similarity, band, marker, run_id, draft, text, language,
    approved_by, approved_name, approved_at, approved_run."""
    connection.execute(_OF_ONE, {"of_draft": draft_id, "state": state, "decided_at": now, **columns})


def keep(connection: Connection, draft_id: str, **columns: str) -> None:
    """Note something on a draft whose state stays. `columns`: shown_to, reason."""
    connection.execute(_OF_ONE, {"of_draft": draft_id, **columns})


# In no order: SQLite would read all live drafts that there are by the index that has them in theirs.
_IN_STATE = select(drafts).where(*of_ticket(drafts), drafts.c.state.in_(bindparam("states", expanding=True)))
_OF_OTHER_RUN = (
    select(drafts.c.id)
    .where(*of_ticket(drafts), drafts.c.run_id != bindparam("of_run"), drafts.c.created_at < bindparam("before"))
    .limit(1)
)
_NEWEST = select(drafts).where(*of_ticket(drafts)).order_by(drafts.c.created_at.desc(), drafts.c.id.desc()).limit(1)
_SENT_BY = select(drafts.c.approved_by, drafts.c.approved_name, drafts.c.approved_at, drafts.c.state).where(
    *of_ticket(drafts), drafts.c.approved_run == bindparam("of_run")
)
_OF_ONE = update(drafts).where(drafts.c.id == bindparam("of_draft"))


def in_state(connection: Connection, key: TicketKey, *states: str) -> list[StoredDraft]:
    """The ticket's drafts in these states, newest first."""
    rows = connection.execute(_IN_STATE, {**named(key), "states": list(states)})
    return sorted(map(_draft, rows), key=lambda each: (each.created_at, each.id), reverse=True)


def newest(connection: Connection, key: TicketKey) -> StoredDraft | None:
    """The ticket's newest draft, in whatever state."""
    row = connection.execute(_NEWEST, named(key)).one_or_none()
    return _draft(row) if row else None


def approval(connection: Connection, key: TicketKey, run_id: str) -> Approval | None:
    """Who accepted the draft that this run sends; None where it sends none."""
    row = connection.execute(_SENT_BY, {**named(key), "of_run": run_id}).first()
    return Approval(agent=row.approved_by, name=row.approved_name, at=row.approved_at, state=row.state) if row else None


def has_of_other_run(connection: Connection, key: TicketKey, run_id: str, before: datetime) -> bool:
    """True where the ticket has, or had, a draft of another run from before then."""
    return connection.execute(_OF_OTHER_RUN, {**named(key), "of_run": run_id, "before": before}).first() is not None


def asked_before(connection: Connection, before: datetime) -> list[StoredDraft]:
    """Drafts asked for so long ago that whoever worked on them must be gone."""
    where = (drafts.c.state == "asked", drafts.c.created_at < before, drafts.c.kind.in_(KINDS))
    return readable(connection.execute(select(drafts).where(*where).order_by(drafts.c.created_at)), _draft)


def get(connection: Connection, draft_id: str) -> StoredDraft | None:
    row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()
    return _draft(row) if row else None


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
        tries=fields["tries"],
        issue=fields["issue"],
        team=fields["team"],
        shown_to=fields["shown_to"],
        decided_by=fields["decided_by"],
        reason=fields["reason"],
    )
