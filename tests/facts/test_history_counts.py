"""Counts over history at work: asked before rules decide, on all helpdesks alike, kept with the plan, replayed from the facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.ticket import Company, Person, Status, Ticket
from bot.backtest.history_import import run_import
from bot.directory import Directory
from bot.facts import history_counts
from bot.maintenance.erase import erase
from bot.store.database.engine import reading
from bot.store.database.schema import counted_tickets
from rules.engine.decide import decide
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import decision_hash
from rules.model.facts import Facts, Signal
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import ANNA, NINA, Running, deskhand

pytestmark = pytest.mark.both_storages

GINA, IVAN = "gina.globe@globex.example", "ivan.initech@initech.example"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
RULES = """
rules:
  - id: repeat
    on: [ticket.created, customer.replied, status.changed]
    when: {tickets_by_requester: {last: 30d, same_issue: true, at_least: 3}}
    then: [toggle_tag: repeat, add_note: "Ticket number {counts.tickets_by_requester.30d.same_issue}."]
  - id: incident
    when: {companies_with_same_issue: {last: 24h, at_least: 3}}
    then: [toggle_tag: incident]
  - id: busy
    when: {counts.company_open: {at_least: 2}}
    then: [toggle_tag: busy]
"""


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "counting.yaml"
    path.write_text(RULES, encoding="utf-8")
    return str(path)


def down(run: Running, who: str = NINA, body: str = "Nothing works, everything is down.") -> str:
    ticket = run.desk.create_ticket(requester=who, subject="Production is down", body=body)
    run.settle()
    return ticket


def tags(run: Running, ticket: str) -> set[str]:
    return {"repeat", "incident", "busy"} & set(run.view(ticket).tags)


def rows(run: Running) -> dict[str, dict[str, Any]]:
    with reading(run.parts.engine) as connection:
        return {row["external_id"]: dict(row) for row in connection.execute(select(counted_tickets)).mappings()}


@each_helpdesk
def test_the_third_ticket_of_one_person_on_one_issue_is_seen(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        first, other = down(run), run.desk.create_ticket(requester=NINA, subject="An invoice", body="Where is my invoice?")
        run.settle()
        second, third = down(run), down(run)

        assert [tags(run, each) for each in (first, other, second)] == [set(), {"busy"}, {"busy"}]
        assert tags(run, third) == {"repeat", "busy"}
        assert "Ticket number 3." in run.view(third).bot_notes[0].text
        assert run.newest_facts(third)["counts"] == {
            "tickets_by_requester.30d.same_issue": 3,
            "companies_with_same_issue.24h": 1,
            "company_open": 4,
        }


@each_helpdesk
def test_an_outage_that_three_companies_report_is_seen(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        found = [down(run, who) for who in (NINA, NINA, GINA, IVAN)]

        assert "incident" in tags(run, found[-1])
        assert not any("incident" in tags(run, each) for each in found[:-1])


@each_helpdesk
def test_a_solved_ticket_is_open_no_longer_and_a_deleted_one_does_not_count(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        first, second = down(run), down(run)
        run.desk.agent_update(first, agent=ANNA, status="solved")
        run.settle()
        run.desk.delete(second)
        run.poll()
        run.settle()

        third = down(run)

        assert run.newest_facts(third)["counts"]["tickets_by_requester.30d.same_issue"] == 2
        assert run.newest_facts(third)["counts"]["company_open"] == 1
        assert rows(run)[first]["is_open"] is False
        assert second not in rows(run)


def test_a_message_that_tells_no_issue_leaves_the_ticket_with_its_own(tmp_path: Path, rules: str) -> None:
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        ticket = down(run)
        run.desk.customer_reply(ticket, "Hello, are you there?")
        run.settle()

        assert rows(run)[ticket]["issue_type"] == "outage"
        assert run.newest_facts(ticket)["counts"]["companies_with_same_issue.24h"] == 1


def test_a_run_is_replayed_with_the_counts_that_it_had(tmp_path: Path, rules: str) -> None:
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        for _ in range(3):
            ticket = down(run)
        kept = run.newest_facts(ticket)
        down(run)

        again = facts_from_json(kept)

        decision = decide(run.parts.rules, again)
        assert again.counts["tickets_by_requester.30d.same_issue"] == 3
        assert {rule.id for rule in decision.rules if rule.matched} == {"repeat", "busy"}
        assert decision_hash(decision)


def test_rules_that_ask_nothing_cost_no_question(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        run.parts.rules = run.parts.rules.__class__(files=run.parts.rules.files, hash=run.parts.rules.hash)
        ticket = down(run)

        assert "counts" not in run.newest_facts(ticket)
        assert ticket in rows(run)


@each_helpdesk
def test_no_address_or_name_is_kept_and_erasing_takes_the_row(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        down(run)
        other = down(run, GINA)
        kept = repr(list(rows(run).values()))

        erase(run.parts.engine, NINA, (provider,))

        assert [each for each in (NINA, "northwind", "nina", "@") if each in kept.casefold()] == []
        assert list(rows(run)) == [other]


@each_helpdesk
def test_an_import_counts_tickets_that_no_run_has_seen(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        run.desk.webhooks.target = None
        old = [run.desk.create_ticket(requester=NINA, subject="It is down", body="Everything is down.") for _ in range(2)]
        run.desk.agent_reply(old[0], "It is up again.", agent=ANNA)
        run.desk.agent_update(old[0], agent=ANNA, status="solved")
        helpdesk = run.parts.helpdesk(run.config.settings.accounts[0])
        since, count = run.parts.clock() - timedelta(days=2), partial(history_counts.keep_past, run.parts.engine)

        list(run_import(helpdesk, Directory.load(()), tmp_path / "h.jsonl", since, run.parts.clock, lambda _: None, count))

        assert {id: row["is_open"] for id, row in rows(run).items()} == {old[0]: False, old[1]: True}
        assert {row["issue_type"] for row in rows(run).values()} == {"outage"}
        person = rows(run)[old[0]]["requester"]
        assert erase(run.parts.engine, person, (provider,)).rows["tickets"] == 2
        assert rows(run) == {}


def seen(**fields: Any) -> Facts:
    ticket = Ticket(account="acme", external_id="1", created_at=NOW, **fields)
    return Facts(ticket=ticket, now=NOW, company=ticket.company or Company(), requester=ticket.requester or Person())


@pytest.mark.parametrize("fields", [{"is_deleted": True}, {"is_spam": True}])
def test_what_is_deleted_or_spam_does_not_count(fields: dict[str, Any]) -> None:
    assert history_counts.as_counted(seen(**fields)) is None


@pytest.mark.parametrize(
    ("signal", "issue"), [("bug", "bug"), ("other", ""), ("spam", ""), (None, ""), ("x" * 41, ""), ("a\x00b", "")]
)
def test_only_an_issue_that_says_something_is_kept(signal: str | None, issue: str) -> None:
    found = history_counts.as_counted(
        Facts(ticket=Ticket(external_id="1"), now=NOW, signals={"issue_type": Signal(value=signal)})
    )

    assert found is not None
    assert (found.issue, found.issue_type) == (issue, issue)


def test_companies_are_told_apart_by_id_and_else_by_name() -> None:
    known = [Company(external_id="1"), Company(external_id="2"), Company(name="Northwind"), Company(external_id="1", name="X")]
    keys = [history_counts.company_key(each) for each in (*known, Company())]

    assert len(set(keys)) == 4
    assert keys[0] == keys[3]
    assert keys[4] == ""
    assert history_counts.company_key(Company(name=" NORTHWIND ")) == keys[2]


@each_helpdesk
def test_a_ticket_that_was_merged_away_counts_as_closed(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        first, second = down(run), down(run)
        run.desk.merge(second, first, agent=ANNA)
        run.settle()
        run.poll()
        run.settle()

        third = down(run)

        assert run.newest_facts(third)["counts"]["tickets_by_requester.30d.same_issue"] == 3
        assert {id: row["is_open"] for id, row in rows(run).items()} == {first: True, second: False, third: True}


@pytest.mark.parametrize(("status", "is_open"), [(each, each not in ("solved", "closed")) for each in Status])
def test_only_solved_and_closed_tickets_are_not_open(status: Status, is_open: bool) -> None:
    found = history_counts.as_counted(seen(status=status))

    assert found is not None
    assert found.is_open is is_open
