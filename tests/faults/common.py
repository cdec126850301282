"""What the fault tests share: a ticket that gets everything at once, and what the helpdesk's own log says of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from adapters.ticket import TicketKey
from bot.pipeline.claim import run_ticket
from bot.store import accounts, dead_letters, deliveries
from bot.store.database import schema
from bot.store.database.engine import reading
from bot.store.runs import StoredRequest
from sandbox.effects import Call
from tests.harness.deskhand import NINA, PROVIDERS, Running, delivered
from tests.harness.servers import wait_for

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
SUBJECT = "Production is down"


def outage(run: Running, subject: str = SUBJECT) -> str:
    """The ticket of tests/harness/rules.yaml's first rule: tag, team, priority, macro and draft. Its webhook is delivered."""
    ticket = run.desk.create_ticket(requester=NINA, subject=subject, body="Nothing works since 09:40.")
    delivered(run.desk)
    return ticket


def written(run: Running, ticket: str, what: str = "note") -> int:
    """How many notes (or replies) the helpdesk applied, by its own log."""
    return sum(what in each.changes for each in run.desk.effects.effects(ticket))


def assert_written_once(run: Running, ticket: str) -> None:
    """All that the rule wanted stands in the ticket, and by the helpdesk's own log there never was more than one note."""
    view = run.view(ticket)
    assert (run.priority(ticket), view.team) == ("urgent", "Senior")
    assert "vip-outage" in view.tags
    assert len(view.bot_notes) == 1
    assert not view.bot_replies
    assert (written(run, ticket), written(run, ticket, "reply")) == (1, 0)


def writes_sent(run: Running, ticket: str) -> list[Call]:
    """The calls for this ticket that could change something, those included that failed."""
    return [each for each in run.desk.effects.calls(ticket) if each.method not in ("GET", "HEAD")]


def work_once(run: Running, ticket: str) -> None:
    """One claim of this ticket, as soon as it can be had."""
    wait_for("a free ticket", lambda: run_ticket(run.key(ticket), run.parts), every_s=0.02)


def set_aside(run: Running) -> dict[TicketKey, str]:
    """What waits for a person: ticket -> reason."""
    with reading(run.parts.engine) as connection:
        return {each.key: each.reason for each in dead_letters.everything(connection)}


def delivery_states(run: Running) -> dict[str, int]:
    with reading(run.parts.engine) as connection:
        return deliveries.counts(connection)


def confirmed(run: Running, ticket: str) -> list[StoredRequest]:
    return [each for each in run.requests(ticket) if each.state == "confirmed"]


def blind_repeats(run: Running, ticket: str) -> list[str]:
    """Writes that were sent a second time although nobody had looked at the ticket in between."""
    seen: set[str] = set()
    repeated: list[str] = []
    for call in run.desk.effects.calls(ticket):
        if call.method in ("GET", "HEAD"):
            seen.clear()
            continue
        this = f"{call.method} {call.path} {call.body}"
        repeated += [this] if this in seen else []
        seen.add(this)
    return repeated


def blocked_s(run: Running) -> float:
    """For how long no worker may call the account."""
    with reading(run.parts.engine) as connection:
        return accounts.state(connection, run.provider).blocked_s


def let_time_pass(run: Running) -> None:
    """All waits are over: of the account, and of each ticket."""
    with run.parts.engine.begin() as connection:
        connection.execute(update(schema.accounts).values(blocked_until=0))
        connection.execute(update(schema.tickets).values(wake_at=0))


def burnt(run: Running, ticket: str) -> tuple[int, int]:
    """How many failures and crashes are held against the ticket."""
    with reading(run.parts.engine) as connection:
        row = connection.execute(
            select(schema.tickets.c.failures, schema.tickets.c.crashes).where(schema.tickets.c.external_id == ticket)
        ).one()
    return row.failures, row.crashes
