"""R12: two Deskhands and an echo bot on one ticket, which writes as the customer or as an agent, or changes tags as another app;
or answers each note with the tag `dh-accept`, as an agent or as a workflow.
Whoever writes as a person is answered at once until it is seen to repeat itself, then every quarter of an hour, and sixty times
a day at most; what no message causes, five times an hour. An event that Deskhand itself caused costs no call, where the payload
names no actor one read.

python -m tests.chaos.loop --seed 1 --count 4        (count: hours on the stand-in's clock)
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import requests
from sqlalchemy import select

from adapters.ticket import TicketKey
from bot.config import Config, FlowSettings, load
from bot.pipeline.claim import run_ticket
from bot.runtime.bootstrap import Runtime, make_runtime
from bot.store import dead_letters, tickets
from bot.store.database.engine import reading
from bot.store.database.lease_clock import LEASE_CLOCK
from bot.store.database.migrate import migrate
from bot.store.database.schema import runs
from bot.store.database.schema import tickets as ticket_table
from sandbox.desk import Desk
from sandbox.intercom.desk import IntercomDesk
from sandbox.serve import running, serving
from sandbox.stories.config import CREDENTIALS, write_config
from tests.chaos.desks import StandingClock, account_of, free_desk
from tests.chaos.goal import Shown, command, scratch
from tests.harness.deskhand import ANNA, FLOW, PROVIDERS, ScriptedDrafter, delivered, deskhand
from tests.harness.receiving import receiving
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
# Another app puts a tag on and takes it off, and so do we: no message is the cause.
APP_RULES = """rules:
  - id: echo
    on: [ticket.created, customer.replied, tags.changed]
    when: {tags: {has: app}}
    then: [{toggle_tag: seen}]
"""
# Each reply of the agent is told of in a note, which the agent answers.
AGENT_RULES = "rules:\n" + "".join(
    f"  - {{id: told-{count}, on: [ticket.created, customer.replied, agent.replied, note.created], "
    f"when: {{agent_replies: {{at_least: {count}}}}}, then: [{{add_note: Reply {count} was seen.}}]}}\n"
    for count in range(200)
)
Role = Literal["requester", "agent", "app", "accepter", "workflow"]
ROLES: tuple[Role, ...] = ("requester", "agent", "app")
TAGGERS: tuple[Role, ...] = ("accepter", "workflow")
RULES_OF: Mapping[Role, tuple[str, str]] = {
    "requester": (FIRST_RULES, SECOND_RULES),
    "agent": (AGENT_RULES, AGENT_RULES),
    "app": (APP_RULES, APP_RULES.replace("seen", "seen-too")),
    "accepter": (FIRST_RULES, SECOND_RULES),
    "workflow": (FIRST_RULES, SECOND_RULES),
}
CAPS = ("runs_per_hour", "message_runs_per_hour", "runs_per_day", "late_run_every_s")  # as they are by default
OTHER_PER_HOUR, PER_DAY = 5, 60
# A person's message an hour is among them. After it some echoes are answered at once, then one each quarter of an hour: eight an
# hour. Twice as many where there are two Deskhands, since the echo of one's note is no answer to a write of the other's.
# To accept an open draft is a person's word; a tag that no draft is there for is not, nor is a workflow's.
MOST_PER_HOUR: Mapping[Role, int] = {
    "requester": 16,
    "agent": 16,
    "app": OTHER_PER_HOUR + 1,
    "accepter": 16,
    "workflow": OTHER_PER_HOUR + 1,
}
IDLE_ROUNDS = 40
STEP_S = 30.0  # that the clock goes on by where nobody has anything to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One of the Deskhands: its own database, user, rules and receiver."""

    parts: Runtime
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

    @property
    def set_aside(self) -> int:
        with reading(self.parts.engine) as connection:
            return len(dead_letters.everything(connection))

    @property
    def put_off(self) -> int:
        with reading(self.parts.engine) as connection:
            return tickets.put_off(connection)

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
    defaults = FlowSettings().model_dump()
    flow = {**FLOW, **{name: defaults[name] for name in CAPS}}
    path = write_config(
        folder, {}, 0, clock(), accounts=[account], rules=[str(folder / "rules.yaml")], flow=flow, marker_key=folder.name * 8
    )
    config: Config = load(path, {})
    parts = make_runtime(config, clock)
    parts.drafter = ScriptedDrafter()
    parts.engine.update_execution_options(**{LEASE_CLOCK: clock.lease_us})
    migrate(parts.engine)
    with receiving(create_app(config, parts.engine, clock)) as receiver:
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
    """Answers whenever somebody's robot wrote, as the customer, as an agent or by a tag. It never tires."""

    desk: Desk
    ticket: str
    role: Role = "requester"
    heard: set[str] = field(default_factory=set)
    tags: frozenset[str] = frozenset()
    answers: int = 0

    def answer(self) -> bool:
        did = self._turn_tag() if self.role == "app" else self._write()
        self.answers += did
        return did

    def _turn_tag(self) -> bool:
        """Its tag goes on where it was off, and off where it was on, whenever other tags were changed."""
        tags = self.desk.view(self.ticket).tags
        if (tags - {"app"}) == self.tags and self.answers:
            return False
        self.tags = tags - {"app"}
        add, remove = ((), ("app",)) if "app" in tags else (("app",), ())
        self.desk.agent_update(self.ticket, agent=ANNA, tags_add=add, tags_remove=remove)
        return True

    def _write(self) -> bool:
        robots = (self.desk.world.bot.email, SECOND)
        new = [note for note in self.desk.view(self.ticket).notes if note.author_email in robots and note.id not in self.heard]
        self.heard |= {note.id for note in new}
        words = f"Echo number {len(self.heard)} of your note."
        if new and self.role == "accepter":
            self.desk.agent_update(self.ticket, agent=ANNA, tags_add=["dh-accept"])
        elif new and self.role == "workflow":
            self.desk.machine_update(self.ticket, tags_add=["dh-accept"])
        elif new and self.role == "agent":
            self.desk.agent_reply(self.ticket, words, ANNA)
        elif new:
            self.desk.customer_reply(self.ticket, words)
        return bool(new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarrel:
    """The most writing runs of one Deskhand in any hour and in any day; all of theirs, all their notes, what the echo did; what
    waits for a person, and what comes by itself."""

    an_hour: int
    a_day: int
    runs: int
    notes: int
    echoes: int
    set_aside: int
    put_off: int

    def __str__(self) -> str:
        waits = f"{self.set_aside} set aside, {self.put_off} put off"
        return (
            f"{self.an_hour} writing runs an hour, {self.runs} of both in all, {self.notes} notes, {self.echoes} echoes, {waits}"
        )


def quarrel(folder: Path, provider: str, seed: int, hours: int, role: Role = "requester") -> Quarrel:
    """Over so many hours."""
    dice, clock = random.Random(f"{seed}/{provider}/{role}"), StandingClock()
    desk = free_desk(provider, clock)
    with ExitStack() as stack:
        stack.enter_context(clock.instead_of_sleep())
        session = stack.enter_context(requests.Session())
        session.trust_env = False
        fan_out = FanOut(session)
        address = stack.enter_context(running(desk))
        first, second = RULES_OF[role]
        pairs = ((CREDENTIALS[provider], first, "first"), (credentials_of_second(desk), second, "second"))
        both = [
            stack.enter_context(installed(folder / name, provider, address, credentials, rules, clock))
            for credentials, rules, name in pairs
        ]
        fan_out.addresses = [each.receiver for each in both]
        desk.webhooks.target = stack.enter_context(serving(fan_out))
        echo = Echo(desk, desk.create_ticket(requester=NINA, subject="Something broke", body="Please help."), role)
        for _ in range(hours):
            _one_hour(desk, both, echo, clock, dice)
        times = [each.writing_runs() for each in both]
        robots = (desk.world.bot.email, SECOND)
        return Quarrel(
            an_hour=_most(times, timedelta(hours=1)),
            a_day=_most(times, timedelta(days=1)),
            runs=sum(map(len, times)),
            notes=sum(note.author_email in robots for note in desk.view(echo.ticket).notes),
            echoes=echo.answers,
            set_aside=sum(each.set_aside for each in both),
            put_off=sum(each.put_off for each in both),
        )


def _one_hour(desk: Desk, both: list[Installation], echo: Echo, clock: StandingClock, dice: random.Random) -> None:
    """Until nobody says anything any more, or the hour is over; a customer writes at its start."""
    ends = clock.now + timedelta(hours=1, minutes=1)
    clock.now += timedelta(seconds=5)
    desk.customer_reply(echo.ticket, "Any news?")
    idle = 0
    while idle < IDLE_ROUNDS and clock.now < ends:
        delivered(desk)
        order = dice.sample(both, 2)
        did = sum(each.work() for each in order) + echo.answer()
        idle = 0 if did or any(each.waits for each in both) else idle + 1
        clock.pass_by(2.0 if did else STEP_S)
    clock.pass_by(max(0.0, (ends - clock.now).total_seconds()))


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


def _forget_waiting(parts: Runtime, key: TicketKey) -> None:
    """What was held back is not sent: each of our own events is brought by itself."""
    with parts.engine.begin() as connection:
        left = connection.execute(
            select(ticket_table.c.dirty_seq - ticket_table.c.done_seq).where(ticket_table.c.external_id == key.external_id)
        ).scalar_one()
    assert left == 0


def scenario(seed: int, count: int) -> Shown:
    named = most = 0
    notes, is_ok, hours = [], True, []
    for provider in PROVIDERS:
        for role in (*ROLES, *TAGGERS):
            with scratch("loop") as folder:
                found = quarrel(folder, provider, seed, count, role)
            is_ok = is_ok and 1 < found.an_hour <= MOST_PER_HOUR[role] and found.a_day <= PER_DAY
            hours.append(found.an_hour)
            notes.append(f"{provider}, echo as {role}: {found} in {count} h")
        with scratch("loop") as folder:
            for_named, for_unnamed = own_events(folder, provider, seed, 5)
        named, most = named + for_named, max(most, for_unnamed)
        notes.append(f"{provider}: own events {for_named} calls, at most {for_unnamed} reads where no actor is named")
    is_ok = is_ok and named == 0 and most <= 1
    return Shown(
        goal="R12",
        figure=f"{max(hours)},{named},{most}",
        wanted=f"<={max(MOST_PER_HOUR.values())},0,<=1",
        is_ok=is_ok,
        notes=tuple(notes),
    )


def main() -> int:
    return command("Two Deskhands and an echo bot on one ticket.", 8, scenario)


if __name__ == "__main__":
    sys.exit(main())
