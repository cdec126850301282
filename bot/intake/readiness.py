"""Whether the receiver can do its work now: for a load balancer and for whoever deploys."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.intake.backpressure import Pressure
from bot.store import deliveries
from bot.store.database.engine import reading
from bot.store.database.migrate import newest, revision_of, revisions


class NotReady(Exception):
    """The message says why, without a secret or a path."""


class Readiness:
    """Asked for each `GET /ready`, so it is cheap: two short reads and the disk's own count."""

    def __init__(self, engine: Engine, pressure: Pressure) -> None:
        self._engine = engine
        self._pressure = pressure
        self._older = frozenset(revisions()) - {newest()}

    def waiting(self) -> int:
        """How many deliveries wait. Raises NotReady."""
        try:
            with reading(self._engine) as connection:
                found = revision_of(connection)
                if found is None or found in self._older:
                    # A newer one is fine: migrations only add, so this process goes on while a rolling upgrade lasts.
                    raise NotReady("the database has an older schema than this code: run `deskhand migrate`")
                count = deliveries.backlog(connection)
            trouble = self._pressure.look() or self._pressure.look_at_clock()
        except SQLAlchemyError as error:
            raise NotReady("the database does not answer") from error
        if trouble:
            raise NotReady(trouble)
        return count
