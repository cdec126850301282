"""Counts over a history: as the database would have answered at the time of each look."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from adapters.ticket import Status
from bot.backtest.compare import Past
from bot.backtest.history_counts import with_counts
from bot.facts.history_counts import as_counted
from bot.store import ticket_counts
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import counted_tickets
from rules.language.facts_json import facts_from_json
from rules.language.history_counts import Count, CountKind
from tests.cli.conftest import Run, deskhand_command

pytestmark = pytest.mark.both_storages

__all__ = ["deskhand_command"]
BEGUN = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
THIRD = Count(kind=CountKind.TICKETS_BY_REQUESTER, last_s=30 * 86_400, same_issue=True)
COMPANIES = CountKind.COMPANIES_WITH_SAME_ISSUE
ISSUES = ["", "bug", "bug.crash", "billing", "billing.invoice", "spam"]


def look(number: int, *, person: str = "7", company: str = "c1", issue: str = "billing", days: float = 0, **more: Any) -> Past:
    at = BEGUN + timedelta(days=days)
    ticket = {"account": "acme", "external_id": str(number), "created_at": at.isoformat(), "status": "open", **more}
    tree = {
        "ticket": ticket,
        "requester": {"external_id": person},
        "company": {"external_id": company},
        "signals": {"issue": {"value": issue}} if issue else {},
        "now": at.isoformat(),
    }
    return Past(facts=facts_from_json(tree))


def test_each_look_counts_what_was_there_then() -> None:
    history = [look(3, days=9), look(1), look(2, days=4), look(4, days=9.5, issue="bug"), look(5, days=9.5, person="8")]

    found = [past.facts.counts for past in with_counts(lambda: history, {"third": THIRD})]

    assert found == [{"third": 3}, {"third": 1}, {"third": 2}, {"third": 1}, {"third": 1}]


def test_what_a_run_counted_stays_and_what_cannot_be_known_is_not_there() -> None:
    counted_then = replace(look(1).facts, counts={"third": 9})

    found = list(
        with_counts(
            lambda: [Past(facts=counted_then), look(2, person="")], {"third": THIRD, "all": replace(THIRD, same_issue=False)}
        )
    )

    assert [past.facts.counts for past in found] == [{"third": 9, "all": 1}, {}]


def test_where_nothing_is_asked_the_history_is_read_once() -> None:
    reads: list[int] = []

    def read() -> Iterator[Past]:
        reads.append(1)
        yield look(1)

    assert [past.facts.counts for past in with_counts(read, {})] == [{}]
    assert len(reads) == 1


def test_a_history_answers_as_the_database_would_have(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'counted.sqlite3'}")
    migrate(engine)
    draw = random.Random(20261122)
    history = []
    for number in range(120):
        opened = draw.random() * 40
        past = look(
            number,
            person=draw.choice(["", "7", "8"]),
            company=draw.choice(["", "c1", "c2", "c3"]),
            issue=draw.choice(ISSUES),
            days=opened,
        )
        ended_at = BEGUN + timedelta(days=opened + draw.random() * 20)
        solved = replace(past.facts.ticket, status=Status.SOLVED, solved_at=ended_at)
        history.append(replace(past, later=solved if draw.random() < 0.5 else past.facts.ticket))
    asked = {
        each.name: each
        for kind, days, is_open, is_same in product(CountKind, (0, 1, 30), (True, False), (True, False))
        if (
            each := Count(
                kind=kind, last_s=days * 86_400, open=is_open, same_issue=is_same or kind is CountKind.COMPANIES_WITH_SAME_ISSUE
            )
        )
    }

    answered = list(with_counts(lambda: history, asked))

    for past in answered[:40]:
        now = past.facts.now
        with engine.begin() as connection:
            connection.execute(counted_tickets.delete())
            for other in history:
                row = as_counted(other.facts)
                if row is None or row.opened_at > now:
                    continue
                solved_at = other.later.solved_at if other.later else None
                ticket_counts.keep(connection, replace(row, is_open=solved_at is None or solved_at > now))
        mine = as_counted(past.facts)
        with reading(engine) as connection:
            expected = {
                name: found
                for name, each in asked.items()
                if mine and (found := ticket_counts.count(connection, mine, each, now)) is not None
            }
        assert past.facts.counts == expected


RULES = """
rules:
  - id: again
    when: {tickets_by_requester: {last: 30 days, same_issue: true, at_least: 3}}
    then: [{add_tags: [again]}]
"""


def test_a_rule_that_counts_is_tried_on_an_imported_history(deskhand_command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    lines = [
        {
            "ticket": {"account": "acme", "external_id": str(number), "created_at": (BEGUN + timedelta(days=day)).isoformat()},
            "requester": {"external_id": "7"},
            "signals": {"issue": {"value": "billing.invoice"}},
            "now": (BEGUN + timedelta(days=day)).isoformat(),
        }
        for number, day in enumerate((0, 5, 9, 38))
    ]
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    command = ("backtest", "--history", str(tmp_path / "history.jsonl"), "--rules", str(tmp_path / "rules.yaml"))

    first, second = deskhand_command(*command), deskhand_command(*command)

    assert first.exit_code == 0, first.stderr
    assert [each["ticket"] for each in json.loads(first.stdout)["rules"]["again"]["tickets"]] == ["acme/ticket/2"]
    assert first.stdout_bytes == second.stdout_bytes
