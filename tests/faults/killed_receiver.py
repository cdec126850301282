"""A receiver process that is killed at a checkpoint by the delivery it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.faults.held_database import Delivery, knock, undelivered
from tests.harness.deskhand import PROVIDERS, Running, deskhand
from tests.harness.nursery import Nursery
from tests.harness.processes import free_port, nursed_child, wait_for


def by_turns(*databases: str) -> pytest.MarkDecorator:
    """Every helpdesk, and both databases among them."""
    return pytest.mark.parametrize(("provider", "database"), list(zip(PROVIDERS, databases, strict=True)), indirect=["database"])


@contextmanager
def killed_at(
    checkpoint: str, folder: Path, nursed: Nursery, provider: str, database: str | None
) -> Iterator[tuple[Running, Delivery, str]]:
    """A Deskhand whose receiver was just killed there and has started anew; the delivery, and the receiver's address."""
    port, flag = free_port(), folder / "killed"
    address = f"http://127.0.0.1:{port}"
    with (
        deskhand(folder, provider, database=database, server={"host": "127.0.0.1", "port": port}) as run,
        nursed_child(nursed, folder, "webhooks", "--config", str(run.config.path), DESKHAND_KILL_AT=f"{checkpoint}:{flag}"),
    ):
        wait_for("the receiver's start", lambda: answers(address))
        delivery = undelivered(run)
        with pytest.raises(requests.ConnectionError):
            knock(run, delivery, address)
        wait_for("the receiver's next start", lambda: answers(address))
        assert flag.exists()
        assert re.search(r"\(pid:\d+\) was sent SIGKILL", (folder / "webhooks.log").read_text(encoding="utf-8"))
        yield run, delivery, address


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=2).ok
    except requests.RequestException:
        return False


def writing_runs(run: Running, ticket: str) -> int:
    return len([row for row in run.newest_runs(ticket) if row["is_writing"]])
