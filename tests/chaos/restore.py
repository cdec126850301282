"""R17: a copy taken under load is restored, vendors send the gap again and the poll finds the rest: no note is written twice.

python -m tests.chaos.restore --seed 1 --count 24

A round: people write and change tickets while workers work, and now and then die; in the midst of it the database is copied;
all of it is worked off. Then the machine is lost: the database is as it was in the copy. Vendors send a share of everything
again, in any order, the poll finds tickets, customers write anew. Every customer message carries a word of its own, and every
suggested reply the word that it answers: no word may stand in two notes.
"""

from __future__ import annotations

import random
import re
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from bot.drafts import Draft, DraftAsk
from bot.drafts.note import marker_in
from bot.pipeline.claim import run_ticket
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import accounts, tickets
from bot.store.database.engine import reading
from bot.store.database.schema import drafts, metadata
from tests.chaos.desks import free_desk
from tests.chaos.goal import Shown, command, zero
from tests.harness.deskhand import PROVIDERS, Running, delivered, deskhand
from tests.harness.servers import migrated_database, postgres_server

RULES = """rules:
  - id: each-message
    when: {subject: {known: true}}
    then: [{add_tags: [seen]}, {draft_reply: {}}]
  - id: once
    on: [tags.changed]
    when: {tags: {has: look}}
    then: [{add_note: Somebody put the tag on it.}]
  - id: later
    when: {subject: {has: later}}
    then: [{follow_up: {after: 2 s, text: Remember the callback.}}]
"""
ONCE = ("Somebody put the tag on it.", "Remember the callback.")
FLOW = {
    "runs_per_hour": 1000,
    "runs_per_day": 1000,
    "lease_s": 1.0,
    "settle_s": 1.0,
    "rest_s": 0.05,
    "rest_most_s": 0.05,
    "late_run_every_s": 0,
}
WORD = re.compile(r"\bW[0-9]{5}\b")
AGENTS = ("anna.agent@example.com", "ben.agent@example.com", "lead.lena@example.com")
PEOPLE = ("nina.network@northwind.example", "gina.globe@globex.example", "ivan.initech@initech.example", "hana@hobby.example")
TICKETS = 8  # of each round
HAPPENINGS = 24  # of each round, before the machine is lost
WORKERS = 2


class Died(BaseException):
    """A worker is gone, on some line of its run."""


class WordDrafter:
    """Answers each message by its word, now and then too late for the run's own note."""

    def __init__(self, late: bool) -> None:
        self._late = late

    def draft(self, ask: DraftAsk) -> Draft:
        word = WORD.findall(ask.ticket.last_customer_message.body_text if ask.ticket.last_customer_message else "")[-1]
        if self._late and int(word[1:]) % 5 == 0:
            time.sleep(0.3)
        return Draft(text=f"An answer to {word}.", language="en")


# copies


def copy_of(engine: Engine, file: Path) -> Callable[[], None]:
    """A consistent copy of the database, taken now, under load; the function puts it back in the place of what is there."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(file)) as target:
            source.backup(target, pages=16)
        return lambda: _put_file_back(engine, file)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        kept = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in metadata.sorted_tables
        }
    return lambda: _put_rows_back(engine, kept)


def _put_file_back(engine: Engine, file: Path) -> None:
    engine.dispose()
    place = Path(str(engine.url.database))
    for name in (f"{place.name}-wal", f"{place.name}-shm", place.name):
        (place.parent / name).unlink(missing_ok=True)
    place.write_bytes(file.read_bytes())


def _put_rows_back(engine: Engine, kept: Mapping[str, list[dict[str, Any]]]) -> None:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
            if kept[table.name]:
                connection.execute(table.insert(), kept[table.name])


# the load


@dataclass(slots=True)
class Load:
    """People at one helpdesk, from a seed. `words`: the newest word of each ticket."""

    run: Running
    dice: random.Random
    tickets: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    spoken: int = 0

    def word(self) -> str:
        self.spoken += 1
        return f"W{self.spoken:05d}"

    def happen(self) -> None:
        """One thing that somebody does to one of the newest tickets."""
        what = self.dice.random()
        if what < 0.3 or not self.tickets:
            self.open()
            return
        ticket, agent = self.dice.choice(self.tickets[-TICKETS:]), self.dice.choice(AGENTS)
        if what < 0.65:
            self.write(ticket)
        elif what < 0.8:
            self.run.desk.agent_update(ticket, agent=agent, tags_add=["look"])
        elif what < 0.9:
            self.run.desk.agent_update(ticket, agent=agent, priority=self.dice.choice(("low", "high", "urgent")))
        else:
            self.run.desk.agent_note(ticket, "I look at it.", agent)

    def open(self) -> None:
        word, subject = self.word(), self.dice.choice(("A question", "Please call me later"))
        ticket = self.run.desk.create_ticket(requester=self.dice.choice(PEOPLE), subject=subject, body=f"My word is {word}.")
        self.tickets.append(ticket)
        self.words[ticket] = word

    def write(self, ticket: str) -> None:
        word = self.word()
        self.run.desk.customer_reply(ticket, f"And now it is {word}.")
        self.words[ticket] = word


@contextmanager
def workers(run: Running, deaths: float, seed: int) -> Iterator[None]:
    """Workers until the end of the block; each dies at this share of the places that it passes, and another comes."""
    over = threading.Event()
    dice = random.Random(seed)

    def checkpoint(name: str) -> None:
        if name not in ("received", "stored") and dice.random() < deaths:
            raise Died

    def work() -> None:
        while not over.is_set():
            with reading(run.parts.engine) as connection:
                ready = tickets.ready(connection)
            for key in ready:
                try:
                    run_ticket(key, run.parts)
                except Died:
                    continue
            over.wait(0.02)

    run.parts.checkpoint = checkpoint
    threads = [threading.Thread(target=work, name=f"worker-{number}") for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        run.parts.checkpoint = lambda _: None


def settle(run: Running, timeout_s: float = 300.0) -> None:
    """Work until nothing is left, times to come and drafts to be written included."""
    ends_at = time.monotonic() + timeout_s
    while time.monotonic() < ends_at:
        ticker_of(run).bring_due()
        run.settle(timeout_s)
        with reading(run.parts.engine) as connection:
            asked = connection.execute(select(drafts.c.id).where(drafts.c.state == "asked")).first()
            due = connection.exec_driver_sql(
                "select count(*) from due where state = 'waiting' and what = 'follow_up'"
            ).scalar_one()
        if asked is None and not due and not any(thread.name == "drafting" for thread in threading.enumerate()):
            return
        time.sleep(0.1)
        if asked is not None and not any(thread.name == "drafting" for thread in threading.enumerate()):
            _ask_again(run)
    raise TimeoutError(f"left: drafts {asked}, {due} times to come, threads {[each.name for each in threading.enumerate()]}")


def _ask_again(run: Running) -> None:
    """The writing threads are gone with their workers: as the ticker does after a minute."""
    past = ticker_of(run, after=timedelta(minutes=5))
    past.ask_again()


def ticker_of(run: Running, after: timedelta = timedelta(0)) -> Ticker:
    parts, clock = run.parts, run.parts.clock
    return Ticker(
        TickerParts(config=run.config, engine=parts.engine, bell=parts.bell, clock=lambda: clock() + after, owner="restore")
    )


# a round


@dataclass(slots=True)
class Found:
    """What a checker saw. `missing`: newest messages that no note answers."""

    doubles: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    notes: int = 0
    rounds: int = 0

    def add(self, other: Found) -> None:
        self.doubles += other.doubles
        self.missing += other.missing
        self.notes += other.notes
        self.rounds += other.rounds


def one_round(run: Running, load: Load, folder: Path, seed: int) -> None:
    """Load with a copy in its midst, everything worked off, the copy restored, the gap sent again, everything worked off."""
    dice, desk = load.dice, run.desk
    copied_at = dice.randrange(2, HAPPENINGS - 4)
    sent_before = len(desk.webhooks.sent)
    put_back: Callable[[], None] | None = None
    with workers(run, 0.02, seed):
        for number in range(HAPPENINGS):
            load.happen()
            time.sleep(dice.uniform(0, 0.08))
            if number == copied_at:
                put_back = copy_of(run.parts.engine, folder / f"copy-{seed}.sqlite3")
        delivered(desk)
        if dice.random() < 0.5:  # else the machine is lost in the midst of its work
            time.sleep(1.0)
    if dice.random() < 0.5:
        settle(run)
    _wait_for_drafts()
    assert put_back is not None
    put_back()

    gap = desk.webhooks.sent[max(0, sent_before - 5) :]
    again = [each for each in gap if dice.random() < 0.6]
    dice.shuffle(again)
    with workers(run, 0.02, seed + 1):
        for delivery in again:
            desk.webhooks.again(delivery)
        for ticket in load.tickets[-TICKETS:]:
            if dice.random() < 0.3:
                load.write(ticket)
        delivered(desk)
    poll(run)
    settle(run)


def _wait_for_drafts() -> None:
    """A process that is gone writes nothing more: here its threads have to end first."""
    for thread in threading.enumerate():
        if thread.name == "drafting":
            thread.join(5)


def poll(run: Running) -> None:
    """The reconcile poll, as if its time had come."""
    with run.parts.engine.begin() as connection:
        cursor = accounts.state(connection, run.provider).poll_cursor
        accounts.keep_poll(connection, run.provider, cursor, run.parts.clock() - timedelta(days=1))
    ticker_of(run).reconcile(run.config.settings.account(run.provider))


def check(run: Running, load: Load) -> Found:
    """Every word in one note at most, what is said once said once; the newest word of each ticket in one note at least."""
    found = Found(rounds=0)
    for ticket in load.tickets:
        notes = [note.text for note in run.view(ticket).bot_notes]
        found.notes += len(notes)
        answered = Counter(word for text in notes for word in set(WORD.findall(text.partition("An answer to")[2])))
        said = Counter(words for text in notes for words in ONCE if words in text)
        for what, times in (answered + said).items():
            if times > 1:
                markers = sorted(marker_in(text) for text in notes if what in text)
                found.doubles[f"{run.provider} {ticket}: {what} in {' '.join(markers)}"] = times - 1
        if load.words[ticket] not in answered:
            found.missing.append(f"{run.provider} {ticket}: {load.words[ticket]}")
    return found


def attack(provider: str, folder: Path, seed: int, rounds: int, database: str | None = None, *, late: bool = True) -> Found:
    """`rounds` at one helpdesk on one database."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    with deskhand(
        folder,
        provider,
        rules=str(folder / "rules.yaml"),
        flow=FLOW,
        drafter=WordDrafter(late),
        desk=free_desk(provider, seed=seed),
        drafts={"patience_s": 0.15, "urgent_patience_s": 0.15},
        database=database,
        queue="embedded" if database else None,
    ) as run:
        load = Load(run, random.Random(f"{seed}/{provider}"))
        for number in range(rounds):
            one_round(run, load, folder, seed * 1000 + number * 2)
        found = check(run, load)
        found.rounds = rounds
        return found


def scenario(seed: int, count: int) -> Shown:
    total = Found()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-restore-")))
        server = stack.enter_context(postgres_server())
        each = max(1, count // (2 * len(PROVIDERS)))
        for provider in PROVIDERS:
            total.add(attack(provider, folder / provider, seed, each))
            with migrated_database(server) as url:
                total.add(attack(provider, folder / f"{provider}-pg", seed, each, url))
    notes = [
        f"{total.rounds} restores on SQLite and PostgreSQL, {total.notes} notes, {len(total.missing)} newest messages without one"
    ]
    notes += [f"double: {what}" for what in sorted(total.doubles)] + [f"missing: {what}" for what in total.missing]
    return zero("R17", sum(total.doubles.values()), tuple(notes))


def main() -> int:
    return command("Back up under load, restore, send the gap again: no note twice.", 24, scenario)


if __name__ == "__main__":
    sys.exit(main())
