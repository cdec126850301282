"""P21: what is kept of a ticket, in bytes of the database's file by table, and whether it grows as the conversation does.

`python -m bench P21`. Played with the shipped rules, on SQLite: ordinary tickets of three runs on each helpdesk; a chat, with a
run for every two of its lines; mails of 64 kB; one of nearly a megabyte. What is kept once for all tickets (rules, words of
rules, cached people) is left out.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from sqlalchemy import Engine

from bench.goals import Goal, Outcome, Size, at_most, both
from bot.config import Settings
from bot.log import set_up
from bot.store.database.engine import reading
from bot.store.database.schema import metadata
from tests.end_to_end.api_calls import lift_budget
from tests.harness.deskhand import ANNA, NINA, PROVIDERS, Running, deskhand

GOAL_KB = 40.0
LINES = 67
TWICE = 2.1  # a rule remembers when it last fired, a hundred times: until then a run takes some bytes more than the last
ONCE = {"rule_sets", "rule_versions", "rule_looks", "dictionaries", "accounts", "processes", "moments", "locks", "reference"}
PEOPLE = (NINA, "gina.globe@globex.example", "ivan.initech@initech.example", "hana.hobby@hobby.example")
OPENED = {
    "Production is down": "Every call to your API returns 503 since half past nine, and nobody can log in. Please help at once!",
    "How do I export my data?": "Hello,\n\nhow do I export my contacts as a CSV file? I could not find it.\n\nThank you, Hana",
    "Charged twice": "Hello, invoice 2026-1147 was charged twice to our card. Could you refund one of the two, please?",
    "We want to cancel": "This is the third time that the sync fails. We look at other vendors and want to cancel our contract.",
    "Password reset": "I asked for a new password four times this morning and no mail arrived, not in the spam folder either.",
    "Feature request: dark mode": "It would be nice to have a dark mode in the editor, my eyes would thank you. No hurry at all.",
}
ANSWERED = "Thank you for your patience. I looked into your account and cannot see anything wrong there. Which browser is it?"
REPLIED = "It is Firefox on two machines, and Chrome on a third. It began after the update of last Thursday, all of us see it."
_SAID = (
    "window table folder report export button colour number second yellow slowly always before behind customer morning "
    "invoice account update letter market garden winter summer orange silver copper simple double answer"
)
WORDS = _SAID.split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bytes by table, indexes included, of `tickets` tickets with `runs` runs."""

    tickets: int
    runs: int
    tables: Counter[str]

    @property
    def kb(self) -> float:
        return self.tables.total() / self.tickets / 1000

    def __str__(self) -> str:
        shares = ", ".join(f"{name} {size / self.tickets / 1000:.1f}" for name, size in self.tables.most_common(8))
        return f"{self.kb:.1f} kB a ticket, {self.runs / self.tickets:.1f} runs ({shares})"


def ordinary(run: Running, count: int) -> None:
    """Tickets with a question, a colleague's answer and the customer's: three runs each."""
    for number in range(count):
        subject, body = list(OPENED.items())[number % len(OPENED)]
        ticket = run.desk.create_ticket(requester=PEOPLE[number % len(PEOPLE)], subject=subject, body=f"{body} ({number})")
        run.settle()
        run.desk.agent_reply(ticket, ANSWERED, agent=ANNA)
        run.settle()
        run.desk.customer_reply(ticket, f"{REPLIED} ({number})")
        run.settle()


def chat(run: Running, lines: int) -> None:
    """Short lines of one customer, a run for every two of them."""
    chance = Random(1)
    ticket = run.desk.create_ticket(requester=PEOPLE[0], subject="A chat", body="Hello, is anybody there?")
    for number in range(1, lines):
        run.desk.customer_reply(ticket, " ".join(chance.choices(WORDS, k=8)))
        if number % 2:
            run.settle()
    run.settle()


def mails(run: Running, count: int, letters: int) -> None:
    """Mails of so many letters, each of other words."""
    ticket = run.desk.create_ticket(requester=PEOPLE[0], subject="The log that you asked for", body=_log(letters, 0))
    run.settle()
    for number in range(1, count):
        run.desk.customer_reply(ticket, _log(letters, number))
        run.settle()


def _log(letters: int, seed: int) -> str:
    chance, made = Random(seed), ""
    while len(made) < letters:
        worker, took_s = chance.randrange(9999), chance.random()
        made += f"2026-11-21 09:{chance.randrange(60):02} worker {worker} took {took_s:.6f} s over {chance.choice(WORDS)}; "
    return made[:letters]


@contextmanager
def at_work(provider: str) -> Iterator[Running]:
    """A Deskhand with the shipped rules that looks at every event at once, however many came."""
    set_up("error")
    packs = Settings.model_fields["rules"].default
    flow = {
        "rest_s": 0.0,
        "message_runs_per_hour": 10_000,
        "runs_per_hour": 10_000,
        "runs_per_day": 10_000,
        "late_run_every_s": 0,
    }
    with tempfile.TemporaryDirectory() as folder, deskhand(Path(folder), provider, rules=packs, flow=flow) as run:
        lift_budget(run)
        yield run


def kept(provider: str, play: Callable[[Running], object], tickets: int = 1) -> Kept:
    """What a Deskhand keeps of what is played to it."""
    with at_work(provider) as run:
        before = by_table(run.parts.engine)
        play(run)
        with reading(run.parts.engine) as connection:
            runs = int(connection.exec_driver_sql("select count(*) from runs").scalar_one())
        return Kept(tickets=tickets, runs=runs, tables=by_table(run.parts.engine) - before)


def by_table(engine: Engine) -> Counter[str]:
    """Bytes of each table with its indexes, without those in ONCE."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("select name, tbl_name from sqlite_schema")
        owners: dict[str, str] = {row.name: row.tbl_name for row in rows}
        found: Counter[str] = Counter()
        for name, size in connection.exec_driver_sql("select name, sum(pgsize) from dbstat group by name"):
            found[owners.get(name, name)] += size
    return Counter({name: size for name, size in found.items() if name in metadata.tables and name not in ONCE})


def ordinary_tickets(count: int) -> dict[str, Kept]:
    """By helpdesk."""
    return {provider: kept(provider, lambda run: ordinary(run, count), count) for provider in PROVIDERS}


def bytes_of_a_ticket(size: Size) -> Outcome:
    """P21."""
    found = ordinary_tickets(size.of(60, 12))
    average = mean(each.kb for each in found.values())
    once, twice = (kept("intercom", lambda run, lines=lines: chat(run, lines)) for lines in (LINES, 2 * LINES))  # type: ignore[misc]
    letters = {
        "a chat": once,
        "a chat twice as long": twice,
        "five mails of 64 kB": kept("zendesk", lambda run: mails(run, 5, 64_000)),
        "two of 400 kB": kept("intercom", lambda run: mails(run, 2, 400_000)),
    }
    notes = [f"{name}: {each}" for name, each in (found | letters).items()]
    ordinary = Outcome(figure=f"{average:.1f}kB", goal=f"<={GOAL_KB:g}kB", is_met=average <= GOAL_KB, notes=tuple(notes))
    return both(ordinary, at_most(twice.kb / once.kb, TWICE))


GOALS = (Goal(name="P21", title="bytes kept of a ticket; of a conversation twice as long", measure=bytes_of_a_ticket),)
