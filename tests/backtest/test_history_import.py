"""Tickets of the past: each as it came in and as people left it, on all three helpdesks; interrupted and gone on with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import HelpdeskDown, RateLimited
from adapters.helpdesk import Helpdesk, PollPage
from adapters.ticket import Direction, Message, Priority, Status, Ticket, Visibility
from bot.backtest.history_import import Elsewhere, Progress, as_it_came, run_import
from bot.directory import Directory
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import ANNA, NINA, Running, deskhand

pytestmark = pytest.mark.both_storages

NOBODY = Directory.load(())


def make(run: Running, count: int = 3) -> list[str]:
    """Tickets, the first of which an agent has answered and sorted."""
    made = [
        run.desk.create_ticket(requester=NINA, subject=f"Export {number}", body="How do I export?") for number in range(count)
    ]
    run.desk.agent_reply(made[0], "Under Settings.", agent=ANNA)
    run.desk.agent_update(made[0], agent=ANNA, priority="high")
    return made


def imported(run: Running, path: Path, sleep: Any = None, helpdesk: Helpdesk | None = None, days: float = 2) -> list[Progress]:
    account = run.config.settings.accounts[0]
    desk = helpdesk or run.parts.helpdesk(account)
    since, now = run.parts.clock() - timedelta(days=days), run.parts.clock
    return list(run_import(desk, NOBODY, path, since, now, sleep or (lambda _: pytest.fail("it waited"))))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@each_helpdesk
def test_each_ticket_stands_there_once_as_it_came_and_as_it_was_left(tmp_path: Path, provider: str) -> None:
    path = tmp_path / "history.jsonl"
    with deskhand(tmp_path, provider) as run:
        made = make(run)

        progress = imported(run, path)
        again = imported(run, path)

    found = {each["ticket"]["external_id"]: each for each in lines(path)}
    assert set(made) == set(found)
    assert len(lines(path)) == progress[-1].tickets == again[-1].tickets == len(made)
    answered = found[made[0]]
    assert "priority" not in answered["ticket"]
    assert answered["later"]["priority"] in ("high", "urgent")
    assert len(answered["later"]["messages"]) > len(answered["ticket"].get("messages", []))
    assert "language" in answered["signals"]
    assert path.stat().st_mode & 0o077 == 0


def test_what_was_interrupted_goes_on_from_the_last_whole_page(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with deskhand(tmp_path, "zendesk") as run:
        made = make(run)
        whole = imported(run, path)
        before = path.read_bytes()
        with path.open("ab") as file:
            file.write(b'{"ticket": {"torn')  # as a kill leaves it

        imported(run, path)

        assert path.read_bytes() == before
        newer = run.desk.create_ticket(requester=NINA, subject="New", body="Newer")
        imported(run, path)

    assert {each["ticket"]["external_id"] for each in lines(path)} == {*made, newer}
    assert whole[-1].is_done


class Tired:
    """A helpdesk that says first that there were too many calls."""

    def __init__(self, real: Helpdesk, error: Exception) -> None:
        self.real, self.errors, self.account = real, [error], real.account

    def poll(self, cursor: str, now: datetime) -> PollPage:
        if self.errors:
            raise self.errors.pop()
        return self.real.poll(cursor, now)

    def hydrate(self, *arguments: Any) -> Ticket:
        return self.real.hydrate(*arguments)


def test_a_spent_budget_is_waited_for_and_another_error_is_told(tmp_path: Path) -> None:
    waits: list[float] = []
    with deskhand(tmp_path, "freshdesk") as run:
        make(run)
        real = run.parts.helpdesk(run.config.settings.accounts[0])

        imported(run, tmp_path / "one.jsonl", waits.append, Tired(real, RateLimited(7.0)))  # type: ignore[arg-type]
        with pytest.raises(HelpdeskDown):
            imported(run, tmp_path / "two.jsonl", waits.append, Tired(real, HelpdeskDown("away")))  # type: ignore[arg-type]

    assert waits == [7.0]
    assert len(lines(tmp_path / "one.jsonl")) == 3


def test_a_file_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("my words\n", encoding="utf-8")
    with deskhand(tmp_path, "zendesk") as run, pytest.raises(Elsewhere, match="name another file"):
        imported(run, path)

    assert path.read_text(encoding="utf-8") == "my words\n"


def test_a_file_reaches_no_further_back_than_where_it_began(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with deskhand(tmp_path, "zendesk") as run:
        make(run)
        first = imported(run, path)

        with pytest.raises(Elsewhere, match="to go further back"):
            imported(run, path, days=30)
        later = imported(run, path, days=1)

    assert later[-1].tickets == first[-1].tickets == len(lines(path))


def test_as_it_came_is_before_the_first_answer() -> None:
    ask = Message(external_id="1", body_text="Help")
    note = Message(external_id="2", body_text="A VIP", direction=Direction.NONE, visibility=Visibility.INTERNAL)
    answer = Message(external_id="3", body_text="So", direction=Direction.OUT)
    thanks = Message(external_id="4", body_text="Thanks")
    at = datetime(2026, 10, 1, tzinfo=UTC)

    first = as_it_came(
        Ticket(
            subject="Help",
            messages=(ask, note, answer, thanks),
            priority=Priority.HIGH,
            status=Status.SOLVED,
            created_at=at,
            solved_at=at,
            tags=frozenset({"x"}),
        )
    )

    assert first == Ticket(subject="Help", messages=(ask,), message_count=1, created_at=at, updated_at=at)
