"""`deskhand backtest`: the same report twice, and where a history is none."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.backtest import _look, _time_of
from tests.backtest.test_compare import RULES, looks
from tests.cli.conftest import Run
from tests.harness.deskhand import deskhand
from tests.harness.processes import outage

pytestmark = pytest.mark.both_storages


def files(folder: Path, count: int) -> tuple[str, str, str]:
    made = (folder / "history.jsonl", folder / "old.yaml", folder / "new.yaml")
    made[0].write_text("".join(json.dumps(tree) + "\n" for tree in looks(count)), encoding="utf-8")
    made[1].write_text(RULES, encoding="utf-8")
    made[2].write_text(RULES.replace("50000", "51000"), encoding="utf-8")
    return str(made[0]), str(made[1]), str(made[2])


@pytest.mark.usefixtures("no_network")
def test_the_report_is_the_same_twice_and_calls_nobody(deskhand_command: Run, tmp_path: Path) -> None:
    past, old, new = files(tmp_path, 300)

    first = deskhand_command("backtest", "--history", past, "--rules", new, "--against", old)
    second = deskhand_command("backtest", "--history", past, "--rules", new, "--against", old)

    assert first.exit_code == 0, first.stderr
    assert first.stdout_bytes == second.stdout_bytes
    found = json.loads(first.stdout)
    assert (found["looks"], set(found["rules"])) == (300, {"rich", "down"})
    assert found["rules"]["rich"]["removed"] == len(found["rules"]["rich"]["tickets"]) > 0
    assert set(found["hashes"]) == {"rules", "against", "history"}
    assert "rich: " in first.stderr
    assert "looks on" in first.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "history.jsonl:1: not JSON"),
        ("[]", "history.jsonl:1: wanted an object"),
        ('{"subjct": "x"}', "history.jsonl:1: ticket.subjct: no such field, did you mean subject?"),
        ("", "the history is empty"),
    ],
)
def test_a_history_that_is_none_is_told_where(deskhand_command: Run, tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(line + "\n", encoding="utf-8")

    result = deskhand_command("backtest", "--history", str(path))

    assert result.exit_code == 1
    assert words in result.stderr


def test_the_runs_of_the_database_are_a_history(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        outage(run)
        run.settle()
        rules = tmp_path / "new.yaml"
        rules.write_text("rules:\n  - id: all\n    then: [{add_tags: [seen]}]\n", encoding="utf-8")

        result = deskhand_command("backtest", "--rules", str(rules), "--config", str(run.config.path))

    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["rules"]["all"]["added"] == 1
    assert found["rules"]["vip-outage"]["removed"] == 1


def test_a_line_holds_a_ticket_alone_or_with_facts_and_what_people_made_of_it() -> None:
    alone = _look(b'{"subject": "Down", "signals": {}}'.replace(b', "signals": {}', b""), "h:1", None)
    whole = _look(b'{"ticket": {"subject": "Down"}, "later": {"subject": "Down", "tags": ["x"]}, "signals": {}}', "h:1", None)

    assert (alone.facts.ticket, alone.later) == (whole.facts.ticket, None)
    assert whole.later is not None
    assert whole.later.tags == {"x"}
    assert (bool(alone.facts.signals), bool(whole.facts.signals)) == (True, False)  # what stands in the file is not sensed


@pytest.mark.parametrize(
    ("ticket", "at"),
    [
        (
            {"updated_at": "2026-11-21T09:30:00+00:00", "created_at": "2026-01-01T00:00:00Z"},
            datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        ),
        ({"created_at": "2026-11-21T09:30:00"}, datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ({"created_at": "soon"}, datetime(2026, 1, 5, 12, 0, tzinfo=UTC)),
        ({}, datetime(2026, 1, 5, 12, 0, tzinfo=UTC)),
        ([], datetime(2026, 1, 5, 12, 0, tzinfo=UTC)),
    ],
)
def test_a_ticket_is_looked_at_when_it_changed_last_and_never_today(ticket: Any, at: datetime) -> None:
    assert _time_of(ticket) == at


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a call left the machine")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
