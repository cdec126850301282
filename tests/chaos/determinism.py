"""R15: the same snapshots planned in two processes with different hash seeds give the same bytes, and a stored plan is carried
out as it was stored, whatever rules are there by then.

python -m tests.chaos.determinism --seed 1 --count 1000
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.codec import dumps, loads
from adapters.helpdesk import Helpdesk
from adapters.ticket import Provider, Ticket, TicketKey, TicketKind
from bot.config import load
from bot.log import set_up
from bot.pipeline.claim import run_ticket
from bot.pipeline.steps import RunInputs, make
from bot.rulesets.active import active_rules
from bot.runtime.bootstrap import Runtime, make_runtime
from bot.store.database.migrate import migrate
from bot.store.tickets import Memory
from rules.model.canonical_json import decision_hash
from rules.model.facts import RuleState
from sandbox.desk import Desk
from sandbox.serve import running
from sandbox.stories.config import write_config
from tests.chaos.desks import free_desk
from tests.chaos.goal import Shown, command, zero
from tests.harness.deskhand import PROVIDERS, Running, ScriptedDrafter, delivered, deskhand

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # a Friday; the stand-ins and Deskhand both stand still in it
PACKS = [f"pack:{name}" for name in ("triage", "priority", "vip", "churn", "escalation", "routing", "respond")]
ROOT = Path(__file__).parents[2]

PEOPLE = ("clara.chief@northwind.example", "otto.ops@northwind.example", "gina.globe@globex.example", "hana@hobby.example")
AGENTS = ("anna.agent@example.com", "ben.agent@example.com", "lead.lena@example.com")
WORDS = (
    "Production is down since 09:40, nothing works",
    "How do I export my invoices as CSV?",
    "We want to cancel our contract and get a refund",
    "Third time I write!!! This is unacceptable",
    "Seit heute früh geht die Anmeldung nicht mehr",
    "The login page shows error 500 for all 40 users",
    "Thanks, that solved it",
    "Is there a discount for a yearly plan?",
    "Possible security breach: unknown logins from abroad",
)
PRIORITIES = ("low", "normal", "high", "urgent")
TAGS = ("vip", "billing", "vip-outage", "churn-risk", "beta", "known-incident", "escalated", "x-1", "ümlaut")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a run had read: enough to plan it anywhere."""

    number: int
    ticket: Ticket
    before: Ticket | None
    memory: Memory
    state: dict[str, RuleState]


# What the packs do not: many things of each kind at once, so that an order which nobody decided would show.
MANY = """rules:
  - id: many-tags
    when: {subject: {known: true}}
    then:
      - add_tags: [alpha, bravo, charlie, delta, echo, foxtrot, golf]
      - remove_tags: [vip, billing, beta, escalated, known-incident, x-1]
      - add_cc: zora@example.com
      - add_cc: abel@example.com
      - add_cc: mila@example.com
      - add_note: Many tags at once.
  - id: more-tags
    when: {subject: {known: true}}
    then: [{add_tags: [hotel, india, juliett, alpha, bravo]}, {add_note: "{{ticket.tags}}"}]
"""


# the two planning processes


def plan_all(config_path: Path, snapshots: Path, plans: Path) -> None:
    """Plan every snapshot of the file and write each plan's bytes as one line."""
    parts = parts_of(config_path)
    desks = {each.name: parts.helpdesk(each) for each in parts.settings.accounts}
    with snapshots.open(encoding="utf-8") as lines, plans.open("w", encoding="utf-8") as out:
        for line in lines:
            snapshot = loads(Snapshot, line)
            out.write(planned(parts, desks[snapshot.ticket.account], snapshot) + "\n")


def planned(parts: Runtime, helpdesk: Helpdesk, snapshot: Snapshot) -> str:
    """Plan, vendor requests and decision of one snapshot as canonical text; "none" where nothing happened."""
    seen = RunInputs(
        run_id=f"run-{snapshot.number}",
        standing=active_rules(parts.rules, parts.clock()),
        ticket=snapshot.ticket,
        before=snapshot.before,
        memory=snapshot.memory,
        said=(),
        state=snapshot.state,
        live=(),
        ready=(),
        now=NOW + timedelta(minutes=90),
    )
    made = make(parts, helpdesk, seen)
    if made is None:
        return "none"
    state = {name: made.decision.state[name] for name in sorted(made.decision.state)}
    return dumps([made.plan, made.requests, made.yielded, decision_hash(made.decision, made.plan.writes), state, made.refused])


def parts_of(config_path: Path) -> Runtime:
    parts = make_runtime(load(config_path, {}), lambda: NOW)
    parts.drafter = ScriptedDrafter()
    return parts


# the snapshots


def take_snapshots(parts: Runtime, desks: Mapping[str, Desk], seed: int, count: int) -> Iterator[Snapshot]:
    """`count` tickets with a past, spread over the stand-ins: what people wrote and set, and what rules remembered."""
    dice = random.Random(seed)
    desks_of_ours = {each.name: parts.helpdesk(each) for each in parts.settings.accounts}
    for number in range(count):
        name = dice.choice(sorted(desks))
        desk, ours = desks[name], desks_of_ours[name]
        ticket = desk.create_ticket(requester=dice.choice(PEOPLE), subject=dice.choice(WORDS), body=dice.choice(WORDS))
        _live(desk, ticket, dice)
        before = ours.hydrate(key_of(name, ticket)) if dice.random() < 0.6 else None
        state = _first_look(parts, ours, before) if before else {}
        _live(desk, ticket, dice)
        tags = frozenset(dice.sample(TAGS, dice.randrange(4)))
        memory = Memory(tags_put=tags, set_by_us=dice.choice(({}, {"priority": "high", "team": "Senior"}, {"status": "open"})))
        yield Snapshot(number=number, ticket=ours.hydrate(key_of(name, ticket)), before=before, memory=memory, state=state)


def _live(desk: Desk, ticket: str, dice: random.Random) -> None:
    """A few things that people do to a ticket."""
    for _ in range(dice.randrange(4)):
        agent = dice.choice(AGENTS)
        match dice.randrange(5):
            case 0:
                desk.customer_reply(ticket, dice.choice(WORDS))
            case 1:
                desk.agent_reply(ticket, dice.choice(WORDS), agent)
            case 2:
                desk.agent_note(ticket, dice.choice(WORDS), agent)
            case 3:
                desk.agent_update(ticket, agent=agent, tags_add=dice.sample(TAGS, 2), tags_remove=dice.sample(TAGS, 1))
            case _:
                seat = dice.choice(desk.world.agents)
                team = dice.choice(seat.teams)  # Zendesk takes nobody who is not in the team
                desk.agent_update(ticket, agent=agent, priority=dice.choice(PRIORITIES), team=team, assignee=seat.email)


def _first_look(parts: Runtime, helpdesk: Helpdesk, before: Ticket) -> dict[str, RuleState]:
    """What the rules remember of a first run on this ticket."""
    seen = RunInputs(
        run_id="earlier",
        standing=active_rules(parts.rules, parts.clock()),
        ticket=before,
        before=None,
        memory=Memory(),
        said=(),
        state={},
        live=(),
        ready=(),
        now=NOW,
    )
    made = make(parts, helpdesk, seen)
    return dict(made.decision.state) if made else {}


def key_of(provider: str, ticket: str) -> TicketKey:
    kind = TicketKind.CONVERSATION if provider == Provider.INTERCOM else TicketKind.TICKET
    return TicketKey(provider, kind, ticket)


# both goals


def compare(seed: int, count: int, folder: Path, hash_seeds: tuple[str, str] = ("1", "31337")) -> tuple[int, int]:
    """(plans that differ between two processes, plans that hold at least one write)."""
    desks = {name: free_desk(name, lambda: NOW) for name in PROVIDERS}
    with ExitStack() as stack:
        addresses = {name: stack.enter_context(running(desk)) for name, desk in desks.items()}
        (folder / "many.yaml").write_text(MANY, encoding="utf-8")
        config = write_config(folder, addresses, 0, NOW, rules=[*PACKS, str(folder / "many.yaml")])
        parts = parts_of(config)
        migrate(parts.engine)
        snapshots = folder / "snapshots.jsonl"
        with snapshots.open("w", encoding="utf-8") as out:
            for snapshot in take_snapshots(parts, desks, seed, count):
                out.write(dumps(snapshot) + "\n")
        parts.engine.dispose()
        with ThreadPoolExecutor(len(hash_seeds)) as at_once:
            found = list(
                at_once.map(lambda each: _planned_apart(config, snapshots, folder / f"plans-{each}.jsonl", each), hash_seeds)
            )
    assert all(len(plans) == count for plans in found), [len(plans) for plans in found]
    differ = sum(first != second for first, second in zip(*found, strict=True))
    return differ, sum('"writes":[{' in plan for plan in found[0])


def _planned_apart(config: Path, snapshots: Path, plans: Path, hash_seed: str) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    command_line = [sys.executable, "-m", "tests.chaos.determinism", "--plan", str(config), str(snapshots), str(plans)]
    subprocess.run(command_line, cwd=ROOT, env={**environment, "PYTHONHASHSEED": hash_seed}, check=True)
    return plans.read_text(encoding="utf-8").splitlines()


OLD_RULES = """rules:
  - id: old
    when: {subject: {has_any: [down, export, login]}}
    then: [{set_priority: urgent}, {add_tags: [old-rule, old-too]}, {assign_team: Senior}, {add_note: The old rule spoke.}]
"""
NEW_RULES = """rules:
  - id: new
    then: [{set_priority: low}, {add_tags: [new-rule]}, {assign_team: Billing}, {add_note: The new rule spoke.}]
"""


class Died(BaseException):
    """The worker is gone, on this line; nothing cleans up after it."""


def changed_rules(seed: int, count: int, folder: Path, provider: str) -> int:
    """How many stored plans were carried out otherwise than they were stored, after the rules were changed."""
    dice = random.Random(f"{seed}/{provider}")
    (folder / "old.yaml").write_text(OLD_RULES, encoding="utf-8")
    (folder / "new.yaml").write_text(NEW_RULES, encoding="utf-8")
    flow = {"rest_s": 60.0}  # one run per ticket is looked at
    with deskhand(folder, provider, rules=str(folder / "old.yaml"), flow=flow) as run:
        words = [word for word in WORDS if {"down", "export", "login"} & set(word.casefold().split())]
        tickets = [
            run.desk.create_ticket(requester=dice.choice(PEOPLE), subject=dice.choice(words), body="Please look.")
            for _ in range(count)
        ]
        delivered(run.desk)
        run.desk.webhooks.target = None
        for ticket in tickets:
            _die_with_a_stored_plan(run, ticket)
        stored = {ticket: _as_stored(run, ticket) for ticket in tickets}
        run.end_leases()
        settings = run.parts.settings.model_copy(update={"rules": (str(folder / "new.yaml"),)})
        run.parts.rules = make_runtime(replace(run.config, settings=settings)).rules
        for ticket in tickets:
            _work_on(run, ticket)
        return sum(not _is_unchanged(run, ticket, stored[ticket]) for ticket in tickets)


def _die_with_a_stored_plan(run: Running, ticket: str) -> None:
    def checkpoint(reached: str) -> None:
        if reached == "plan_stored":
            raise Died

    run.parts.checkpoint = checkpoint
    try:
        _work_on(run, ticket)
    except Died:
        pass
    else:
        raise AssertionError("no plan was stored")
    finally:
        run.parts.checkpoint = lambda _: None


def _work_on(run: Running, ticket: str) -> None:
    ends_at = datetime.now(UTC) + timedelta(seconds=20)
    while not run_ticket(run.key(ticket), run.parts):
        if datetime.now(UTC) > ends_at:
            raise TimeoutError(f"nothing to do for {ticket}")


def _as_stored(run: Running, ticket: str) -> tuple[str, str, str]:
    row = run.newest_runs(ticket)[0]
    return row["plan"], row["decision_hash"], row["rules_hash"]


def _is_unchanged(run: Running, ticket: str, stored: tuple[str, str, str]) -> bool:
    """The run kept its bytes, and the ticket shows what the old rule wanted and nothing of the new one's."""
    view, rows = run.view(ticket), [row for row in run.newest_runs(ticket) if row["plan"]]
    notes = " ".join(note.text for note in view.bot_notes)
    return (
        len(rows) == 1
        and rows[0]["state"] == "done"
        and _as_stored(run, ticket) == stored
        and (run.priority(ticket), view.team) == ("urgent", "Senior")
        and {"old-rule", "old-too"} <= view.tags
        and "new-rule" not in view.tags
        and len(view.bot_notes) == 1
        and "The old rule spoke." in notes
    )


def scenario(seed: int, count: int) -> Shown:
    with tempfile.TemporaryDirectory(prefix="dh-determinism-") as name:
        differ, writing = compare(seed, count, Path(name))
        changed = 0
        for provider in PROVIDERS:
            folder = Path(name) / provider
            folder.mkdir()
            changed += changed_rules(seed, max(2, count // 50), folder, provider)
    note = f"{count} snapshots planned in two processes, {writing} with writes; {differ} differ; {changed} stored plans changed"
    return zero("R15", differ + changed, (note,))


def main() -> int:
    if sys.argv[1:2] == ["--plan"]:
        set_up("critical")
        plan_all(*map(Path, sys.argv[2:5]))
        return 0
    return command("Same snapshot, same rules, same plan.", 1000, scenario)


if __name__ == "__main__":
    sys.exit(main())
