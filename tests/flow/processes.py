"""Deskhand's own processes as children of a test: started by module name as `deskhand up` does, killed where it is wanted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store import tickets
from bot.store.engine import reading
from sandbox.desk import TicketView
from tests.flow.harness import NINA, Running

ROOT = Path(__file__).parents[2]
START_S = 60.0  # a child of a busy machine needs a while for its imports


@contextmanager
def process(folder: Path, module: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module arguments`, its output in `folder/<module>.log`; ended at the end whatever became of it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    with (folder / f"{module}.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=inherited | environment, stdout=log, stderr=log
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, happened: Callable[[], bool], timeout_s: float = START_S) -> None:
    """Until it happened. Raises TimeoutError saying what did not."""
    ends_at = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"{what} did not happen within {timeout_s:.0f} s")
        time.sleep(0.05)


def has_no_work(run: Running) -> bool:
    with reading(run.parts.engine) as connection:
        return not tickets.unfinished(connection)


def work_in_a_child(run: Running, checkpoint: str, count: int = 1) -> bool:
    """A worker process works until nothing is left, or until it is killed at the `count`-th time it reaches `checkpoint`.

    True where it was killed: then it ended by SIGKILL and the flag file says where. False where it ended its work in order.
    """
    folder = run.config.path.parent
    flag = folder / f"killed-at-{checkpoint}-{count}"
    kill_at = f"{checkpoint}:{flag}:{count}"
    with process(
        folder, "worker", "--no-ticker", "--config", str(run.config.path), DESKHAND_KILL_AT=kill_at, DESKHAND_CONFIG=""
    ) as child:
        wait_for("the end of its work", lambda: child.poll() is not None or (has_no_work(run) and run.desk.wait_idle(5)))
        if child.poll() is None:
            child.terminate()
        code = child.wait(15)
    assert code in (0, -9), (folder / "worker.log").read_text(encoding="utf-8")[-2000:]
    assert flag.exists() == (code == -9)
    return code == -9


def outage(run: Running) -> str:
    """The ticket of tests/flow/rules.yaml's first rule, its webhook delivered."""
    ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
    assert run.desk.wait_idle(10)
    return ticket


def assert_written_once(run: Running, ticket: str) -> TicketView:
    """All that the rule wanted stands in the ticket, and by the helpdesk's own log there never was more than one note."""
    view = run.view(ticket)
    assert (run.priority(ticket), view.team) == ("urgent", "Senior")
    assert "vip-outage" in view.tags
    assert len(view.bot_notes) == 1
    assert not view.bot_replies
    written = run.desk.effects.effects(ticket)
    assert sum("note" in each.changes for each in written) == 1
    assert not any("reply" in each.changes for each in written)
    return view
