"""`deskhand report drafts`: figures on standard output, a list, a page; periods in the team's days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.process.clock import utc_now
from bot.store import drafts
from bot.store.drafts import StoredDraft
from tests.cli.conftest import Run
from tests.harness.deskhand import Running, deskhand
from tests.store.makers import KEY
from tests.store.test_drafts import DRAFT


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Running]:
    """Three drafts of this hour (sent as it is, edited, rejected), one that was withheld, one of last year."""
    now = utc_now() - timedelta(minutes=30)
    draft = replace(DRAFT, created_at=now, issue="billing", team="Billing")
    with deskhand(tmp_path, "zendesk") as run:
        with run.parts.engine.begin() as connection:
            _fill(connection, draft, now)
        yield run


def _fill(connection: Connection, draft: StoredDraft, now: datetime) -> None:
    for name, team in (("a", "Billing"), ("b", "Tier 1"), ("c", "Billing"), ("d", "Billing")):
        drafts.add(connection, KEY, replace(draft, id=name, team=team))
    drafts.add(connection, KEY, replace(draft, id="old", created_at=now - timedelta(days=365)))
    drafts.move(connection, "a", "sent", now + timedelta(minutes=4), decided_by="tag")
    drafts.move(connection, "b", "retired", now + timedelta(minutes=6), decided_by="reply", similarity=0.8, band="light_edit")
    drafts.move(connection, "c", "rejected", now + timedelta(minutes=2), decided_by="tag", reason="wrong-intent")
    drafts.move(connection, "d", "withheld", now, reason="no article or macro answers this")
    drafts.move(connection, "old", "sent", now, decided_by="tag")


def test_drafts_are_counted_by_team(deskhand_command: Run, judged: Running) -> None:
    found = json.loads(deskhand_command("report", "drafts", "--json", "--by", "team").stdout)

    assert {name: found["all"][name] for name in ("shown", "judged", "as_is", "light_edit", "rejected", "withheld")} == {
        "shown": 3,
        "judged": 3,
        "as_is": 1,
        "light_edit": 1,
        "rejected": 1,
        "withheld": 1,
    }
    assert found["all"]["used_share"] == 0.6667
    assert [(row["group"], row["judged"]) for row in found["by_team"]] == [("Billing", 2), ("Tier 1", 1)]
    assert found["withheld"] == {"no article or macro answers this": 1}
    assert not {"by_language", "by_agent"} & found.keys()


def test_a_person_reads_tables(deskhand_command: Run, judged: Running) -> None:
    shown = deskhand_command("report", "drafts").stdout

    assert "67 % (21 to 94)" in shown
    assert [line.split()[0] for line in shown.splitlines() if line in ("team", "language", "issue", "rule", "week")] == [
        "team",
        "language",
        "issue",
        "rule",
        "week",
    ]
    assert "Rejected because: wrong-intent 1." in shown


def test_a_list_and_a_page_are_written(deskhand_command: Run, judged: Running, tmp_path: Path) -> None:
    done = deskhand_command("report", "drafts", "--csv", "drafts.csv", "--html", "drafts.html")

    assert done.stdout == ""
    assert "written: drafts.csv" in done.stderr
    assert (tmp_path / "drafts.csv").read_text().splitlines()[1].startswith("all,all,3,3,67 % (21 to 94),1,1,0,0,1")
    assert "<caption>team</caption>" in (tmp_path / "drafts.html").read_text()


def test_a_period_is_said_in_days(deskhand_command: Run, judged: Running) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    found = json.loads(deskhand_command("report", "drafts", "--json", "--since", "2020-01-01", "--until", tomorrow).stdout)

    assert (found["since"], found["all"]["as_is"]) == ("2020-01-01T00:00:00+00:00", 2)


def test_a_period_that_ends_before_it_begins_is_refused(deskhand_command: Run, judged: Running) -> None:
    refused = deskhand_command("report", "drafts", "--since", "2026-05-02", "--until", "2026-05-01")

    assert (refused.exit_code, "is not before the end" in refused.stderr) == (2, True)


def test_a_database_without_drafts_has_empty_figures(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk"):
        found = json.loads(deskhand_command("report", "drafts", "--json").stdout)

    assert (found["all"]["judged"], found["all"]["used_share"], found["by_week"]) == (0, None, [])
