"""Deskhand's own processes as children of a test: started by module name as `deskhand up` does, killed where it is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store import tickets
from bot.store.database.engine import reading
from sandbox.desk import TicketView
from tests.harness.deskhand import NINA, Running, delivered
from tests.harness.nursery import Child, Nursery, end
from tests.harness.nursery import wait as wait_child
from tests.harness.servers import START_S as START_S
from tests.harness.servers import free_port as free_port
from tests.harness.servers import wait_for as wait_for

ROOT = Path(__file__).parents[2]


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


def has_no_work(run: Running) -> bool:
    with reading(run.parts.engine) as connection:
        return not tickets.unfinished(connection)


def is_quiet(run: Running) -> bool:
    """Whether nothing is under way and nothing will be: what the last work wrote comes back as webhooks, which are work again."""
    sent = len(run.desk.webhooks.sent)
    return has_no_work(run) and run.desk.wait_idle(5) and has_no_work(run) and len(run.desk.webhooks.sent) == sent


@contextmanager
def nursed_child(nursed: Nursery, folder: Path, module: str, *arguments: str, **environment: str) -> Iterator[Child]:
    """As `process`, forked from a parent that has imported everything already."""
    child = nursed.start(module, *arguments, log=folder / f"{module}.log", environment={"DESKHAND_CONFIG": "", **environment})
    try:
        yield child
    finally:
        end(child)


def work_in_a_child(nursed: Nursery, run: Running, checkpoint: str, count: int = 1) -> bool:
    """A worker process works until nothing is left, or until it is killed at the `count`-th time it reaches `checkpoint`.

    True where it was killed: then the flag file says where. With the embedded queue the worker itself dies by SIGKILL, with RQ
    the child that it forked for the job. False where the work was ended in order.
    """
    folder = run.config.path.parent
    flag = folder / f"killed-at-{checkpoint}-{count}"
    kill_at = f"{checkpoint}:{flag}:{count}"
    arguments = ("--no-ticker", "--config", str(run.config.path))
    with nursed_child(nursed, folder, "worker", *arguments, DESKHAND_KILL_AT=kill_at) as child:
        ring_again(run)
        wait_for(
            "the end of its work",
            lambda: flag.exists() or child.poll() is not None or is_worked_off(run),
            every_s=0.02,
        )
        if run.jobs is None and flag.exists():
            wait_child(child)
        code = end(child)
    run.end_leases()
    assert code == (-9 if run.jobs is None and flag.exists() else 0), (folder / "worker.log").read_text(encoding="utf-8")[-2000:]
    return flag.exists()


def ring_again(run: Running) -> None:
    """What the sweep does: a bell for every ticket that may be worked on."""
    with reading(run.parts.engine) as connection:
        ready = tickets.ready(connection)
    for key in ready:
        run.parts.bell.ring(key)


def is_worked_off(run: Running) -> bool:
    """No work and no webhook on its way. What rested when the bell rang is rung for again: these workers have no ticker."""
    if run.jobs is not None:
        ring_again(run)
    return is_quiet(run)


def outage(run: Running) -> str:
    """The ticket of tests/harness/rules.yaml's first rule, its webhook delivered."""
    ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
    delivered(run.desk)
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
