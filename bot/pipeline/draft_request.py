"""Asking for a draft with patience: a run waits a few seconds for the model, and a later answer comes back as an event.

A draft that is late is stored as `asked` with the plan. When its answer comes, it is stored and an inbox event
`draft.ready` brings it to the ticket in a run of its own. If the process dies meanwhile the ticker asks again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.codec import dumps, loads, to_json
from adapters.ticket import Event, EventType, Json, Provider, TicketKey
from bot.drafts import Draft, DraftAsk, Drafter
from bot.drafts.showable import HASH
from bot.drafts.types import withheld
from bot.log import get_logger
from bot.process.ids import new_id
from bot.queue.wakeup import Wakeup
from bot.store import deliveries, drafts
from bot.store.deliveries import Incoming

log = get_logger("drafting")


@dataclass(slots=True)
class Asked:
    """A draft that is being written. `within` waits for it; `hand_over` says that its row is stored."""

    drafter: Drafter
    ask: DraftAsk
    id: str = field(default_factory=new_id)
    _done: threading.Event = field(default_factory=threading.Event)
    _stored: threading.Event = field(default_factory=threading.Event)
    _draft: Draft | None = None
    _late: Late | None = None

    def start(self) -> Asked:
        threading.Thread(target=self._write, name="drafting", daemon=True).start()
        return self

    def within(self, seconds: float) -> Draft | None:
        """The draft, or None if it is not there in time."""
        self._done.wait(seconds)
        if (draft := self._draft) is not None:
            self._stored.set()  # nobody waits for it: the writing thread may end
        return draft

    def hand_over(self, late: Late) -> None:
        """The plan is stored and the row says `asked`: from now on the answer goes there."""
        self._late = late
        self._stored.set()

    def _write(self) -> None:
        try:
            self._draft = self.drafter.draft(self.ask)
        except Exception as error:  # a thread's traceback would quote the ticket; and asked again, it would fail again
            log.error("draft.failed", why=type(error).__name__)
            self._draft = withheld(f"the drafter failed ({type(error).__name__})", self.ask, drafter="model")
        self._done.set()
        if self._stored.wait(120) and self._late is not None:
            try:
                self._late.bring(self.id, self._draft)
            except SQLAlchemyError as error:  # its row still says `asked`: the ticker asks again
                log.warning("draft.not_brought", draft=self.id, why=type(error).__name__)


@dataclass(frozen=True, slots=True)
class Late:
    """Where a late draft goes."""

    engine: Engine
    bell: Wakeup
    key: TicketKey
    provider: Provider
    now: datetime

    def bring(self, draft_id: str, draft: Draft | None) -> None:
        """Store a late answer (None: it was lost, ask again) and put the event into the inbox."""
        event = Event(
            provider=self.provider,
            type=EventType.DRAFT_READY,
            ticket=self.key,
            delivery_key=f"internal:draft:{draft_id}:{'lost' if draft is None else 'ready'}",
            kind_raw="draft.ready",
        )
        with self.engine.begin() as connection:
            row = drafts.get(connection, draft_id)
            if row is None or row.state != "asked":
                return
            answer = {"draft": dumps(draft), "text": draft.text, "language": draft.language} if draft else {}
            drafts.move(connection, draft_id, "ready", self.now, **answer)
            deliveries.store(connection, internal(event, self.now, {"draft": draft_id}))
        self.bell.ring(self.key)
        log.info("draft.ready", ticket=str(self.key), draft=draft_id, was_lost=draft is None)


def internal(event: Event, now: datetime, about: Json) -> Incoming:
    """An event of our own (a draft, a time that has come) as a delivery."""
    account = event.ticket.account if event.ticket else ""
    body = dumps(about).encode()
    return Incoming(account=account, delivery_key=event.delivery_key, body=body, events=(event,), received_at=now)


def draft_of(stored: Json) -> Draft | None:
    """The draft in a stored row."""
    return loads(Draft, dumps(stored)) if stored else None


def draft_json(draft: Draft, hash: str) -> Json:
    """The draft as its row keeps it. `hash`: of the text that the note shows."""
    kept: Json = {**to_json(draft), HASH: hash}
    return kept
