"""Judges a run afterwards, by what the helpdesks saw: their log of acknowledged deliveries, their log of applied writes, and
the database. It asks none of Deskhand's own functions whether all is well, but for `deskhand doctor`, which is a promise itself.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, text

from bot.store import dead_letters
from bot.store.database.engine import reading
from bot.store.database.schema import deliveries, delivery_conflicts, possible_duplicates, requests, runs
from sandbox.deliver import Attempt
from sandbox.desk import TicketView
from sandbox.effects import Call, Effect
from tests.chaos.generator import DOWN, SEEN
from tests.chaos.world import Edit, World
from tests.harness.nursery import ROOT

Span = tuple[datetime, datetime]
TERMINAL = ("done", "ignored", "superseded", "parked")
COUNTED_TRIES = {"delivery_attempts", "delivery_status", "delivered_at", "first_sent_at"}
MARKER = re.compile(r"Deskhand · (?:suggestion )?id ([A-Z2-7]{8})")
SECOND = timedelta(seconds=1)
GRAIN = timedelta(milliseconds=2)
ENDED_RUNS = ("done", "failed", "abandoned", "parked", "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """One message too many: the same marker (note) or the same words (reply) in one ticket."""

    provider: str
    ticket: str
    what: str
    is_counted: bool  # Deskhand found and counted it itself
    late_s: float  # how much later than its call the latest of them was applied

    def __str__(self) -> str:
        return f"{self.provider} {self.ticket} {self.what} late={self.late_s:.2f} counted={self.is_counted}"


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Each list names what is wrong; all empty is good. `in_window`: a person's edit between our last read and our write at a
    helpdesk without conditional writes: the window that the documentation states (no failure, but told)."""

    acknowledged: int = 0
    deliveries: int = 0
    lost: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    doubles: list[Double] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    in_window: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)  # why tickets wait for a person
    ill: list[str] = field(default_factory=list)
    notes: int = 0
    runs: int = 0

    @property
    def uncounted(self) -> list[Double]:
        return [each for each in self.doubles if not each.is_counted]

    @property
    def complaints(self) -> list[str]:
        """Everything that must not be, doubles apart: how many of those are allowed depends on the run."""
        named = {
            "lost": self.lost,
            "unsettled": self.unsettled,
            "overwritten": self.overwritten,
            "missing": self.missing,
            "overlapping": self.overlapping,
            "ill": self.ill,
        }
        return [f"{name}: {each}" for name, found in named.items() for each in found]


def judge(run: World) -> Verdict:
    """Everything: first the doctor, who wants to see the processes alive, then their end, then what they left behind. What came
    in after all was settled, as a poll's finds may, is left to their next start."""
    found = Verdict(ill=strict_doctor(run))
    run.fleet.end()
    with reading(run.engine) as connection:
        rows = [dict(each._mapping) for each in connection.execute(select(deliveries))]
        conflicts = {(each.account, meaning(each.account, each.body)) for each in connection.execute(select(delivery_conflicts))}
        counted = {(each.account, each.external_id, each.marker) for each in connection.execute(select(possible_duplicates))}
        found.overlapping = overlapping([dict(each._mapping) for each in connection.execute(select(runs))], run.started_at)
        found.runs = len(connection.execute(select(runs.c.id)).all())
        unknown = unknown_outcomes(connection)
        found.set_aside = [each.reason for each in dead_letters.everything(connection)]
    attempts = {name: list(desk.webhooks.attempts) for name, desk in run.desks.items()}
    found.deliveries = run.sent()
    found.acknowledged = sum(len(acknowledged(name, each)) for name, each in attempts.items())
    found.lost = [each for name, tried in attempts.items() for each in lost(name, tried, rows, conflicts)]
    found.unsettled = unsettled(row for row in rows if row["seq"] <= run.settled_seq)
    for name, desk in run.desks.items():
        effects, calls = desk.effects.effects(), desk.effects.calls()
        found.notes += sum("note" in each.changes for each in effects)
        found.doubles += doubles(name, effects, calls, counted)
        edits = [each for each in run.edits if each.provider == name]
        overwritten, in_window = overwrites(name, effects, calls, edits, unknown[name])
        found.overwritten += overwritten
        found.in_window += in_window
        first = first_writes(effects)
        for ticket in run.opened.get(name, []):
            its = [each for each in edits if each.ticket == ticket]
            found.missing += missing(name, desk.view(ticket), its, first.get(ticket))
    found.ill += [*integrity(run.engine), *run.fleet.failures]
    return found


# deliveries


def acknowledged(account: str, attempts: Iterable[Attempt]) -> set[str]:
    """What the bodies say that were answered 2xx."""
    return {meaning(account, each.body or each.delivery.body) for each in attempts if 200 <= each.status < 300}


def meaning(account: str, body: bytes) -> str:
    """The hash of a body. At Intercom each try of a notification counts itself, so there without the members that do; worked out
    here, and not by Deskhand's own function: it is what is judged."""
    said = body
    if account == "intercom":
        members = json.loads(body)
        said = json.dumps({name: each for name, each in members.items() if name not in COUNTED_TRIES}, sort_keys=True).encode()
    return hashlib.sha256(said).hexdigest()


def lost(
    account: str, attempts: Iterable[Attempt], rows: Sequence[Mapping[str, Any]], conflicts: Iterable[tuple[str, str]]
) -> list[str]:
    """Acknowledged deliveries without a row of that very body."""
    kept = {meaning(account, each["body"]) for each in rows if each["account"] == account}
    kept |= {digest for name, digest in conflicts if name == account}
    return [f"{account} {digest[:12]}" for digest in sorted(acknowledged(account, attempts) - kept)]


def unsettled(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Deliveries that are in no terminal state, or in one that nobody can give a reason for (done: by its run)."""
    return [
        f"{each['account']} {each['seq']} {each['state']} {each['reason']!r}"
        for each in rows
        if each["state"] not in TERMINAL or not (each["reason"] or each["run_id"])
    ]


# effects


def doubles(
    provider: str, effects: Iterable[Effect], calls: Iterable[Call], counted: Iterable[tuple[str, str, str]]
) -> list[Double]:
    """Notes with the marker, and replies with the words, of an earlier one in the same ticket."""
    opened_at = {each.seq: each.at for each in calls}
    same: dict[tuple[str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        for what in _said(effect):
            same[str(effect.ticket), what].append(effect)
    known = Counter((account, ticket, marker) for account, ticket, marker in counted)
    found = []
    for (ticket, what), group in same.items():
        late_s = max((each.at - opened_at.get(each.seq, each.at)).total_seconds() for each in group)
        is_counted = known[provider, ticket, what.removeprefix("note ")] > 0
        found += [Double(provider=provider, ticket=ticket, what=what, is_counted=is_counted, late_s=late_s) for _ in group[1:]]
    return found


def _said(effect: Effect) -> Iterator[str]:
    if "note" in effect.changes:
        words = str(effect.changes["note"][1])
        marker = MARKER.search(words)
        yield f"note {marker[1]}" if marker else f"unmarked note {words[:60]}"
    if "reply" in effect.changes:
        yield f"reply {' '.join(str(effect.changes['reply'][1]).split())}"


def overwrites(
    provider: str,
    effects: Sequence[Effect],
    calls: Sequence[Call],
    edits: Sequence[Edit],
    unknown: Mapping[str, Sequence[Span]] | None = None,
) -> tuple[list[str], list[str]]:
    """(writes over a person's edit, those of them that fall in the stated windows).

    Wrong is a write of a field that a person had changed after our own last write of it, and, where the helpdesk checks
    conditions (Zendesk), any write over an edit that came after our last read. In a window: the edit came after our last
    read before the write, at a helpdesk that checks nothing; or it took back a write whose answer was lost, before that was
    read back (`unknown`: from its sending to its replacement, by ticket): nobody can tell then that it had ever landed.
    """
    wrong, window = [], []
    reads: dict[str, list[Span]] = defaultdict(list)
    sent_at = {each.seq: each.at for each in calls}
    for call in calls:
        if call.method == "GET" and call.ticket is not None and call.status == 200:
            # What is edited while a read is under way the read may have seen. One that was made slow saw what was there at first.
            ends_after_s = 0.0 if call.fault else call.duration_s
            reads[call.ticket].append((call.at, call.at + timedelta(seconds=ends_after_s)))
    wrote: dict[tuple[str, str], datetime] = {}
    of_ticket: dict[tuple[str, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        of_ticket[edit.ticket, edit.field].append(edit)
    for effect in effects:
        for name in _fields(effect):
            place = (str(effect.ticket), name)
            ours_before, wrote[place] = wrote.get(place), effect.at
            before = [each for each in of_ticket[place] if each.at < effect.at]
            if not before:
                continue
            edit_at = before[-1].at
            if ours_before is not None and ours_before > edit_at:
                continue  # judged at that earlier write
            sent = sent_at.get(effect.seq, effect.at)
            read_at = max((until for at, until in reads[place[0]] if at <= sent), default=None)
            is_unseen = read_at is None or edit_at >= read_at
            told = f"{provider} {place[0]} {name}: edited {edit_at:%H:%M:%S.%f}, written {effect.at:%H:%M:%S.%f}"
            if is_unseen and provider == "zendesk":
                wrong.append(told + " without a condition that held")
            elif is_unseen:
                window.append(told)
            elif ours_before is not None:
                spans = (unknown or {}).get(place[0], ())
                was_unknown = any(sent <= ours_before and edit_at <= replaced <= effect.at for sent, replaced in spans)
                (window if was_unknown else wrong).append(
                    f"{told} though it was read before ({_history(sent, read_at, ours_before, spans)})"
                )
    return wrong, window


def _history(sent: datetime, read_at: datetime | None, ours_before: datetime, spans: Sequence[Span]) -> str:
    unknown = ", ".join(f"{begun:%M:%S.%f} to {ended:%M:%S.%f}" for begun, ended in spans) or "never"
    last = f"{read_at:%M:%S.%f}" if read_at else "never"
    return f"sent {sent:%M:%S.%f}, read {last}, ours before {ours_before:%M:%S.%f}, unknown {unknown}"


def unknown_outcomes(connection: Connection) -> dict[str, dict[str, list[Span]]]:
    """By account and ticket: from when to when nobody knew what had become of a request that was then made anew."""
    found: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    rows = connection.execute(
        select(runs.c.account, runs.c.external_id, requests.c.sent_at, requests.c.settled_at)
        .join(runs, runs.c.id == requests.c.run_id)
        .where(requests.c.state == "replaced", requests.c.attempts > 0, requests.c.sent_at.is_not(None))
    )
    for row in rows:
        found[row.account][row.external_id].append((row.sent_at, row.settled_at))
    return found


def _fields(effect: Effect) -> Iterator[str]:
    """The fields that the write changed, by the words of `Edit.field`."""
    if "priority" in effect.changes:
        yield "priority"
    before, after = effect.changes.get("tags", (None, ()))
    added = {after} if isinstance(after, str) else {*(after or ())} - {*(before or ())}
    yield from (f"tag:{tag}" for tag in sorted(added))


def first_writes(effects: Iterable[Effect]) -> dict[str, datetime]:
    """When the first write of ours landed in each ticket."""
    found: dict[str, datetime] = {}
    for effect in effects:
        found.setdefault(str(effect.ticket), effect.at)
    return found


def missing(provider: str, view: TicketView, edits: Sequence[Edit], first_write: datetime | None) -> list[str]:
    """What the rule wants and the ticket has not: the tag, and a note after the customer's newest message.

    A ticket that an agent had answered before Deskhand wrote anything may have been met when nobody waited any more.
    """
    if view.subject != DOWN or view.is_deleted or view.status == "closed":
        return []
    found = []
    answered_at = min((each.at for each in view.replies if not each.by_bot), default=None)
    was_served = answered_at is not None and (first_write is None or first_write > answered_at)
    was_taken_off = any(each.field == f"tag:{SEEN}" for each in edits)
    if SEEN not in view.tags and not was_taken_off and not was_served:
        found.append(f"{provider} {view.id}: no tag {SEEN}")
    asked_at = max((each.at for each in view.messages if each.is_from_customer), default=None)
    answered = any(asked_at and each.at >= asked_at for each in view.replies)
    noted = any(asked_at and each.at >= asked_at - SECOND for each in view.bot_notes)  # some vendors' stamps are whole seconds
    if not noted and not answered:
        found.append(f"{provider} {view.id}: no note after the customer's newest message")
    return found


# the database


def overlapping(rows: Sequence[Mapping[str, Any]], since: datetime | None = None) -> list[str]:
    """Runs of one ticket of which a later one began before an earlier one had ended; and runs that never ended.

    When a run began is in its id, which no wrong clock touches; an end before `since` or in the future was stamped by one.
    """
    found = [f"run {each['id']} is {each['state']}" for each in rows if each["state"] not in ENDED_RUNS]
    of_ticket: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        of_ticket[row["account"], row["kind"], row["external_id"]].append(row)
    now = datetime.now(UTC)
    for key, its in of_ticket.items():
        its.sort(key=lambda each: str(each["id"]))
        for earlier, later in itertools.pairwise(its):
            ended_at = earlier["finished_at"]
            is_known = ended_at is not None and ended_at <= now and (since is None or ended_at >= since)
            if is_known and ended_at > began_at(later["id"]) + GRAIN and earlier["state"] != "abandoned":
                found.append(f"{'/'.join(key)}: run {later['id']} began before {earlier['id']} had ended at {ended_at}")
            if earlier["token"] >= later["token"]:
                found.append(f"{'/'.join(key)}: run {later['id']} has no newer lease than {earlier['id']}")
    return found


def began_at(run_id: str) -> datetime:
    """A UUIDv7 begins with its millisecond."""
    return datetime.fromtimestamp((uuid.UUID(run_id).int >> 80) / 1000, UTC)


def integrity(engine: Engine) -> list[str]:
    """SQLite's own check; for PostgreSQL that every table can be read."""
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            said = [str(each) for each in connection.execute(text("PRAGMA integrity_check")).scalars()]
            return [] if said == ["ok"] else said[:5]
        return _unreadable(connection)


def _unreadable(connection: Connection) -> list[str]:
    tables = connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars().all()
    for name in tables:
        connection.execute(text(f"select count(*) from {name}")).scalar_one()
    return []


def strict_doctor(run: World) -> list[str]:
    """`deskhand doctor --strict` must be content: R10."""
    command = [sys.executable, "-m", "bot.cli", "doctor", "--strict", "--config", str(run.config.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 0:
        return []
    told = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("ILL")]
    return [f"doctor --strict: {line}" for line in told or ["exit 1"]]
