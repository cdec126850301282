"""The ledger of runs and requests: a stored plan, and what became of each request."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from adapters.codec import dumps
from bot.store import runs
from tests.store.makers import KEY, NOW, OTHER_KEY, later, plan, request, ticket


def started(connection: Connection, run_id: str = "run-1", **columns: object) -> str:
    fields = {"key": KEY, "now": NOW, **columns}
    runs.start(connection, run_id, fields["key"], 1, 3, "live", fields["now"])  # type: ignore[arg-type]
    return run_id


def planned(connection: Connection, run_id: str = "run-1", requests: int = 1) -> str:
    started(connection, run_id)
    runs.keep_plan(connection, run_id, plan=dumps(plan()), ticket=dumps(ticket()), is_writing=True)
    runs.add_requests(connection, run_id, [request(number) for number in range(1, requests + 1)])
    return run_id


def state(connection: Connection, number: int = 1) -> str:
    return next(each.state for each in runs.of_run(connection, "run-1") if each.number == number)


def test_a_stored_plan_comes_back_as_it_went(connection: Connection) -> None:
    planned(connection, requests=2)

    found = runs.planned(connection, KEY)

    assert found is not None
    assert (found.plan, found.ticket, found.state) == (plan(), ticket(), "planned")
    assert [(each.number, each.state, each.request) for each in found.requests] == [
        (1, "intended", request(1)),
        (2, "intended", request(2)),
    ]


def test_the_plan_of_another_ticket_is_not_found(connection: Connection) -> None:
    planned(connection)

    assert runs.planned(connection, OTHER_KEY) is None


def test_a_finished_run_is_not_carried_out_again(connection: Connection) -> None:
    planned(connection)

    runs.finish(connection, "run-1", "done", "", NOW)

    assert runs.planned(connection, KEY) is None


def ended(
    connection: Connection, run_id: str, *, reason: str, minute: int, event: str = "customer.replied", **columns: object
) -> None:
    runs.start(connection, run_id, columns.get("key", KEY), 1, 3, "live", later(minutes=minute))  # type: ignore[arg-type]
    runs.keep_plan(connection, run_id, plan=dumps(plan()), ticket=dumps(ticket()), events=dumps([event]))
    runs.finish(connection, run_id, "done", reason, later(minutes=minute))


def test_tickets_taken_for_a_machines_are_counted_and_those_taken_back(connection: Connection) -> None:
    ended(connection, "1", reason=f"{runs.MACHINES}: headers", minute=1, event="ticket.created")
    ended(connection, "2", reason=f"{runs.MACHINES}: headers", minute=2, key=OTHER_KEY)
    ended(connection, "3", reason="", minute=3, event="tags.changed", key=OTHER_KEY)
    assert runs.taken_for_machines(connection, NOW) == [(KEY, False), (OTHER_KEY, False)]

    ended(connection, "4", reason="", minute=4)

    assert runs.taken_for_machines(connection, NOW) == [(KEY, True), (OTHER_KEY, False)]
    assert runs.taken_for_machines(connection, later(minutes=2)) == [(OTHER_KEY, False)]
    assert runs.taken_for_machines(connection, later(minutes=3)) == []


def test_a_run_that_died_before_its_plan_is_abandoned_and_a_stored_plan_is_not(connection: Connection) -> None:
    planned(connection, "run-1")
    started(connection, "run-2")

    runs.abandon_started(connection, KEY, NOW)

    assert {row["id"]: row["state"] for row in runs.newest(connection, 10)} == {
        "run-1": "planned",
        "run-2": "abandoned",
    }


def test_what_runs_were_decided_from_comes_ticket_by_ticket_in_the_order_of_time(connection: Connection) -> None:
    kept = [("r1", KEY, 3, '"third"'), ("r2", OTHER_KEY, 1, '"other"'), ("r3", KEY, 2, '"second"'), ("r4", KEY, 1, "")]
    for run_id, key, minute, facts in kept:
        started(connection, run_id, key=key, now=later(minutes=minute))
        runs.keep_plan(connection, run_id, facts=facts)
    started(connection, "r5")

    assert [*runs.all_facts(connection)] == ['"second"', '"third"', '"other"']  # what was taken out, or never stored, is left out


def test_a_decision_that_this_version_cannot_read_hides_no_other_run(connection: Connection) -> None:
    for run_id, columns in (("old", {"decision": "{}"}), ("new", {"decision_packed": b"in another form"})):
        started(connection, run_id, now=later(minutes=run_id == "new"))
        runs.keep_plan(connection, run_id, **columns)

    with capture_logs() as lines:
        found = runs.newest(connection, 10)

    assert [(row["id"], row["decision"]) for row in found] == [("new", None), ("old", "{}")]
    assert [(line["event"], line["id"]) for line in lines] == [("row.unreadable", "new")]


def test_sending_is_counted_and_timed(connection: Connection) -> None:
    planned(connection)

    runs.mark_sent(connection, "run-1", 1, NOW)
    runs.mark(connection, "run-1", 1, "unknown", later(seconds=20), reason="timeout")
    runs.mark_sent(connection, "run-1", 1, later(seconds=30))

    found = runs.of_run(connection, "run-1")[0]
    assert (found.state, found.attempts, found.sent_at) == ("sent", 2, later(seconds=30))


@pytest.mark.parametrize("end", ["confirmed", "failed", "replaced", "yielded"])
def test_a_terminal_state_stays(connection: Connection, end: str) -> None:
    planned(connection)
    runs.mark(connection, "run-1", 1, end, NOW, external_id="n-1")

    for other in ("unknown", "intended", "failed", "confirmed"):
        runs.mark(connection, "run-1", 1, other, NOW)
    runs.mark_sent(connection, "run-1", 1, NOW)

    assert state(connection) == end
    assert runs.of_run(connection, "run-1")[0].external_id == "n-1"


def test_a_waiting_reply_can_be_settled_by_a_person_and_is_sent_by_nobody(connection: Connection) -> None:
    planned(connection)
    runs.mark(connection, "run-1", 1, "waiting", NOW, reason="nobody knows")
    runs.mark_sent(connection, "run-1", 1, NOW)

    assert [each.reason for each in runs.waiting(connection)] == ["nobody knows"]
    runs.mark(connection, "run-1", 1, "confirmed", NOW)
    assert runs.waiting(connection) == []


def test_requests_are_counted_by_state(connection: Connection) -> None:
    planned(connection, requests=3)
    runs.mark(connection, "run-1", 2, "confirmed", NOW, not_applied=(0,))

    assert runs.request_counts(connection) == {"intended": 2, "confirmed": 1}
    assert runs.of_run(connection, "run-1")[1].not_applied == (0,)


def test_only_writing_runs_of_the_ticket_count_for_the_loop_cap(connection: Connection) -> None:
    planned(connection, "run-1")
    started(connection, "run-2")
    started(connection, "run-3", key=OTHER_KEY)

    assert len(runs.writing_runs(connection, KEY, "live", later(minutes=-1))) == 1
    assert runs.writing_runs(connection, KEY, "live", later(minutes=1)) == []


def test_a_run_is_found_by_the_beginning_of_its_id_if_that_names_one(connection: Connection) -> None:
    started(connection, "aa-1")
    started(connection, "ab-2")

    assert runs.find(connection, "aa") is not None
    assert runs.find(connection, "a") is None
    assert runs.find(connection, "%") is None


def test_yielded_fields_are_added_to_those_recorded(connection: Connection) -> None:
    planned(connection)

    runs.keep_yielded(connection, "run-1", [{"field": "priority"}])
    runs.keep_yielded(connection, "run-1", [{"field": "team"}])

    row = runs.find(connection, "run-1")
    assert row is not None
    assert row["yielded"] == '[{"field":"priority"},{"field":"team"}]'


def test_long_reasons_are_cut_and_not_refused(connection: Connection) -> None:
    planned(connection)

    runs.mark(connection, "run-1", 1, "failed", NOW, reason="x" * 5000, external_id="y" * 500)
    runs.finish(connection, "run-1", "done", "x" * 5000, NOW)

    assert len(runs.of_run(connection, "run-1")[0].reason) == 300


def test_many_silently_dropped_writes_fit_their_column(connection: Connection) -> None:
    planned(connection)

    runs.mark(connection, "run-1", 1, "confirmed", NOW, not_applied=tuple(range(100)))

    assert len(runs.of_run(connection, "run-1")[0].not_applied) > 30
