"""The adapter against the stand-in Intercom, which others made from the same vendor's pages: what we write, we read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from adapters import writes
from adapters.errors import TicketGone
from adapters.helpdesk import Account, DictCache, Helpdesk
from adapters.intercom.adapter import ADAPTER
from adapters.ticket import Priority, Provider, Status, Ticket, TicketKey, TicketKind
from adapters.transport import Transport
from adapters.writes import Outcome, Plan, PlannedWrite, Result
from sandbox.intercom import IntercomDesk
from sandbox.serve import running

KINDS = ["conversation", "ticket"]
NOTE = writes.Note(html="<p>Suggested reply, not sent</p><p>K7QWERTY</p>", marker="K7QWERTY")


@contextmanager
def connected(kind: str, version: str = "2.16") -> Iterator[tuple[IntercomDesk, Helpdesk, TicketKey]]:
    desk = IntercomDesk(kind="ticket" if kind == "ticket" else "conversation", version=version)
    with running(desk) as address:
        account = Account(
            name="north",
            provider=Provider.INTERCOM,
            address=address,
            credentials={"token": "sandbox-intercom-token"},
            company_fields={"tier": "tier", "arr": "arr"},
            options={"version": version},
        )
        api = ADAPTER.connect_api(account, Transport(address, allow_private=True), DictCache())
        number = desk.create_ticket(
            requester=desk.world.people[0].email, subject="Everything is down", body="Hello,\n\nnothing works.", tags=["known"]
        )
        yield desk, Helpdesk(ADAPTER, account, api), TicketKey("north", TicketKind(kind), number)


def carry_out(helpdesk: Helpdesk, key: TicketKey, *wanted: writes.Write) -> tuple[Ticket, list[Outcome]]:
    """The ticket after the writes, and their outcomes."""
    plan = Plan(ticket=key, writes=tuple(PlannedWrite(write=write) for write in wanted), run_id="run-1")
    outcomes = [helpdesk.send(request) for request in helpdesk.to_requests(plan, helpdesk.hydrate(key))]
    return helpdesk.hydrate(key), outcomes


@pytest.mark.parametrize(("kind", "version"), [(kind, version) for kind in KINDS for version in ("2.15", "2.16", "Preview")])
def test_a_triaged_outage_reads_back_as_it_was_written(kind: str, version: str) -> None:
    with connected(kind, version) as (_, helpdesk, key):
        ticket, outcomes = carry_out(
            helpdesk,
            key,
            writes.AddTags(tags=frozenset({"vip-outage"})),
            writes.RemoveTags(tags=frozenset({"known"})),
            writes.SetPriority(priority=Priority.URGENT),
            writes.SetTeam(team="Senior"),
            writes.SetAssignee(agent="anna.agent@example.com"),
            writes.SuppressSurvey(),
            NOTE,
        )

        assert {outcome.result for outcome in outcomes} == {Result.CONFIRMED}
        assert not any(outcome.not_applied for outcome in outcomes)
        assert (ticket.subject, ticket.description) == ("Everything is down", "Hello,\n\nnothing works.")
        assert (set(ticket.tags), ticket.priority, ticket.status) == ({"vip-outage"}, Priority.URGENT, Status.NEW)
        assert ticket.team is not None
        assert ticket.team.name == "Senior"
        assert ticket.assignee is not None
        assert ticket.assignee.email == "anna.agent@example.com"
        assert ticket.company is not None
        assert (ticket.company.tier, ticket.company.arr) == ("enterprise", 120000)
        assert helpdesk.find_marker(key, "K7QWERTY") == outcomes[-1].external_id != ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD, Status.SOLVED])
def test_a_status_reads_back_and_can_be_taken_back(kind: str, status: Status) -> None:
    with connected(kind) as (_, helpdesk, key):
        after, _ = carry_out(helpdesk, key, writes.Reply(text="On it."), writes.SetStatus(status=status))
        reopened, _ = carry_out(helpdesk, key, writes.SetStatus(status=Status.OPEN))

        assert (after.status, reopened.status) == (status, Status.OPEN)
        assert [message.body_text for message in after.agent_replies] == ["On it."]


@pytest.mark.parametrize("kind", KINDS)
def test_a_poll_finds_what_changed_once(kind: str) -> None:
    with connected(kind) as (_, helpdesk, key):
        now = datetime.now(UTC)

        first = helpdesk.poll("", now)

        assert [event.ticket for event in first.events] == [key]
        assert helpdesk.poll(first.cursor, now).events == ()


def test_a_merged_and_a_deleted_conversation_are_gone() -> None:
    with connected("conversation") as (desk, helpdesk, key):
        other = desk.create_ticket(requester=desk.world.people[0].email, subject="Again", body="Same")
        desk.merge(key.external_id, other, "anna.agent@example.com")
        desk.delete(other)

        for gone in (key, TicketKey("north", TicketKind.CONVERSATION, other)):
            with pytest.raises(TicketGone):
                helpdesk.hydrate(gone)


def test_every_macro_of_the_world_is_rendered_whole() -> None:
    with connected("conversation") as (_, helpdesk, key):
        ticket = helpdesk.hydrate(key)

        previews = [helpdesk.preview(macro, ticket) for macro in helpdesk.macros()]

        assert len(previews) == len(helpdesk.macros()) > 4
        assert not any("{{" in preview.text or "<" in preview.text for preview in previews)
