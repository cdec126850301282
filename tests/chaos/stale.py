"""R7: an agent edits a ticket at any place of Deskhand's run on it; the agent's word stays.

python -m tests.chaos.stale --seed 1 --count 5000

One interleaving: Deskhand wants to set everything that it can set; a place among its calls is drawn, and there, exactly between
two of them, an agent changes what the same run is about to write. Then Deskhand looks at the ticket once more. Whatever the
agent set must be there in the end.

Zendesk refuses a write on a changed ticket. Freshdesk and Intercom do not: what an agent does between our last read and our
write, while that read is fresh (`flow.snapshot_fresh_s`) or one round trip old, cannot be seen (docs/operating.md, G6). Such
losses are counted apart. A third of the runs think longer than a read stays fresh, a third read before every write.
"""

from __future__ import annotations

import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.config import FieldSettings
from bot.pipeline.claim import run_ticket
from bot.runtime.bootstrap import Runtime
from bot.store import tickets
from bot.store.database.engine import reading
from bot.store.database.schema import tickets as table
from sandbox.desk import Desk
from sandbox.effects import Call
from sandbox.freshdesk import FreshdeskDesk
from sandbox.intercom.desk import IntercomDesk
from sandbox.zendesk import ZendeskDesk
from tests.chaos.desks import free_desk
from tests.chaos.goal import Shown, command, scratch, zero
from tests.harness.deskhand import PROVIDERS, Running, ScriptedDrafter, deskhand

RULES = """rules:
  - id: everything
    when: {subject: {known: true}}
    then:
      - set_priority: urgent
      - add_tags: [ours-one, ours-two]
      - remove_tags: [old]
      - set_status: pending
      - assign_team: Senior
      - assign_agent: lead.lena@example.com
      - set_field: {field: stage, value: ours}
      - draft_reply: {}
"""
ANNA, LENA = "anna.agent@example.com", "lead.lena@example.com"
KINDS = ("tag on", "tag off", "priority", "status", "team", "assignee", "field")
MOST_CALLS = {"zendesk": 2, "freshdesk": 4, "intercom": 9}  # of a run; a place beyond the last call is after the run
THREADS = 6
SHORT_S = 0.25  # how long a read is fresh where thinking takes longer
TICKET = re.compile(r"/(?:tickets|conversations)/([0-9]+)")


@dataclass(slots=True)
class Interleaving:
    """One run, and the agent's edit in it: before its `place`-th call for this ticket. The first is the read: what was set before
    it is what Deskhand decides on."""

    ticket: str
    place: int
    kinds: tuple[str, ...]
    slow: bool
    calls: int = 0
    edited_at: datetime | None = None


@dataclass(slots=True)
class Found:
    """`outside`: the agent's edits that were overwritten though they could be seen; `inside`: those within the stated window.
    `met`: interleavings whose edit fell between two calls."""

    interleavings: int = 0
    met: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)

    def add(self, other: Found) -> None:
        self.interleavings += other.interleavings
        self.met += other.met
        self.outside += other.outside
        self.inside += other.inside


class Agent:
    """What an agent does at one stand-in. Custom fields have no verb there: they go through the vendor's own API."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.field = add_field(desk)
        if isinstance(desk, IntercomDesk):
            desk.tokens["annas-token"] = ANNA

    def edit(self, ticket: str, kinds: tuple[str, ...]) -> None:
        wanted: dict[str, Any] = {}
        if "tag on" in kinds:
            wanted["tags_add"] = ["annas-tag"]
        if "tag off" in kinds:
            wanted["tags_remove"] = ["kept"]
        if "priority" in kinds:
            wanted["priority"] = "normal"  # what no helpdesk gives by itself
        if "status" in kinds:
            wanted["status"] = "solved"
        if "team" in kinds:
            wanted["team"] = "Tier 2"  # Lena is in it: Zendesk checks
        if "assignee" in kinds:
            wanted |= {"assignee": "ben.agent@example.com", "team": "Tier 2"}
        if wanted:
            self._desk.agent_update(ticket, agent=ANNA, **wanted)
        if "field" in kinds:
            self._set_field(ticket)

    def _set_field(self, ticket: str) -> None:
        desk, session = self._desk, requests.Session()
        session.trust_env = False
        if isinstance(desk, ZendeskDesk):
            body: Any = {"ticket": {"custom_fields": [{"id": int(self.field), "value": "annas"}]}}
            auth: Any = (f"{ANNA}/token", "sandbox-zendesk-token")
            answer = session.put(f"{desk.address}/api/v2/tickets/{ticket}?by=agent", json=body, auth=auth, timeout=20)
        elif isinstance(desk, FreshdeskDesk):
            key = (f"sandbox-freshdesk-key-{ANNA}", "X")
            body = {"custom_fields": {self.field: "annas"}}
            answer = session.put(f"{desk.address}/api/v2/tickets/{ticket}?by=agent", json=body, auth=key, timeout=20)
        else:
            headers = {"Authorization": "Bearer annas-token", "Intercom-Version": "2.16"}
            body = {"custom_attributes": {self.field: "annas"}}
            answer = session.put(f"{desk.address}/conversations/{ticket}?by=agent", json=body, headers=headers, timeout=20)
        answer.raise_for_status()

    def lost(self, run: Running, ticket: str, kinds: tuple[str, ...]) -> list[str]:
        """What of the edit is not there any more."""
        view = run.view(ticket)
        stands = {
            "tag on": "annas-tag" in view.tags,
            "tag off": "kept" not in view.tags,
            "priority": _priority(run, view.priority, view.tags) == "normal",
            "status": view.status == "solved",
            "team": view.team == "Tier 2",
            "assignee": view.assignee == "ben.agent@example.com",
            "field": view.fields.get(self.field) == "annas",
        }
        return [kind for kind in kinds if not stands[kind]]


def _priority(run: Running, native: str, tags: frozenset[str]) -> str:
    carried = [tag.removeprefix("priority-") for tag in tags if tag.startswith("priority-")]
    return carried[0] if run.provider == "intercom" and carried else native


def add_field(desk: Desk) -> str:
    """A text field `stage` on the tickets: the vendor's name for it."""
    if isinstance(desk, ZendeskDesk):
        return next(str(row["id"]) for row in desk.tables.custom_fields() if row["type"] == "text")
    if isinstance(desk, FreshdeskDesk):
        desk.people.add_field("cf_stage", "text")
        return "cf_stage"
    assert isinstance(desk, IntercomDesk)
    desk.people.add_attribute("stage")
    return "stage"


class SlowDrafter(ScriptedDrafter):
    """Thinks longer than a read is fresh."""

    def __init__(self) -> None:
        super().__init__(wait_s=2 * SHORT_S)


def attack(folder: Path, provider: str, seed: int, count: int) -> Found:
    """`count` interleavings at one helpdesk."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    desk = free_desk(provider)
    with deskhand(folder, provider, rules=str(folder / "rules.yaml"), desk=desk, flow={"rest_s": 0.0, "lease_s": 10.0}) as run:
        desk.webhooks.target = None
        agent = Agent(desk)
        ways = [_with_field(run, agent.field, fresh_s) for fresh_s in (2.0, 0.0, SHORT_S)]
        ways[2].drafter = SlowDrafter()
        plans: dict[str, Interleaving] = {}
        guard = threading.Lock()
        desk.faults.before_call(lambda method, path: _meet(plans, guard, agent, desk, path))
        dice = random.Random(f"{seed}/{provider}")
        orders = [(dice.randrange(2, MOST_CALLS[provider] + 2), _kinds(provider, dice), dice.randrange(3)) for _ in range(count)]
        with ThreadPoolExecutor(THREADS) as pool:
            made = [pool.submit(_interleave, run, agent, ways, plans, guard, order) for order in orders]
            found = Found()
            for each in made:
                found.add(each.result())
        return found


def _kinds(provider: str, dice: random.Random) -> tuple[str, ...]:
    kinds = dice.sample([kind for kind in KINDS if kind != "priority" or provider != "intercom"], dice.choice((1, 1, 2)))
    return tuple(kind for kind in kinds if not (kind == "team" and "assignee" in kinds))


def _with_field(run: Running, vendor: str, fresh_s: float) -> Runtime:
    """A worker's parts with the field mapped and a read fresh for so long."""
    settings = run.parts.settings
    options = {"fresh_s": fresh_s} if run.provider == "freshdesk" else {}
    mapped = FieldSettings(slug="stage", vendor=vendor, type="text")
    account = settings.accounts[0].model_copy(update={"fields": (mapped,), "options": options})
    flow = settings.flow.model_copy(update={"snapshot_fresh_s": fresh_s})
    config = replace(run.config, settings=settings.model_copy(update={"accounts": (account,), "flow": flow}))
    return replace(run.parts, config=config, drafter=ScriptedDrafter(), budgets={}, first_look=threading.Lock())


def _meet(plans: Mapping[str, Interleaving], guard: threading.Lock, agent: Agent, desk: Desk, path: str) -> None:
    """The agent's edit, if this is the call before which it comes."""
    named = TICKET.search(path)
    if named is None or "by=agent" in path or (plan := plans.get(named[1])) is None:
        return
    with guard:
        plan.calls += 1
        is_here = plan.calls == plan.place
    if is_here:
        agent.edit(plan.ticket, plan.kinds)
        plan.edited_at = desk.clock()


def _interleave(
    run: Running,
    agent: Agent,
    ways: list[Runtime],
    plans: dict[str, Interleaving],
    guard: threading.Lock,
    order: tuple[int, tuple[str, ...], int],
) -> Found:
    place, kinds, way = order
    desk, parts = run.desk, ways[way]
    ticket = desk.create_ticket(requester="hana@hobby.example", subject="Help", body="Please help.", tags=["kept", "old"])
    plan = Interleaving(ticket, place, kinds, slow=way == 2)
    if run.provider == "zendesk":
        time.sleep(1.1)  # a ticket of this very second is read again: then the first call would not be the read
    plans[ticket] = plan
    _work(run, parts, ticket, partial(_begin_anew, plan, guard))
    met = plan.edited_at is not None
    if not met:
        agent.edit(ticket, kinds)
        plan.edited_at = desk.clock()
    plan.place = -1
    _work(run, parts, ticket)
    found = Found(interleavings=1, met=int(met))
    for kind in agent.lost(run, ticket, kinds):
        fresh_s = parts.settings.flow.snapshot_fresh_s
        where = found.inside if met and run.provider != "zendesk" and _is_inside(run, plan, fresh_s) else found.outside
        where[f"{run.provider} {kind}"] += 1
    return found


def _begin_anew(plan: Interleaving, guard: threading.Lock) -> None:
    """A run that a busy database broke off before the agent came reads once more: its calls are counted from there."""
    with guard:
        if plan.edited_at is None and plan.calls < plan.place:
            plan.calls = 0


def _work(run: Running, parts: Runtime, ticket: str, broken_off: Callable[[], None] = lambda: None) -> None:
    """One event for the ticket, and all that follows from it. `broken_off`: called where a run left work."""
    key = run.key(ticket)
    is_told, ends_at = False, time.monotonic() + 300
    while time.monotonic() < ends_at:
        with suppress(OperationalError):  # a busy SQLite: senders and workers come again
            if not is_told:
                with parts.engine.begin() as connection:
                    tickets.mark_dirty(connection, key, parts.clock())
                is_told = True
            run_ticket(key, parts)
            with reading(parts.engine) as connection:
                rows = connection.execute(select(table.c.dirty_seq - table.c.done_seq).where(table.c.external_id == ticket))
                if rows.scalar_one() == 0:
                    return
            broken_off()
        time.sleep(0.02)
    raise TimeoutError(f"work is left for {ticket}")


def _is_inside(run: Running, plan: Interleaving, fresh_s: float) -> bool:
    """Whether the edit came after a read that still counted at the next write: fresh, or the call right before it."""
    assert plan.edited_at is not None
    calls = [call for call in run.desk.effects.calls(plan.ticket) if "by=agent" not in call.query]
    before = [call for call in calls if call.at < plan.edited_at and _is_read(call)]
    # The call at which the edit came is logged before it is handled: the first write from there on is the one that lost it.
    after = [call for call in calls if call.method != "GET" and call.at + _took(call) >= plan.edited_at]
    if not before or not after:
        return False
    read, write = before[-1], after[0]
    is_next = not any(read.seq < call.seq < write.seq for call in calls)
    return is_next or (write.at - read.at).total_seconds() <= fresh_s + 0.05


def _is_read(call: Call) -> bool:
    return call.method == "GET"


def _took(call: Call) -> timedelta:
    return timedelta(seconds=call.duration_s)


def scenario(seed: int, count: int) -> Shown:
    total, notes = Found(), []
    each = max(1, count // len(PROVIDERS))
    for provider in PROVIDERS:
        with scratch("stale") as folder:
            found = attack(folder, provider, seed, each)
        notes.append(
            f"{provider}: {found.interleavings} interleavings, {found.met} with the edit between two calls; "
            f"overwritten outside the window {dict(found.outside)}, inside {dict(found.inside)}"
        )
        total.add(found)
    return zero("R7", sum(total.outside.values()), tuple(notes))


def main() -> int:
    return command("An agent's edit at any place of a run.", 5000, scenario)


if __name__ == "__main__":
    sys.exit(main())
