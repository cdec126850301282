"""A filled database of one version, kept for the later ones: `python -m tests.store.filled NAME` makes it.

Three accounts tell stories of the stand-ins' invented people through a whole Deskhand on one SQLite file, so that every table
has rows as that version writes them. It is kept as SQL text in tests/fixtures/databases/NAME.sql.gz and never made anew: what
matters is that it is old. tests/end_to_end/test_filled_database.py opens each of them. Make one from a checkout of each release.
"""

from __future__ import annotations

import gzip
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Engine, insert, inspect, select, text, update

import bot.store
from adapters.ticket import TicketKey, TicketKind
from bot.log import set_up
from bot.process.failpoints import Name
from bot.rulesets import versions
from bot.rulesets.active import all_packs
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import processes, system_times
from bot.store.database import schema
from bot.store.database.engine import make_engine
from bot.store.database.migrate import current, migrate
from bot.store.database.schema import metadata
from bot.store.duplicate_notes import Double, record
from sandbox.desk import Desk
from sandbox.stories.config import SECRETS
from tests.harness.bench_in_memory import Killed
from tests.harness.deskhand import ANNA, DESKS, FLOW, NINA, PROVIDERS, Running, delivered, deskhand
from tests.parity.playing import MovedClock, seconds_pass

FOLDER = Path(__file__).parents[1] / "fixtures" / "databases"
STARTS_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HARRY = "harry.hobby@hobby.example"
TOMORROW = timedelta(hours=26)
EARLIER = "an-earlier-boot"
ASIDE = "Two bots talk"  # what set-aside and half-done work is about, for those who look for it
HALF_DONE = "Half done: the line is down"
RULES = """
rules:
  - id: line-down
    name: A line is down
    when: {subject: {has_any: [down, outage]}}
    then:
      - raise_priority: urgent
      - toggle_tag: line-down
      - assign_team: Senior
      - propose_macro: VIP acknowledgement
      - draft_reply: {tone: executive}
      - follow_up: {after: 4h, text: Ask whether the line is up.}
      - notify: {channel: on-call, text: A line is down.}
  - id: bots
    when: {text: {has: automatic answer}}
    then: [{add_note: A machine wrote.}, {add_tags: [machine]}]
"""


def fill(folder: Path) -> Path:
    """The filled SQLite file."""
    path = folder / "deskhand.sqlite3"
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with seconds_pass(), ExitStack() as stack:
        told = [stack.enter_context(_account(folder, provider, f"sqlite:///{path}")) for provider in PROVIDERS]
        for tell in (_accepted, _yielded, _unheard, _two_bots, _waits, _half_done):  # from the last two on there is work left
            for each in told:
                tell(each)
                each.clock.move(TOMORROW)
    _rest(engine)
    engine.dispose()
    return path


def first_ticket(desk: Desk) -> str:
    """The ticket that each account's stories begin with: a new stand-in gives it the number that it has in the database."""
    return desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")


@dataclass(frozen=True, slots=True)
class Told:
    """One account's Deskhand, and the clock of both sides."""

    run: Running
    clock: MovedClock

    @property
    def desk(self) -> Desk:
        return self.run.desk

    def settle(self) -> None:
        delivered(self.desk)
        self.clock.move(timedelta(seconds=10))
        self.run.settle(120)


@contextmanager
def _account(folder: Path, provider: str, database: str) -> Iterator[Told]:
    clock = MovedClock(STARTS_AT)
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=clock)
    flow = {**FLOW, "rest_s": 0.0, "runs_per_hour": 3, "lease_s": 600.0, "snapshot_fresh_s": 600.0}
    rules = [*all_packs(), str(folder / "rules.yaml")]
    options: dict[str, Any] = {"flow": flow, "clock": clock, "desk": desk, "database": database, "queue": "embedded"}
    with deskhand(folder / provider, provider, rules=rules, **options) as run:
        versions.take_up(run.parts.engine, run.config, clock(), author="Lena Lead", reason="first version")
        run.parts.rulebook.forget()
        yield Told(run, clock)


def _accepted(told: Told) -> None:
    ticket = first_ticket(told.desk)
    told.settle()
    told.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
    told.settle()


def _yielded(told: Told) -> None:
    """An agent decides otherwise and answers, the follow-up comes due, and the customer wants to leave."""
    ticket = told.desk.create_ticket(requester=NINA, subject="Line two is down", body="It is terribly slow, please help.")
    told.settle()
    told.desk.agent_update(ticket, agent=ANNA, priority="low", tags_remove=["line-down"])
    told.desk.agent_reply(ticket, "We look into it.", agent=ANNA)
    told.settle()
    told.clock.move(timedelta(hours=5))
    parts = told.run.parts
    Ticker(TickerParts(config=parts.config, engine=parts.engine, bell=parts.bell, clock=told.clock, owner="fixture")).bring_due()
    told.desk.customer_reply(ticket, "Still down! I want to cancel our contract.")
    told.settle()


def _unheard(told: Told) -> None:
    """A reply whose outcome nobody knows waits for a person; a draft is rejected on another ticket."""
    ticket = told.desk.create_ticket(requester=NINA, subject="Line three is down", body="Please write back.")
    told.settle()
    method, path = ("PUT", r"/tickets/\d+$") if told.run.provider == "zendesk" else ("POST", "/reply$")
    told.desk.faults.order("reset_before", method=method, path=path)
    told.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
    told.settle()
    other = told.desk.create_ticket(requester=HARRY, subject="How do I export?", body="How do I export my data as CSV?")
    told.settle()
    told.desk.agent_update(other, agent=ANNA, tags_add=["dh-reject"])
    told.settle()


def _two_bots(told: Told) -> None:
    """Set aside by the loop cap."""
    ticket = told.desk.create_ticket(requester=HARRY, subject=ASIDE, body="This is an automatic answer.")
    for number in range(5):
        told.settle()
        told.desk.customer_reply(ticket, f"This is automatic answer number {number}.")
    told.settle()


def _waits(told: Told) -> None:
    """Stored, and nobody has worked on it yet."""
    told.desk.create_ticket(requester=HARRY, subject="Nobody has looked", body="Is anybody there?")
    delivered(told.desk)


def _half_done(told: Told) -> None:
    """The worker dies with the plan stored; in one account with its first request under way, for all that anybody knows."""
    ticket = told.desk.create_ticket(requester=NINA, subject=HALF_DONE, body="Down again.")
    delivered(told.desk)
    told.clock.move(timedelta(seconds=10))

    def die(name: Name) -> None:
        if name == ("intent_stored" if told.run.provider == "intercom" else "plan_stored"):
            raise Killed

    told.run.parts.checkpoint = die
    with suppress(Killed):
        told.run.work_on([told.run.key(ticket)])


def _rest(engine: Engine) -> None:
    """What no story leaves behind: rows of tables that only some hour, limit or accident fills."""
    now = STARTS_AT + timedelta(days=9)
    with engine.begin() as connection:
        ticket = connection.execute(select(schema.tickets).order_by(schema.tickets.c.external_id)).first()
        delivery = connection.execute(select(schema.deliveries).order_by(schema.deliveries.c.seq)).first()
        run = connection.execute(select(schema.runs).where(schema.runs.c.rules_hash != "")).first()
        assert ticket and delivery and run
        processes.seen(connection, "worker-1", "worker", "0.1.0", now)
        system_times.keep(connection, "retention_done", now)
        key = TicketKey(ticket.account, TicketKind(ticket.kind), ticket.external_id)
        record(connection, Double(key=key, marker="ABCD2345", first_id="1", second_id="2"), now)
        _forget_the_machine(connection)
        for table, row in _rows(delivery, run, now).items():
            connection.execute(insert(metadata.tables[table]), row)
        empty = [name for name, table in metadata.tables.items() if connection.execute(select(table).limit(1)).first() is None]
        assert not empty, empty


def _forget_the_machine(connection: Connection) -> None:
    """It was started anew since: leases, waits and sendings of another boot are over, or count from now."""
    for table in metadata.tables.values():
        for column in table.c:
            if column.name.endswith("boot"):
                connection.execute(update(table).where(column != "").values({column: EARLIER}))


def _rows(delivery: Any, run: Any, now: datetime) -> dict[str, dict[str, Any]]:
    return {
        "delivery_conflicts": {
            "id": "00000000-0000-7000-8000-000000000001",
            "account": delivery.account,
            "delivery_key": delivery.delivery_key,
            "received_at": now,
            "body": b"{}",
            "body_sha256": "0" * 64,
        },
        "rule_stops": {"rule": "vip-csm", "stopped_at": now, "author": "Lena Lead", "reason": "too loud"},
        "backtests": {
            "rules_hash": run.rules_hash,
            "against_hash": "0" * 64,
            "history_hash": "0" * 64,
            "looks": 7,
            "made_at": now,
        },
        "paces": {"account": "zendesk", "name": "updates", "boot": EARLIER, "whole_at": 1, "promised": 1},
        "locks": {"name": "an-earlier-lock", "owner": "ticker", "boot": EARLIER, "until": 1},
        "opinions": {
            "account": run.account,
            "kind": run.kind,
            "external_id": run.external_id,
            "message_id": "1",
            "asked_hash": "0" * 64,
            "state": "ready",
            "model": "your-model",
            "answer": '{"issues":[{"value":"how_to.files.export_import","span":"How do I export"}]}',
            "asked_at": now,
        },
        "model_use": {"day": "2026-03-02", "prompt_tokens": 900, "answer_tokens": 100, "calls": 2, "is_told": False},
    }


# as a file


def names() -> list[str]:
    """The versions of which there is a database."""
    return sorted(path.name.removesuffix(".sql.gz") for path in FOLDER.glob("*.sql.gz"))


def keep(path: Path, name: str) -> Path:
    """The database as SQL text; what a file holds beside its rows is SQLite's own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        text = "\n".join(connection.iterdump())
    target = FOLDER / f"{name}.sql.gz"
    target.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    return target


def put(name: str, path: Path) -> None:
    """The kept database as a SQLite file."""
    text = gzip.decompress((FOLDER / f"{name}.sql.gz").read_bytes()).decode("utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(text)


def pour(path: Path, engine: Engine) -> None:
    """The rows of a kept database into an empty PostgreSQL, as that version's schema has it there."""
    old = make_engine(f"sqlite:///{path}")
    revision = current(old)
    assert revision
    _bring_to(engine, revision)
    with old.connect() as source, engine.begin() as target:
        for name in inspect(source).get_table_names():
            if name == "alembic_version":
                continue
            columns = [metadata.tables[name].c[each["name"]] for each in inspect(source).get_columns(name)]
            if rows := [dict(row._mapping) for row in source.execute(select(*columns))]:
                target.execute(insert(metadata.tables[name]), rows)
        target.execute(text("select setval('deliveries_seq_seq', (select max(seq) from deliveries))"))
    old.dispose()


def _bring_to(engine: Engine, revision: str) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(bot.store.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def main() -> int:
    set_up("error")
    with tempfile.TemporaryDirectory() as folder:
        made = keep(fill(Path(folder)), sys.argv[1])
    print(f"{made}: {made.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
