"""R12: two Deskhands and an echo bot on one ticket stop each other after five writing runs an hour; an event that Deskhand itself
caused costs no call, where the payload names no actor one read.

python -m tests.chaos.loop --seed 1 --count 4        (count: hours on the stand-in's clock)
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from adapters.ticket import TicketKey
from bot.config import Config, load
from bot.pipeline.claim import run_ticket
from bot.runtime.bootstrap import Parts, make_parts
from bot.store import tickets
from bot.store.database.engine import reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import runs
from bot.store.database.schema import tickets as ticket_table
from sandbox.desk import Desk
from sandbox.intercom.desk import IntercomDesk
from sandbox.serve import running, serving
from sandbox.stories.config import CREDENTIALS, write_config
from tests.chaos.desks import StandingClock, account_of, free_desk
from tests.chaos.goal import Shown, command, scratch
from tests.harness.deskhand import FLOW, PROVIDERS, ScriptedDrafter, deskhand
from webhooks import create_app

NINA = "nina.network@northwind.example"
SECOND = "ben.agent@example.com"  # the other Deskhand's own user
FIRST_RULES = """rules:
  - id: answer
    on: [ticket.created, customer.replied, note.created, tags.changed]
    when: {subject: {known: true}}
    then: [{draft_reply: {}}, {add_tags: [ping]}, {remove_tags: [pong]}]
"""
SECOND_RULES = FIRST_RULES.replace("ping", "p").replace("pong", "ping").replace("[p]", "[pong]")
PER_HOUR = 5
IDLE_ROUNDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One of the Deskhands: its own database, user, rules and receiver."""

    parts: Parts
    receiver: str

    def work(self) -> int:
        """Work on what is ready now; how many tickets."""
        with reading(self.parts.engine) as connection:
            ready = tickets.ready(connection)
        return sum(run_ticket(key, self.parts) for key in ready)

    @property
    def waits(self) -> bool:
        with reading(self.parts.engine) as connection:
            return tickets.unfinished(connection) > 0

    def writing_runs(self) -> list[datetime]:
        with reading(self.parts.engine) as connection:
            return list(connection.execute(select(runs.c.started_at).where(runs.c.is_writing)).scalars())


def credentials_of_second(desk: Desk) -> Mapping[str, str]:
    match desk.name:
        case "zendesk":
            return {"email": SECOND, "token": "sandbox-zendesk-token"}
        case "freshdesk":
            return {"api_key": f"sandbox-freshdesk-key-{SECOND}"}
    assert isinstance(desk, IntercomDesk)
    desk.tokens["the-second-token"] = SECOND
    return {"token": "the-second-token"}


@contextmanager
def installed(
    folder: Path, provider: str, address: str, credentials: Mapping[str, str], rules: str, clock: StandingClock
) -> Iterator[Installation]:
    folder.mkdir(parents=True)
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    account = account_of(provider, address, credentials)
    flow = {**FLOW, "runs_per_hour": PER_HOUR, "runs_per_day": 30}
    path = write_config(
        folder, {}, 0, clock(), accounts=[account], rules=[str(folder / "rules.yaml")], flow=flow, marker_key=folder.name * 8
    )
    config: Config = load(path, {})
    parts = make_parts(config, clock)
    parts.drafter = ScriptedDrafter()
    migrate(parts.engine)
    with serving(create_app(config, parts.engine, clock)) as receiver:
        yield Installation(parts=parts, receiver=f"{receiver}/webhooks/{provider}")
    parts.engine.dispose()


class FanOut:
    """Both Deskhands are subscribed: what the helpdesk sends goes to each of these addresses."""

    def __init__(self, session: requests.Session) -> None:
        self.addresses: list[str] = []
        self._session = session

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        names = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers = {name: value for name, value in names.items() if name not in ("HOST", "CONNECTION", "CONTENT-LENGTH")}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        answers = [self._session.post(address, data=body, headers=headers, timeout=10).status_code for address in self.addresses]
        start_response(f"{max(answers)} -", [("Content-Length", "0")])
        return [b""]


@dataclass(slots=True)
class Echo:
    """Writes as the customer whenever somebody's robot wrote a note. It never tires."""

    desk: Desk
    ticket: str
    heard: set[str] = field(default_factory=set)

    def answer(self) -> bool:
        robots = (self.desk.world.bot.email, SECOND)
        new = [note for note in self.desk.view(self.ticket).notes if note.author_email in robots and note.id not in self.heard]
        self.heard |= {note.id for note in new}
        if new:
            self.desk.customer_reply(self.ticket, f"Echo number {len(self.heard)} of your note.")
        return bool(new)


def quarrel(folder: Path, provider: str, seed: int, hours: int) -> tuple[int, int, int]:
    """(the most writing runs of one Deskhand in any hour, and in any day, the echo's messages) over so many hours."""
    dice, clock = random.Random(f"{seed}/{provider}"), StandingClock()
    desk = free_desk(provider, clock)
    with ExitStack() as stack:
        session = stack.enter_context(requests.Session())
        session.trust_env = False
        fan_out = FanOut(session)
        address = stack.enter_context(running(desk))
        pairs = ((CREDENTIALS[provider], FIRST_RULES, "first"), (credentials_of_second(desk), SECOND_RULES, "second"))
        both = [
            stack.enter_context(installed(folder / name, provider, address, credentials, rules, clock))
            for credentials, rules, name in pairs
        ]
        fan_out.addresses = [each.receiver for each in both]
        desk.webhooks.target = stack.enter_context(serving(fan_out))
        echo = Echo(desk, desk.create_ticket(requester=NINA, subject="Something broke", body="Please help."))
        for _ in range(hours):
            _one_hour(desk, both, echo, clock, dice)
        times = [each.writing_runs() for each in both]
        return _most(times, timedelta(hours=1)), _most(times, timedelta(days=1)), len(echo.heard)


def _one_hour(desk: Desk, both: list[Installation], echo: Echo, clock: StandingClock, dice: random.Random) -> None:
    """Until nobody says anything any more, or the hour is over; a customer writes at its start."""
    ends = clock.now + timedelta(hours=1, minutes=1)
    clock.now += timedelta(seconds=5)
    desk.customer_reply(echo.ticket, "Any news?")
    idle = 0
    while idle < IDLE_ROUNDS and clock.now < ends:
        desk.wait_idle(10)
        clock.now += timedelta(seconds=2)
        order = dice.sample(both, 2)
        did = sum(each.work() for each in order) + echo.answer()
        idle = 0 if did or any(each.waits for each in both) else idle + 1
        if not did:
            time.sleep(0.02)
    clock.now = max(clock.now, ends)


def _most(times: list[list[datetime]], span: timedelta) -> int:
    return max((sum(start <= at < start + span for at in each) for each in times for start in each), default=0)


def own_events(folder: Path, provider: str, seed: int, count: int) -> tuple[int, int]:
    """(calls for own events whose payload names the actor, the most reads for one that names none), over `count` tickets."""
    dice = random.Random(f"{seed}/{provider}/own")
    (folder / "rules.yaml").write_text(FIRST_RULES, encoding="utf-8")
    with deskhand(folder, provider, rules=str(folder / "rules.yaml"), desk=free_desk(provider), flow={"rest_s": 0.0}) as run:
        target, run.desk.webhooks.target = run.desk.webhooks.target, None
        named = most = 0
        for _ in range(count):
            ticket = run.desk.create_ticket(requester=NINA, subject="Something broke", body=f"Case {dice.randrange(10**6)}.")
            told = len(run.desk.webhooks.sent)
            run.desk.webhooks.target = target
            run.desk.webhooks.again(run.desk.webhooks.sent[-1])
            run.settle()
            run.desk.webhooks.target = None
            ours = [each for each in run.desk.webhooks.sent[told:] if each.ticket == ticket]
            _forget_waiting(run.parts, run.key(ticket))
            for delivery in ours:
                before = len(run.desk.effects.calls())
                run.desk.webhooks.target = target
                run.desk.webhooks.again(delivery)
                run.settle()
                run.desk.webhooks.target = None
                calls = len(run.desk.effects.calls()) - before
                if provider == "freshdesk":
                    most = max(most, calls)
                else:
                    named += calls
            assert ours, "the stand-in told nothing of our writes"
        return named, most


def _forget_waiting(parts: Parts, key: TicketKey) -> None:
    """What was held back is not sent: each of our own events is brought by itself."""
    with parts.engine.begin() as connection:
        left = connection.execute(
            select(ticket_table.c.dirty_seq - ticket_table.c.done_seq).where(ticket_table.c.external_id == key.external_id)
        ).scalar_one()
    assert left == 0


def scenario(seed: int, count: int) -> Shown:
    hour = day = named = most = 0
    notes = []
    for provider in PROVIDERS:
        with scratch("loop") as folder:
            an_hour, a_day, echoes = quarrel(folder, provider, seed, count)
        with scratch("loop") as folder:
            for_named, for_unnamed = own_events(folder, provider, seed, 5)
        hour, day, named, most = max(hour, an_hour), max(day, a_day), named + for_named, max(most, for_unnamed)
        notes.append(
            f"{provider}: {an_hour} writing runs an hour, {a_day} a day, {echoes} echoes in {count} h; "
            f"own events: {for_named} calls, at most {for_unnamed} reads where no actor is named"
        )
    is_ok = 1 < hour <= PER_HOUR and day <= 30 and named == 0 and most <= 1
    return Shown(goal="R12", figure=f"{hour},{named},{most}", wanted="<=5,0,<=1", is_ok=is_ok, notes=tuple(notes))


def main() -> int:
    return command("Two Deskhands and an echo bot on one ticket.", 8, scenario)


if __name__ == "__main__":
    sys.exit(main())
