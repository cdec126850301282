"""R18: a third of all webhooks never arrive: within two poll intervals everything is found, by ten calls a minute at most.

python -m tests.chaos.drop --seed 1 --count 600       (count: changes on each helpdesk)

Time is the stand-in's: an interval of the poll is ten minutes of its clock, in which people open tickets, write and change
fields. What a webhook told or a poll found is worked off at once; what nobody told must be in the ticket's snapshot, and so
have been looked at, when the second poll after it has been.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from adapters.ticket import Ticket
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import tickets
from bot.store.database.engine import reading
from tests.chaos.desks import StandingClock, free_desk
from tests.chaos.goal import Shown, command, scratch
from tests.harness.deskhand import PROVIDERS, Running, deskhand

PEOPLE = ("nina.network@northwind.example", "gina.globe@globex.example", "ivan.initech@initech.example", "hana@hobby.example")
AGENTS = ("anna.agent@example.com", "ben.agent@example.com", "lead.lena@example.com")
INTERVAL = timedelta(minutes=10)
DROPPED = 0.3
PER_INTERVAL = 60  # changes
CALLS_A_MINUTE = 10
RULES = "rules:\n  - id: all\n    when: {subject: {known: true}}\n    then: [{add_tags: [seen]}]\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that a person did. `mark`: a word in a message, or a tag."""

    ticket: str
    mark: str
    at: datetime

    def is_in(self, snapshot: Ticket | None) -> bool:
        if snapshot is None:
            return False
        return self.mark in snapshot.tags or any(self.mark in message.body_text for message in snapshot.messages)


@dataclass(slots=True)
class Found:
    """`lost`: changes that nobody had looked at after two polls. `rescued`: those that only a poll brought."""

    changes: int = 0
    lost: list[Change] = field(default_factory=list)
    rescued: int = 0
    calls_a_minute: int = 0
    polls: int = 0


def attack(folder: Path, provider: str, seed: int, count: int) -> Found:
    """`count` changes at one helpdesk, in intervals of sixty."""
    dice, clock, found = random.Random(f"{seed}/{provider}"), StandingClock(), Found()
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    flow = {
        "reconcile_every_s": INTERVAL.total_seconds(),
        "rest_s": 0.0,
        "runs_per_hour": 1000,
        "runs_per_day": 10_000,
        "late_run_every_s": 0,
    }
    desk = free_desk(provider, clock, seed=seed)
    with deskhand(folder, provider, rules=str(folder / "rules.yaml"), desk=desk, clock=clock, flow=flow) as run:
        desk.webhooks.trouble.drop = DROPPED
        ticker = Ticker(TickerParts(config=run.config, engine=run.parts.engine, bell=run.parts.bell, clock=clock, owner="drop"))
        ticker.reconcile(run.config.settings.account(provider))  # notes when it started
        open_tickets: list[str] = []
        waiting: deque[tuple[int, list[Change]]] = deque()
        while found.changes < count or waiting:
            if found.changes >= count:
                clock.now += INTERVAL  # nobody does anything any more
            made = [_change(run, open_tickets, dice, clock) for _ in range(PER_INTERVAL)] if found.changes < count else []
            found.changes += len(made)
            clock.now += timedelta(seconds=30)
            run.settle(900)
            unheard = [each for each in made if not each.is_in(_snapshot(run, each.ticket))]
            if made:
                waiting.append((found.polls, unheard))
            _poll(run, ticker, found)
            clock.now += timedelta(seconds=30)
            run.settle(900)
            while waiting and found.polls - waiting[0][0] >= 2:
                _, due = waiting.popleft()
                late = [each for each in due if not each.is_in(_snapshot(run, each.ticket))]
                found.lost += late
                found.rescued += len(due) - len(late)
    return found


def _change(run: Running, open_tickets: list[str], dice: random.Random, clock: StandingClock) -> Change:
    """One thing that a person does, a few seconds after the last."""
    clock.now += timedelta(seconds=dice.uniform(0.2, 2 * (INTERVAL.total_seconds() - 60) / PER_INTERVAL))
    mark = f"mark{dice.randrange(16**8):08x}"
    what = dice.random()
    if what < 0.3 or not open_tickets:
        ticket = run.desk.create_ticket(requester=dice.choice(PEOPLE), subject="A question", body=f"About {mark}.")
        open_tickets.append(ticket)
        return Change(ticket=ticket, mark=mark, at=clock.now)
    ticket, agent = dice.choice(open_tickets[-40:]), dice.choice(AGENTS)
    if what < 0.6:
        run.desk.customer_reply(ticket, f"And {mark}?")
    elif what < 0.8:
        run.desk.agent_update(ticket, agent=agent, tags_add=[mark])
    else:
        run.desk.agent_note(ticket, f"Look at {mark}.", agent)
    return Change(ticket=ticket, mark=mark, at=clock.now)


def _poll(run: Running, ticker: Ticker, found: Found) -> None:
    """The next poll, when its time has come; its calls are counted."""
    state_at = run.parts.clock()
    before = len(run.desk.effects.calls())
    ticker.reconcile(run.config.settings.account(run.provider))
    calls = len(run.desk.effects.calls()) - before
    if calls:
        found.polls += 1
        found.calls_a_minute = max(found.calls_a_minute, calls)  # the clock stood still: all of them in one minute
    assert run.parts.clock() == state_at


def _snapshot(run: Running, ticket: str) -> Ticket | None:
    with reading(run.parts.engine) as connection:
        return tickets.snapshot(connection, run.key(ticket))[0]


def scenario(seed: int, count: int) -> Shown:
    notes, lost, rescued, most = [], 0, 0, 0
    for provider in PROVIDERS:
        with scratch("drop") as folder:
            found = attack(folder, provider, seed, count)
        lost, rescued, most = lost + len(found.lost), rescued + found.rescued, max(most, found.calls_a_minute)
        notes.append(
            f"{provider}: {found.changes} changes, {found.rescued} of them found by {found.polls} polls alone, "
            f"{len(found.lost)} lost, at most {found.calls_a_minute} calls a minute"
        )
    share = 100.0 * rescued / max(1, rescued + lost)
    is_ok = lost == 0 and rescued > 0 and most <= CALLS_A_MINUTE
    return Shown(goal="R18", figure=f"{share:.2f}%,{most}", wanted="100%,<=10", is_ok=is_ok, notes=tuple(notes))


def main() -> int:
    return command("Webhooks lost, the poll finds the rest.", 600, scenario)


if __name__ == "__main__":
    sys.exit(main())
