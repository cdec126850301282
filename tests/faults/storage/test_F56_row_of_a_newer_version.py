"""F56: during a rolling upgrade a newer version stores what this one cannot read: an event, a plan, a word in a plan. It is left
for a newer worker with a warning; nothing is counted against the ticket, and nothing of it is carried out in part."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, select, text, update

from bot.store.database import schema
from tests.faults.common import (
    assert_written_once,
    burnt,
    delivery_states,
    each_helpdesk,
    let_time_pass,
    outage,
    set_aside,
    work_once,
    writes_sent,
)
from tests.harness.deskhand import Running, deskhand

FLOW = {"max_failures": 2, "max_crashes": 2}


def rewrite(run: Running, table: Table, column: Column[Any], change: Callable[[Any], Any]) -> None:
    """What a newer version wrote into this column, in each row that has something there."""
    with run.parts.engine.begin() as connection:
        key = list(table.primary_key.columns)
        for row in connection.execute(select(*key, column).where(column != "")).all():
            where = [each == value for each, value in zip(key, row, strict=False)]
            connection.execute(update(table).where(*where).values({column: json.dumps(change(json.loads(row[-1])))}))


def assert_left_alone(run: Running, ticket: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        let_time_pass(run)
        work_once(run, ticket)
    assert burnt(run, ticket) == (0, 0)
    assert not set_aside(run)
    assert "pending" in delivery_states(run)
    assert not writes_sent(run, ticket)
    assert "run.left_for_a_newer_version" in capsys.readouterr().err


@each_helpdesk
def test_F56_an_event_of_a_new_kind_waits_for_a_newer_worker(
    tmp_path: Path, provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        column = schema.deliveries.c.events
        rewrite(run, schema.deliveries, column, lambda events: [{**each, "type": f"new.{each['type']}"} for each in events])

        assert_left_alone(run, ticket, capsys)

        rewrite(
            run,
            schema.deliveries,
            column,
            lambda events: [{**each, "type": each["type"].removeprefix("new.")} for each in events],
        )
        let_time_pass(run)
        run.settle(60)
        assert_written_once(run, ticket)


def newer_kind(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "writes": [*plan["writes"], {"rules": [], "write": {"kind": "teleport", "to": "Mars"}}]}


def newer_word(plan: dict[str, Any]) -> dict[str, Any]:
    first, *rest = plan["writes"]
    return {**plan, "writes": [{**first, "write": {**first["write"], "only_if": "asked"}}, *rest]}


@pytest.mark.parametrize("newer", [newer_kind, newer_word])
def test_F56_a_plan_with_something_new_in_it_is_not_carried_out_in_part(
    tmp_path: Path, newer: Callable[[dict[str, Any]], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with deskhand(tmp_path, "freshdesk", flow=FLOW) as run:
        ticket = outage(run)
        run.desk.faults.order("429", method="PUT", retry_after=600)
        work_once(run, ticket)
        run.desk.effects.reset()
        old = json.loads(run.newest_runs(ticket)[0]["plan"])
        rewrite(run, schema.runs, schema.runs.c.plan, newer)

        assert_left_alone(run, ticket, capsys)

        rewrite(run, schema.runs, schema.runs.c.plan, lambda _: old)
        let_time_pass(run)
        run.settle(60)
        assert_written_once(run, ticket)


def test_F56_a_snapshot_packed_with_words_of_a_newer_version_waits_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with deskhand(tmp_path, "freshdesk", flow=FLOW) as run:
        ticket = outage(run)
        run.settle(60)
        run.desk.customer_reply(ticket, "It still does not load.")
        run.desk.effects.reset()
        newer = zlib.compressobj(zdict=b"words of a newer version")
        with run.parts.engine.begin() as connection:
            old = connection.execute(select(schema.tickets.c.snapshot)).scalar_one()
            packed = newer.compress(old.encode()) + newer.flush()
            connection.execute(text("update tickets set snapshot = :snapshot"), {"snapshot": packed})

        assert_left_alone(run, ticket, capsys)

        with run.parts.engine.begin() as connection:
            connection.execute(update(schema.tickets).values(snapshot=old))
        let_time_pass(run)
        run.settle(60)
        assert "pending" not in delivery_states(run)
