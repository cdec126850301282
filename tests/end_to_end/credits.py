"""What a storm of new tickets costs at Freshdesk, in its own credits: findings V4.

`python -m tests.end_to_end.credits --tickets 30 --plan 200` takes some minutes, since a plan's minute is a minute, and prints
what each minute of the account cost, how many calls were refused, and what a ticket cost. Two workers, half of the plan is ours.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from bot.log import set_up
from bot.store.database.schema import accounts as account_table
from sandbox.freshdesk import FreshdeskDesk
from sandbox.freshdesk.automations import Automation
from sandbox.freshdesk.limits import Limits
from sandbox.stories.config import SECRETS
from tests.end_to_end.api_calls import OURS, PEOPLE, WORKERS, new_ticket
from tests.harness.deskhand import WIDE_S, Running, deskhand
from worker import work_embedded

SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """`minutes`: credits of each minute of the account. `paths`: the calls of each ticket."""

    plan: int
    noted: int
    minutes: tuple[int, ...]
    refused: int
    paths: dict[str, Counter[str]]
    took_s: float

    @property
    def per_ticket(self) -> float:
        return sum(self.minutes) / max(1, self.noted)

    def __str__(self) -> str:
        calls = sum(sum(each.values()) for each in self.paths.values())
        return (
            f"plan={self.plan} noted={self.noted} credits={sum(self.minutes)} per_ticket={self.per_ticket:.1f} "
            f"minutes={list(self.minutes)} refused={self.refused} calls={calls} took_s={self.took_s:.0f}"
        )


@contextmanager
def small_plan(folder: Path, plan: int, *, leaves_us_out: bool = True, fresh_s: float = WIDE_S) -> Iterator[Running]:
    """A Deskhand on a plan of so many credits a minute, which has met PEOPLE before; its workers do not run yet."""
    rules = str(Path(__file__).parent / "api_calls.yaml")
    automation = Automation(except_agents=frozenset({OURS} if leaves_us_out else ()))
    desk = FreshdeskDesk(limits=Limits(per_minute=None), automation=automation, secret=SECRETS["freshdesk"], time_scale=0.001)
    with deskhand(folder, "freshdesk", rules=rules, desk=desk, flow={"snapshot_fresh_s": fresh_s}) as run:
        for person in PEOPLE:
            run.desk.create_ticket(requester=person, subject="Hello", body="A first look at everybody.")
        run.settle()
        settings = run.config.settings
        account = settings.accounts[0].model_copy(update={"calls_per_minute": plan, "budget_share": SHARE})
        object.__setattr__(run.config, "settings", settings.model_copy(update={"accounts": (account,)}))
        run.parts.close_budgets()
        run.parts.budgets.clear()
        with run.parts.engine.begin() as connection:  # a new minute begins
            connection.execute(update(account_table).values(window_boot=""))
        desk.limits = Limits(per_minute=plan)
        yield run


@contextmanager
def at_work(run: Running, count: int = WORKERS) -> Iterator[None]:
    stop = threading.Event()
    workers = [threading.Thread(target=work_embedded, args=(run.parts, stop)) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def storm(run: Running, plan: int, count: int, until: int, timeout_s: float) -> Storm:
    """`count` new tickets at once, watched until `until` of them have their note."""
    assert isinstance(run.desk, FreshdeskDesk)
    effects, calls = len(run.desk.effects.effects()), len(run.desk.effects.calls())
    began = time.monotonic()
    with at_work(run):
        for number in range(count):
            new_ticket(run, number)
        while time.monotonic() - began < timeout_s and _noted(run, effects) < until:
            time.sleep(0.05)
        took_s = time.monotonic() - began
    paths: dict[str, Counter[str]] = {}
    for call in run.desk.effects.calls()[calls:]:
        paths.setdefault(call.ticket or "", Counter())[
            f"{call.method} {call.path.rpartition('/')[2] if call.method == 'POST' else call.query}"
        ] += 1
    limits = run.desk.limits
    return Storm(
        plan=plan, noted=_noted(run, effects), minutes=tuple(limits.spent), refused=limits.refused, paths=paths, took_s=took_s
    )


def _noted(run: Running, since: int) -> int:
    return sum("note" in each.changes for each in run.desk.effects.effects()[since:])


def main() -> int:
    arguments = argparse.ArgumentParser(prog="credits", description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--tickets", type=int, default=30)
    arguments.add_argument("--plan", type=int, default=200)
    arguments.add_argument(
        "--ours-too", action="store_true", help="our own changes come back, as where 'performed by' leaves nobody out"
    )
    chosen = arguments.parse_args()
    set_up("error")
    with (
        tempfile.TemporaryDirectory() as folder,
        small_plan(Path(folder), chosen.plan, leaves_us_out=not chosen.ours_too, fresh_s=2.0) as run,
    ):
        found = storm(run, chosen.plan, chosen.tickets, chosen.tickets, 600.0)
    print(found)
    return 0 if found.noted == chosen.tickets and not found.refused else 1


if __name__ == "__main__":
    sys.exit(main())
