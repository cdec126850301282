"""Webhooks held back and delivered by hand: in another order, later, all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests

from sandbox.deliver import Delivery
from tests.harness.deskhand import Running

TRIES_S = (0.5, 1.0, 2.0, 4.0)


@contextmanager
def held_back(run: Running) -> Iterator[list[Delivery]]:
    """What the helpdesk would have sent meanwhile, in its order; complete at the end."""
    target, run.desk.webhooks.target = run.desk.webhooks.target, None
    before, found = len(run.desk.webhooks.sent), list[Delivery]()
    yield found
    found += list(run.desk.webhooks.sent)[before:]
    run.desk.webhooks.target = target


def deliver(run: Running, deliveries: Sequence[Delivery], at_once: int = 1) -> list[int]:
    """Send them, `at_once` of them at a time, again after a 503 as every helpdesk does: the statuses."""
    with ThreadPoolExecutor(at_once) as pool, requests.Session() as session:
        return list(pool.map(lambda each: _send(session, run, each), deliveries))


def _send(session: requests.Session, run: Running, delivery: Delivery) -> int:
    headers = {"Content-Type": "application/json", **delivery.headers, **run.desk.sign(delivery.body)}
    for pause_s in (*TRIES_S, 0.0):
        status = session.post(run.desk.webhooks.target or "", data=delivery.body, headers=headers, timeout=30).status_code
        if status != 503:  # a machine whose disk stands still for seconds is told so, and is no fault
            break
        time.sleep(pause_s)
    return status
