"""How runs and requests move from state to state: the corners of bot/store/runs.py, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from adapters.codec import dumps
from bot.store import runs
from bot.store.database.schema import requests as request_table
from bot.store.database.schema import runs as run_table
from tests.store.makers import KEY, NOW, OTHER_KEY, later, plan, request, ticket


def planned(connection: Connection, run_id: str = "r1", key: Any = KEY, at: Any = NOW, requests: int = 1) -> str:
    runs.start(connection, run_id, key, 7, 3, "live", at)
    runs.keep_plan(connection, run_id, plan=dumps(plan()), ticket=dumps(ticket()))
    runs.add_requests(connection, run_id, [request(number) for number in range(1, requests + 1)])
    return run_id


def run(connection: Connection, run_id: str = "r1") -> dict[str, Any]:
    return dict(connection.execute(select(run_table).where(run_table.c.id == run_id)).one()._mapping)


def made(connection: Connection, number: int = 1) -> dict[str, Any]:
    return dict(connection.execute(select(request_table).where(request_table.c.number == number)).one()._mapping)


def test_a_run_starts_with_what_it_was_claimed_for(connection: Connection) -> None:
    runs.start(connection, "r1", KEY, 7, 3, "shadow", NOW)

    found = run(connection)
    assert (found["state"], found["token"], found["covers_seq"], found["mode"], found["started_at"]) == (
        "started",
        7,
        3,
        "shadow",
        NOW,
    )
    assert (found["account"], found["kind"], found["external_id"]) == ("acme", "ticket", "42")
    assert (found["yielded"], found["is_writing"], found["finished_at"]) == ("[]", False, None)
    assert runs.covers_seq(connection, "r1") == 3
    assert runs.planned(connection, KEY) is None


def test_only_what_this_ticket_started_is_abandoned(connection: Connection) -> None:
    runs.start(connection, "r1", KEY, 1, 1, "live", NOW)
    runs.start(connection, "r2", OTHER_KEY, 1, 1, "live", NOW)
    planned(connection, "r3")

    runs.abandon_started(connection, KEY, later(seconds=5))

    assert [run(connection, each)["state"] for each in ("r1", "r2", "r3")] == ["abandoned", "started", "planned"]
    assert run(connection)["reason"] == "the worker died before a plan was stored"
    assert run(connection)["finished_at"] == later(seconds=5)


def test_the_oldest_plan_comes_first_unless_one_is_named(connection: Connection) -> None:
    planned(connection, "new", at=later(minutes=1))
    planned(connection, "old")

    oldest, named = runs.planned(connection, KEY), runs.planned(connection, KEY, "new")
    assert oldest is not None
    assert named is not None
    assert (oldest.id, named.id) == ("old", "new")
    assert (oldest.key, oldest.mode, oldest.reason, len(oldest.requests)) == (KEY, "live", "", 1)
    assert runs.planned(connection, KEY, "r9") is None


def test_a_run_ends_with_its_reason_and_one_set_aside_stays_so(connection: Connection) -> None:
    for each in ("r1", "r2"):
        planned(connection, each)
    runs.finish(connection, "r1", "parked", "a reason", NOW)
    runs.finish(connection, "r1", "done", "another", later(minutes=1))

    found, other = run(connection), run(connection, "r2")
    assert (found["state"], found["reason"], found["finished_at"]) == ("parked", "a reason", NOW)
    assert other["state"] == "planned"


def test_what_gave_way_is_known_by_its_name(connection: Connection) -> None:
    planned(connection)
    runs.keep_yielded(connection, "r1", [{"field": "priority"}])
    runs.keep_yielded(connection, "r1", [{"field": "suggestion"}])

    assert runs.gave_way(connection, "r1", "suggestion")
    assert runs.gave_way(connection, "r1", "priority")
    assert not runs.gave_way(connection, "r1", "status")


def test_requests_begin_as_intended_and_come_by_number(connection: Connection) -> None:
    planned(connection, requests=0)
    runs.add_requests(connection, "r1", [])
    runs.add_requests(connection, "r1", [request(2), request(1)])

    found = runs.of_run(connection, "r1")
    assert [(each.number, each.state, each.attempts, each.sent_at, each.external_id) for each in found] == [
        (1, "intended", 0, None, ""),
        (2, "intended", 0, None, ""),
    ]
    assert made(connection)["operation"] == "update_ticket"
    assert runs.of_run(connection, "r2") == ()


@pytest.mark.parametrize("state", ["confirmed", "failed", "replaced", "waiting"])
def test_what_has_ended_is_not_marked_as_sent_again(connection: Connection, state: str) -> None:
    planned(connection, requests=2)
    runs.mark(connection, "r1", 1, state, NOW)
    runs.mark_sent(connection, "r1", 1, later(minutes=1))

    assert (made(connection)["state"], made(connection)["attempts"], made(connection)["sent_at"]) == (state, 0, None)
    assert made(connection, 2)["state"] == "intended"


@pytest.mark.parametrize("state", ["intended", "sent", "unknown"])
def test_what_is_open_can_be_sent(connection: Connection, state: str) -> None:
    planned(connection)
    runs.mark(connection, "r1", 1, state, NOW)
    runs.mark_sent(connection, "r1", 1, later(minutes=1))

    assert (made(connection)["state"], made(connection)["attempts"]) == ("sent", 1)


def test_a_mark_keeps_what_is_known_of_the_outcome(connection: Connection) -> None:
    planned(connection, requests=2)
    runs.mark_sent(connection, "r1", 1, NOW)
    runs.mark(connection, "r1", 1, "confirmed", later(seconds=1), external_id="9" * 80, reason="r" * 400, not_applied=(0, 2))

    found = runs.of_run(connection, "r1")[0]
    assert (found.state, found.external_id, found.reason, found.not_applied) == ("confirmed", "9" * 64, "r" * 300, (0, 2))
    assert (found.attempts, found.sent_at, found.run_id) == (1, NOW, "r1")
    assert made(connection)["settled_at"] == later(seconds=1)
    assert made(connection, 2)["state"] == "intended"


@pytest.mark.parametrize("state", ["intended", "unknown"])
def test_what_is_open_has_not_settled(connection: Connection, state: str) -> None:
    planned(connection)
    runs.mark_sent(connection, "r1", 1, NOW)
    runs.mark(connection, "r1", 1, state, NOW)

    assert made(connection)["settled_at"] is None
    assert (made(connection)["attempts"], made(connection)["sent_at"]) == ((0, None) if state == "intended" else (1, NOW))


def test_an_attempt_that_was_none_is_not_taken_back_below_nothing(connection: Connection) -> None:
    planned(connection)
    runs.mark(connection, "r1", 1, "intended", NOW)
    assert made(connection)["attempts"] == 0
    runs.mark_sent(connection, "r1", 1, NOW)
    runs.mark_sent(connection, "r1", 1, NOW)
    runs.mark(connection, "r1", 1, "intended", NOW)
    assert made(connection)["attempts"] == 1


def test_the_mark_of_one_run_is_none_of_another(connection: Connection) -> None:
    for each in ("r1", "r2"):
        planned(connection, each)
    runs.mark_sent(connection, "r1", 1, NOW)
    runs.mark(connection, "r1", 1, "waiting", NOW)

    assert [runs.of_run(connection, each)[0].state for each in ("r1", "r2")] == ["waiting", "intended"]
    assert [each.run_id for each in runs.waiting(connection)] == ["r1"]


def test_writing_runs_are_counted_from_a_moment_on(connection: Connection) -> None:
    for minutes, run_id in enumerate(("r0", "r1", "r2")):
        runs.start(connection, run_id, KEY, 1, 1, "live", later(minutes=minutes))
        runs.keep_plan(connection, run_id, is_writing=run_id != "r0")

    assert len(runs.writing_runs(connection, KEY, "live", NOW)) == 2
    assert len(runs.writing_runs(connection, KEY, "live", later(minutes=2))) == 1
    assert runs.writing_runs(connection, OTHER_KEY, "live", NOW) == []
