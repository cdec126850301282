"""Counted tickets: what each question counts, on both databases, against counting by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from adapters.ticket import TicketKey, TicketKind
from bot.store import ticket_counts
from bot.store.database.engine import make_engine, reading
from bot.store.ticket_counts import Counted
from rules.language.history_counts import Count, CountKind
from tests.store.makers import KEY, NOW, later

DAY_S = 86_400
BY_REQUESTER, BY_COMPANY, COMPANIES = CountKind


def row(id: str, **fields: object) -> Counted:
    given = {"opened_at": NOW, "is_open": True, "requester": "7", "company": "c1", "issue": "bug", **fields}
    return Counted(key=TicketKey("acme", TicketKind.TICKET, id), **given)  # type: ignore[arg-type]


def asked(kind: CountKind, days: float = 30, **options: bool) -> Count:
    return Count(
        kind=kind,
        last_s=int(days * DAY_S),
        **{"same_issue": kind is COMPANIES, **options},
    )


def counts(connection: Connection, ticket: Counted, question: Count, at: datetime = NOW) -> int | None:
    return ticket_counts.count(connection, ticket, question, at)


def test_a_ticket_that_is_not_kept_yet_counts_itself(connection: Connection) -> None:
    assert counts(connection, row("1"), asked(BY_REQUESTER)) == 1
    assert counts(connection, row("1"), asked(BY_COMPANY)) == 1
    assert counts(connection, row("1"), asked(COMPANIES)) == 1


def test_a_ticket_that_is_kept_counts_once_and_as_it_is_now(connection: Connection) -> None:
    ticket_counts.keep(connection, row("1", is_open=True))

    assert counts(connection, row("1"), asked(BY_REQUESTER)) == 1
    assert counts(connection, row("1", is_open=False), asked(BY_REQUESTER, open=True)) == 0


def test_what_is_older_than_the_window_does_not_count_and_its_edge_does(connection: Connection) -> None:
    for id, age in (("1", timedelta(days=30)), ("2", timedelta(days=30, microseconds=1))):
        ticket_counts.keep(connection, row(id, opened_at=NOW - age))

    assert counts(connection, row("9"), asked(BY_REQUESTER, 30)) == 2
    assert counts(connection, row("9"), Count(kind=BY_REQUESTER)) == 3
    assert counts(connection, row("9", opened_at=later(days=-31)), asked(BY_REQUESTER, 30)) == 1


def test_other_accounts_people_and_companies_do_not_count(connection: Connection) -> None:
    ticket_counts.keep(
        connection, Counted(key=TicketKey("other", TicketKind.TICKET, "1"), opened_at=NOW, is_open=True, requester="7")
    )
    ticket_counts.keep(connection, row("2", requester="8"))
    ticket_counts.keep(connection, row("3", requester="", company=""))

    assert counts(connection, row("9"), asked(BY_REQUESTER)) == 1
    assert counts(connection, row("9"), asked(BY_COMPANY)) == 2


def test_a_conversation_and_a_ticket_of_one_id_are_two(connection: Connection) -> None:
    key = TicketKey("acme", TicketKind.CONVERSATION, "42")
    ticket_counts.keep(connection, Counted(key=key, opened_at=NOW, is_open=True, requester="7"))

    assert counts(connection, row("42"), asked(BY_REQUESTER)) == 2


@pytest.mark.parametrize(
    ("mine", "theirs", "is_same"),
    [
        ("bug", "bug", True),
        ("bug", "billing", False),
        ("billing", "billing.invoice.wrong_amount", True),
        ("billing.invoice.wrong_amount", "billing", True),
        ("billing.invoice", "billing.invoice.wrong_amount", True),
        ("billing.invoice.wrong_amount", "billing.invoice.missing", False),
        ("billing.invoice", "billing.invoices", False),
        ("how_to.export", "how_to.export.csv", True),
        ("how_to.export", "howxto.export.csv", False),
        ("billing.in_oice", "billing.invoice.wrong_amount", False),
        ("bug", "", False),
    ],
)
def test_issues_are_the_same_as_far_as_both_tell(connection: Connection, mine: str, theirs: str, is_same: bool) -> None:
    ticket_counts.keep(connection, row("1", issue=theirs))

    assert counts(connection, row("9", issue=mine), asked(BY_REQUESTER, same_issue=True)) == 1 + is_same


def test_companies_are_counted_once_each_and_this_ones_too(connection: Connection) -> None:
    for id, company in (("1", "c1"), ("2", "c2"), ("3", "c2"), ("4", "c3"), ("5", "")):
        ticket_counts.keep(connection, row(id, company=company))

    assert counts(connection, row("9", company="c1"), asked(COMPANIES)) == 3
    assert counts(connection, row("9", company="c9"), asked(COMPANIES)) == 4
    assert counts(connection, row("9", company=""), asked(COMPANIES)) == 3


def test_without_a_person_a_company_or_an_issue_nothing_is_known(connection: Connection) -> None:
    assert counts(connection, row("9", requester=""), asked(BY_REQUESTER)) is None
    assert counts(connection, row("9", company=""), asked(BY_COMPANY)) is None
    assert counts(connection, row("9", issue=""), asked(COMPANIES)) is None
    assert counts(connection, row("9", issue=""), asked(BY_REQUESTER, same_issue=True)) is None


def test_a_ticket_keeps_the_issue_that_it_was_about(connection: Connection) -> None:
    ticket_counts.keep(connection, row("42", issue="billing.invoice"))
    ticket_counts.keep(connection, row("42", issue="", is_open=False))

    assert ticket_counts.issue_of(connection, KEY) == "billing.invoice"
    assert counts(connection, row("9", issue="billing"), asked(BY_REQUESTER, same_issue=True, open=True)) == 1
    ticket_counts.keep(connection, row("42", issue="bug"))
    assert ticket_counts.issue_of(connection, KEY) == "bug"


def test_an_import_does_not_undo_what_a_run_kept(connection: Connection) -> None:
    ticket_counts.keep(connection, row("42", is_open=False))
    ticket_counts.keep(connection, row("42", is_open=True, issue="how_to"), is_newest=False)

    assert ticket_counts.issue_of(connection, KEY) == "bug"
    assert counts(connection, row("9"), asked(BY_REQUESTER, open=True)) == 1


def test_what_is_forgotten_counts_no_longer(connection: Connection) -> None:
    ticket_counts.keep(connection, row("42"))
    ticket_counts.forget(connection, KEY)

    assert counts(connection, row("9"), asked(BY_REQUESTER)) == 1


def test_the_open_tickets_of_agents(connection: Connection) -> None:
    for id, agent, is_open in (("1", "a", True), ("2", "a", True), ("3", "a", False), ("4", "b", False), ("5", "c", True)):
        ticket_counts.keep(connection, row(id, assignee=agent, is_open=is_open))

    assert ticket_counts.open_by_assignee(connection, "acme", ["a", "b"]) == {"a": 2}
    assert ticket_counts.open_by_assignee(connection, "other", ["a"]) == {}


def by_hand(rows: Sequence[Counted], ticket: Counted, question: Count) -> int | None:
    if question.same_issue and not ticket.issue:
        return None
    mine = {BY_REQUESTER: ticket.requester, BY_COMPANY: ticket.company, COMPANIES: "any"}[question.kind]
    if not mine:
        return None
    everyone = [*(each for each in rows if each.key != ticket.key), ticket]
    found = [
        each
        for each in everyone
        if (not question.last_s or each.opened_at >= NOW - timedelta(seconds=question.last_s))
        and (each.is_open or not question.open)
        and (not question.same_issue or _same(each.issue, ticket.issue))
    ]
    if question.kind is COMPANIES:
        return len({each.company for each in found if each.company})
    name = "requester" if question.kind is BY_REQUESTER else "company"
    return len([each for each in found if getattr(each, name) == mine])


def _same(first: str, second: str) -> bool:
    pairs = list(zip(first.split("."), second.split("."), strict=False))
    return bool(first) and all(one == other for one, other in pairs)


def test_every_question_is_answered_as_by_hand(engine: Engine) -> None:
    draw = random.Random(20261122)
    issues = ["", "bug", "bug.crash", "bug.crash.start", "billing", "billing.invoice", "billing.invoice.missing"]
    rows = [
        row(
            str(number),
            requester=draw.choice(["", "7", "8"]),
            company=draw.choice(["", "c1", "c2", "c3"]),
            issue=draw.choice(issues),
            opened_at=NOW - timedelta(hours=draw.randrange(0, 24 * 40)),
            is_open=draw.random() < 0.5,
        )
        for number in range(150)
    ]
    with engine.begin() as connection:
        for each in rows:
            ticket_counts.keep(connection, each)
    questions = [
        asked(kind, days, open=is_open, same_issue=same or kind is COMPANIES)
        for kind, days, is_open, same in product(CountKind, (0, 1, 30), (True, False), (True, False))
    ]

    with reading(engine) as connection:
        for ticket in rows[:25]:
            for question in questions:
                assert counts(connection, ticket, question) == by_hand(rows, ticket, question), (ticket, question.name)


@pytest.mark.parametrize("has_since", [True, False])
@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(("kind", "by"), [(BY_REQUESTER, "requester"), (BY_COMPANY, "company"), (COMPANIES, "issue_type")])
def test_each_question_is_answered_from_its_index(
    sqlite_template: Path, kind: CountKind, by: str, is_open: bool, has_since: bool
) -> None:
    """On SQLite: PostgreSQL chooses by what is in the table."""
    with reading(make_engine(f"sqlite:///{sqlite_template}")) as connection:
        said = str(ticket_counts._question(kind, has_since, True, is_open).compile(connection))
        plan = connection.execute(text(f"explain query plan {said.replace('?', 'null')}")).all()

    since = " AND opened_at>?" if has_since else ""
    assert f"USING INDEX ix_counted_tickets_account_{by}_opened_at (account=? AND {by}=?{since})" in str(plan)
