"""A ticket is met by its webhooks in another order than things happened: what an agent decided by then stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.pipeline import first_sight
from bot.pipeline.claim import run_ticket
from bot.store import tickets
from bot.store.database.engine import reading
from bot.store.database.lease_clock import LEASE_CLOCK
from sandbox.deliver import Delivery
from tests.faults.manual_delivery import deliver, held_back
from tests.harness.deskhand import ANNA, NINA, Running, delivered, deskhand

RULES = """
rules:
  - {id: new, name: A new one, when: {event: ticket.created}, then: [{add_tags: [seen-as-new]}]}
  - {id: down, name: It is down, when: {text: {has: down}}, then: [{raise_priority: urgent}]}
"""
PAUSE_S = 0.25
# What happened: created (0), the customer wrote (1), an agent set the priority (2), the customer wrote again (3).
ORDERS = ((0, 1, 3, 2), (2, 3, 1, 0), (1, 0, 3, 2), (3, 1, 2, 0))


@contextmanager
def _workers(run: Running, count: int) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            with reading(run.parts.engine) as connection:
                ready = tickets.ready(connection)
            if not any(run_ticket(key, run.parts) for key in ready):
                over.wait(0.02)

    with ThreadPoolExecutor(count) as pool:
        done = [pool.submit(work) for _ in range(count)]
        try:
            yield
        finally:
            over.set()
            for each in done:
                each.result()


def _story(run: Running) -> tuple[str, list[list[Delivery]]]:
    """A ticket, and what the helpdesk sends of each of its four steps."""
    steps: list[list[Delivery]] = []
    with held_back(run) as sent:
        ticket = run.desk.create_ticket(requester=NINA, subject="Everything is down", body="Nothing loads.")
    steps.append(sent)
    with held_back(run) as sent:
        run.desk.customer_reply(ticket, "Are you there?")
    steps.append(sent)
    with held_back(run) as sent:
        run.desk.agent_update(ticket, agent=ANNA, priority="high")
    steps.append(sent)
    with held_back(run) as sent:
        run.desk.customer_reply(ticket, "It is still down.")
    steps.append(sent)
    return ticket, steps


@contextmanager
def _moments_last_until(told: threading.Event, run: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A run that listens for more does so until everything is told, and until then the database's clock, by which other tickets
    wait some moments, stands still: how long this machine takes to tell it is no matter."""
    began_us = time.monotonic_ns() // 1000
    clock = lambda: time.monotonic_ns() // 1000 if told.is_set() else began_us  # noqa: E731
    run.parts.engine.update_execution_options(**{LEASE_CLOCK: clock})
    monkeypatch.setattr(first_sight, "time", SimpleNamespace(sleep=lambda _: told.wait()))
    try:
        yield
    finally:
        told.set()


@pytest.mark.parametrize("provider", ["zendesk", "intercom", "freshdesk"])
def test_webhooks_in_another_order_leave_an_agents_priority_alone(
    tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    with deskhand(tmp_path, provider, rules=str(rules), flow={"first_sight_s": 1.0}) as run:
        stories, told = [_story(run) for _ in ORDERS], threading.Event()
        with (
            _workers(run, len(ORDERS)),
            _moments_last_until(told, run, monkeypatch),
            ThreadPoolExecutor(len(ORDERS)) as pool,
        ):

            def tell(place: int) -> None:
                for step in ORDERS[place]:
                    deliver(run, stories[place][1][step])
                    time.sleep(PAUSE_S)

            list(pool.map(tell, range(len(ORDERS))))
        run.settle()

        views = [run.view(ticket) for ticket, _ in stories]
    assert [view.priority for view in views] == ["high"] * len(ORDERS)
    assert not [tag for view in views for tag in view.tags if tag.startswith("priority-")]
    assert all("seen-as-new" in view.tags for view in views)


@pytest.mark.parametrize("provider", ["intercom", "freshdesk"])
def test_a_creation_that_comes_first_is_worked_on_at_once(tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, told = tmp_path / "rules.yaml", threading.Event()
    rules.write_text(RULES)
    with deskhand(tmp_path, provider, rules=str(rules), flow={"first_sight_s": 10.0}) as run:
        with _moments_last_until(told, run, monkeypatch):
            ticket = run.desk.create_ticket(requester=NINA, subject="Everything is down", body="Nothing loads.")
            delivered(run.desk)
            with reading(run.parts.engine) as connection:
                assert tickets.ready(connection) == [run.key(ticket)]
        monkeypatch.setattr(first_sight, "time", SimpleNamespace(sleep=lambda _: pytest.fail("it waited")))
        run.settle()

        assert "seen-as-new" in run.view(ticket).tags
