"""R11: four workers against a Zendesk that enforces its limits, agents clicking beside them, and now and then a 429 out of the
blue: few calls are refused, and while one Retry-After lasts there is no other call.

python -m tests.chaos.budget --seed 1 --count 180        (count: seconds of load)
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import requests

from bot.process.background import beside
from sandbox.desk import Desk
from sandbox.effects import Call
from sandbox.zendesk import ZendeskDesk
from sandbox.zendesk.limits import Limits
from tests.chaos.desks import free_desk
from tests.chaos.goal import Shown, command
from tests.harness.deskhand import RULES, Running, deskhand
from tests.harness.nursery import Nursery, end, nursery

WORKERS = 4
PLAN, UPDATES = 400, 100  # a Professional account, calls a minute
AGENT_CLICKS = 30  # a minute: they count as updates, too
SURPRISE_S = 5  # Retry-After of the 429s that no limit explains
BOT, ANNA = "deskhand.bot@example.com", "anna.agent@example.com"
# From the answer of a 429 until each process of a busy machine can know: what is under way by then is no second call.
UNDER_WAY = timedelta(seconds=1.0)


@dataclass(slots=True, kw_only=True)
class Noted(Limits):
    """The vendor's limits, with a note of each refusal: (when, seconds to wait)."""

    desk: Desk | None = None
    refused: list[tuple[datetime, int]] = field(default_factory=list)

    def check(self, *, actor: str, method: str, ticket: str | None, is_export: bool) -> tuple[dict[str, str], int | None]:
        headers, wait = Limits.check(self, actor=actor, method=method, ticket=ticket, is_export=is_export)
        if wait is not None and self.desk is not None and actor == BOT:
            self.refused.append((self.desk.clock(), wait))
        return headers, wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the stand-in saw of Deskhand. `refused`: 429s by a limit; `surprises`: those that were ordered; `inside`: calls within
    a Retry-After; `under_way`: those of them that nobody could have stopped any more; `updates`: the most in any minute."""

    calls: int
    refused: int
    surprises: int
    inside: int
    under_way: int
    updates: int
    done: int

    @property
    def percent(self) -> float:
        return 100.0 * self.refused / max(1, self.calls)


def attack(
    folder: Path, nursed: Nursery, seed: int, seconds: float, *, plan: int = PLAN, updates: int = UPDATES, rate: float = 2.0
) -> Seen:
    """`rate`: new tickets a second. The account is configured as its plan says, the share is the default half."""
    dice = random.Random(seed)
    desk = free_desk("zendesk")
    assert isinstance(desk, ZendeskDesk)
    with deskhand(folder, "zendesk", rules=str(RULES), desk=desk, flow={"lease_s": 5.0}, log_level="error") as run:
        limits = Noted(plan=plan, ticket_updates=updates, updates_per_ticket=30, export=10, desk=desk)
        desk.limits = limits
        _configure(run, plan)
        surprises: list[datetime] = []
        desk.faults.after_call(lambda method, path, status: _note_surprise(desk, limits, surprises, status))
        with _workers(run, nursed), _clicking(run, dice):
            ends_at = time.monotonic() + seconds
            surprise_at = time.monotonic() + seconds * 0.2
            while time.monotonic() < ends_at:
                desk.create_ticket(
                    requester="nina.network@northwind.example", subject="Production is down", body="Nothing works."
                )
                time.sleep(dice.expovariate(rate))
                if time.monotonic() > surprise_at:
                    desk.faults.order("429", method=dice.choice(("GET", "PUT")), path=r"^(?!.*by=agent)", retry_after=SURPRISE_S)
                    surprise_at += max(8.0, seconds / 6)
        return look(desk, limits, surprises)


def _configure(run: Running, plan: int) -> None:
    """The account as its owner would describe it: the harness's own says that there is no limit."""
    text = run.config.path.read_text(encoding="utf-8")
    run.config.path.write_text(text.replace("calls_per_minute: 100000", f"calls_per_minute: {plan}"), encoding="utf-8")
    assert f"calls_per_minute: {plan}" in run.config.path.read_text(encoding="utf-8")


def _note_surprise(desk: Desk, limits: Noted, surprises: list[datetime], status: int) -> None:
    if status == 429 and desk.effects.calls()[-1].fault == "429":
        surprises.append(desk.clock())


@contextmanager
def _workers(run: Running, nursed: Nursery) -> Iterator[None]:
    folder = run.config.path.parent
    children = [
        nursed.start("worker", "--no-ticker", "--config", str(run.config.path), log=folder / f"worker-{number}.log")
        for number in range(WORKERS)
    ]
    try:
        yield
        assert all(child.poll() is None for child in children), [child.poll() for child in children]
    finally:
        for child in children:
            end(child)


@contextmanager
def _clicking(run: Running, dice: random.Random) -> Iterator[None]:
    """An agent's clicks, as updates through the same limits."""
    auth = (f"{ANNA}/token", "sandbox-zendesk-token")

    def click(over: threading.Event) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not over.wait(dice.expovariate(AGENT_CLICKS / 60)):
                if ids := run.desk.ids():
                    where = f"{run.desk.address}/api/v2/tickets/{dice.choice(ids[-40:])}.json?by=agent"
                    session.put(where, json={"ticket": {"additional_tags": []}}, auth=auth, timeout=10)

    with beside("clicks", click):
        yield


def look(desk: Desk, limits: Noted, surprises: list[datetime]) -> Seen:
    """Deskhand's calls against what it was told."""
    calls = [call for call in desk.effects.calls() if "by=agent" not in call.query]
    waits = [
        *((at, timedelta(seconds=wait)) for at, wait in limits.refused),
        *((at, timedelta(seconds=SURPRISE_S)) for at in surprises),
    ]
    late = [(call, at) for at, wait in waits for call in calls if at < call.at < at + wait]
    outside = [call for call, at in late if call.at > at + UNDER_WAY]
    puts = [call for call in calls if call.method == "PUT" and call.status == 200]
    return Seen(
        calls=len(calls),
        refused=len(limits.refused),
        surprises=len(surprises),
        inside=len(outside),
        under_way=len(late) - len(outside),
        updates=_most_in_a_minute(puts),
        done=len({call.ticket for call in puts}),
    )


def _most_in_a_minute(calls: list[Call]) -> int:
    times = sorted(call.at for call in calls)
    return max((sum(start <= at < start + timedelta(seconds=60) for at in times) for start in times), default=0)


def scenario(seed: int, count: int) -> Shown:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-429-")))
        seen = attack(folder, stack.enter_context(nursery()), seed, count)
    note = (
        f"{seen.calls} calls in {count} s by {WORKERS} workers, {seen.refused} refused by a limit, {seen.surprises} at random; "
        f"{seen.inside} calls inside a Retry-After, {seen.under_way} were under way; "
        f"at most {seen.updates} updates in a minute, {seen.done} tickets done"
    )
    is_ok = seen.percent <= 1.0 and seen.inside == 0 and seen.surprises > 0 and seen.done > 0
    return Shown(goal="R11", figure=f"{seen.percent:.2f}%,{seen.inside}", wanted="<=1%,0", is_ok=is_ok, notes=(note,))


def main() -> int:
    return command("Four workers inside Zendesk's limits.", 180, scenario)


if __name__ == "__main__":
    sys.exit(main())
