"""A suggested reply that an agent accepts, on each helpdesk: in whose name, what the ticket becomes, what agents read of it, and
that it stays ours. Nobody and nothing but an agent can accept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.store.database.engine import reading
from bot.store.database.schema import drafts
from tests.harness.deskhand import ANNA, NINA, PROVIDERS, Running, deskhand

pytestmark = pytest.mark.both_storages

WORDS = "We are on it and write again within the hour."
LENA = "lead.lena@example.com"  # she is in the team that the outage goes to


@pytest.fixture(params=PROVIDERS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with deskhand(tmp_path, request.param) as made:
        yield made


def noted(run: Running) -> str:
    """A ticket with a suggested reply in its note."""
    ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
    run.settle()
    assert len(run.view(ticket).bot_notes) == 1
    return ticket


def tag(run: Running, ticket: str, name: str, agent: str = LENA) -> None:
    run.desk.agent_update(ticket, agent=agent, tags_add=[name])
    run.settle()


def rows(run: Running) -> list[dict[str, Any]]:
    with reading(run.parts.engine) as connection:
        return [dict(row._mapping) for row in connection.execute(select(drafts).order_by(drafts.c.created_at))]


def replies(run: Running, ticket: str) -> list[tuple[str, str]]:
    return [(each.author_email, each.text.strip()) for each in run.view(ticket).replies]


def newest_note(run: Running, ticket: str) -> str:
    return run.view(ticket).bot_notes[-1].text


def in_whose_name(run: Running) -> str:
    return run.desk.world.bot.email if run.provider == "freshdesk" else LENA  # Freshdesk says of no tag who set it


def test_an_accepted_reply_is_the_agents_and_so_is_the_ticket(run: Running) -> None:
    ticket = noted(run)

    tag(run, ticket, "dh-accept")

    view = run.view(ticket)
    assert replies(run, ticket) == [(in_whose_name(run), WORDS)]
    assert view.status == "pending"
    assert view.team == "Senior"
    assert view.assignee == (None if run.provider == "freshdesk" else LENA)
    assert "dh-accept" not in view.tags
    assert "Sent to the customer" in newest_note(run, ticket)
    assert ("accepted by tag" if run.provider == "freshdesk" else "Lead Lena accepted") in newest_note(run, ticket)
    assert len(view.bot_notes) == 2


def test_who_accepted_it_is_kept(run: Running) -> None:
    ticket = noted(run)

    tag(run, ticket, "dh-accept")

    [row] = rows(run)
    assert (row["state"], row["approved_name"]) == ("sent", "" if run.provider == "freshdesk" else "Lead Lena")
    assert bool(row["approved_by"]) == (run.provider != "freshdesk")
    assert row["approved_at"] is not None
    assert row["approved_run"] in {each["id"] for each in run.newest_runs(ticket)}


def test_it_stays_ours_whoever_is_shown_as_its_author(run: Running) -> None:
    if run.provider == "zendesk":
        run.desk.audits_name_author = True  # type: ignore[attr-defined]  # its events' actor is the agent, too
    ticket = noted(run)
    tag(run, ticket, "dh-accept")
    before = len(run.newest_runs(ticket))

    for delivery in list(run.desk.webhooks.sent):
        run.desk.webhooks.again(delivery)
    run.poll()
    run.settle()

    assert [each["state"] for each in rows(run)] == ["sent"]  # no agent's reply that a draft would be compared with
    assert [each["is_writing"] for each in run.newest_runs(ticket)[:-before]].count(True) == 0
    assert len(run.view(ticket).messages) == 4  # question, draft, reply, answer

    run.desk.customer_reply(ticket, "And now?")
    run.settle()
    assert [each["state"] for each in rows(run)] == ["sent", "live"]


def machine(run: Running, ticket: str) -> None:
    run.desk.agent_update(ticket, agent=ANNA, priority="low" if run.view(ticket).priority != "low" else "normal")
    run.desk.machine_update(ticket, tags_add=["dh-accept"])


def app(run: Running, ticket: str) -> None:
    run.desk.machine_update(ticket, tags_add=["dh-accept"], app=ANNA)


@pytest.mark.parametrize(("provider", "setter"), [("zendesk", machine), ("intercom", machine), ("zendesk", app)])
def test_no_machine_can_accept(tmp_path: Path, provider: str, setter: Any) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = noted(run)

        setter(run, ticket)
        run.settle()

        assert replies(run, ticket) == []
        assert "dh-accept" not in run.view(ticket).tags
        assert "dh-accept does not count" in newest_note(run, ticket)
        assert [each["state"] for each in rows(run)] == ["live"]

        notes = len(run.view(ticket).bot_notes)
        setter(run, ticket)
        run.settle()
        assert len(run.view(ticket).bot_notes) == notes  # said once

        tag(run, ticket, "dh-accept")
        assert replies(run, ticket) == [(LENA, WORDS)]


def test_each_tag_is_answered_and_none_starts_anything(run: Running) -> None:
    ticket = noted(run)

    tag(run, ticket, "dh-aprove")
    assert "Did you mean dh-accept?" in newest_note(run, ticket)
    tag(run, ticket, "dh-edit")
    assert "Taken over" in newest_note(run, ticket)
    tag(run, ticket, "dh-accept")
    assert "no suggested reply is open" in newest_note(run, ticket)

    view = run.view(ticket)
    assert replies(run, ticket) == []
    assert not {each for each in view.tags if each.startswith("dh")}
    assert len(view.bot_notes) == 4
    assert [each["state"] for each in rows(run)] == ["taken_over"]


def test_a_draft_whose_ticket_is_solved_without_a_reply_is_retired(run: Running) -> None:
    ticket = noted(run)

    run.desk.agent_update(ticket, agent=LENA, status="solved")
    run.settle()

    assert [(each["state"], each["decided_by"]) for each in rows(run)] == [("retired", "solved")]


def test_a_draft_whose_ticket_is_deleted_is_retired(run: Running) -> None:
    ticket = noted(run)

    run.desk.delete(ticket)
    run.settle()

    assert [(each["state"], each["decided_by"]) for each in rows(run)] == [("retired", "solved")]


@pytest.mark.parametrize("provider", ["zendesk", "freshdesk"])  # Intercom names no copies in a conversation
def test_somebody_more_in_copy_is_asked_about_before_anything_is_sent(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = noted(run)
        add_copy(run, ticket)

        tag(run, ticket, "dh-accept")
        assert replies(run, ticket) == []
        assert "who is in copy changed" in newest_note(run, ticket)

        tag(run, ticket, "dh-accept")
        assert len(replies(run, ticket)) == 1


def add_copy(run: Running, ticket: str) -> None:
    record = run.desk.records.get(ticket)
    assert record is not None
    with run.desk.lock:
        if run.provider == "zendesk":
            person = run.desk.user("vera.vice@northwind.example")["id"]  # type: ignore[attr-defined]
            record["ticket"]["email_cc_ids"] = [person]
            record["ticket"]["collaborator_ids"] = sorted({*record["ticket"]["follower_ids"], person})
        else:
            record["ticket"]["cc_emails"] = [*record["ticket"]["cc_emails"], "vera.vice@northwind.example"]


def test_a_reply_that_is_refused_leaves_the_ticket_open_and_says_so(run: Running) -> None:
    ticket = noted(run)
    # Refused in the agent's name and in ours; at Zendesk, where it goes with the fields, also what is tried without some of them.
    times = {"zendesk": 6, "intercom": 2, "freshdesk": 1}[run.provider]
    method = "PUT" if run.provider == "zendesk" else "POST"
    run.desk.faults.order("422" if run.provider == "intercom" else "400", method=method, times=times)

    tag(run, ticket, "dh-accept")

    assert replies(run, ticket) == []
    assert run.view(ticket).status != "pending"
    assert "Not sent" in newest_note(run, ticket)
    assert [each["state"] for each in rows(run)] == ["withheld"]
