"""The databases that earlier versions filled (tests/store/filled.py) open, migrate and go on with this one, on both servers.

A row that this version cannot read, a stored run that it decides otherwise, or a stored plan that it cannot carry out is found
here and not at the update of somebody's installation.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from adapters.ticket import TicketKey, TicketKind
from bot.config import RetentionSettings
from bot.maintenance.erase import erase
from bot.maintenance.retention import Sweep
from bot.pipeline.claim import run_ticket
from bot.rulesets.active import load_stored
from bot.store import drafts, runs
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate, require_current
from bot.store.database.schema import metadata
from bot.store.rules import rule_sets
from bot.writes import planner
from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import decision_hash, facts_hash
from sandbox.stories.config import SECRETS, write_config
from tests.cli.conftest import Run
from tests.cli.conftest import deskhand_command as deskhand_command
from tests.harness.deskhand import ANNA, DESKS, NINA, PROVIDERS, Running, delivered, deskhand
from tests.harness.servers import empty_database, wait_for
from tests.parity.playing import MovedClock, seconds_pass
from tests.store import filled

LATER = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
# Tables that no version had which such a database is kept of.
SINCE = {"ticket_texts", "dictionaries", "rule_looks", "refused_writes", "opinions"}
each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture(params=filled.names())
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database as the older version left it, as a SQLite file."""
    path = tmp_path / "old.sqlite3"
    filled.put(request.param, path)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, kept: Path) -> Iterator[str]:
    """The same migrated to this version."""
    if request.param == "sqlite":
        yield migrated(f"sqlite:///{kept}")
        return
    with empty_database(request.getfixturevalue("postgres_server")) as made:
        engine = make_engine(made)
        filled.pour(kept, engine)
        engine.dispose()
        yield migrated(made)


@pytest.fixture
def engine(url: str) -> Engine:
    return make_engine(url)


def migrated(url: str) -> str:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()
    return url


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            name: connection.execute(select(func.count()).select_from(each)).scalar_one()
            for name, each in metadata.tables.items()
        }


def stored_runs(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        whole = [runs.find(connection, row["id"]) for row in runs.newest(connection, 1000)]
    return [row for row in whole if row is not None and row["facts"]]


def test_it_opens_with_rows_in_every_table(engine: Engine) -> None:
    require_current(engine)

    assert [name for name, count in counts(engine).items() if not count and name not in SINCE] == []


def test_every_stored_run_is_decided_the_same_again(engine: Engine) -> None:
    rules: dict[str, RuleSet] = {}
    odd: list[str] = []
    for row in stored_runs(engine):
        if row["rules_hash"] not in rules:
            with reading(engine) as connection:
                found = rule_sets.find(connection, row["rules_hash"])
            assert found
            rules[row["rules_hash"]] = load_stored(*found)
        facts = facts_from_json(json.loads(row["facts"]))
        decision = decide(rules[row["rules_hash"]], facts)
        now = (facts_hash(facts), rules[row["rules_hash"]].hash, decision_hash(decision, planner.hashed_writes(facts, decision)))
        odd += [] if now == (row["facts_hash"], row["rules_hash"], row["decision_hash"]) else [row["id"]]

    assert odd == []


def test_commands_show_what_it_holds(deskhand_command: Run, engine: Engine, url: str, tmp_path: Path) -> None:
    configured(tmp_path, url)
    run = next(each["id"] for each in stored_runs(engine) if '"line-down"' in each["decision"])

    listed = [json.loads(line) for line in deskhand_command("runs", "--limit", "1000").stdout.splitlines()]
    dead = [json.loads(line) for line in deskhand_command("dead", "list").stdout.splitlines()]

    assert {each["state"] for each in listed} == {"done", "waiting", "planned"}
    assert {each["ticket"].partition("/")[0] for each in dead if "ticket" in each} == set(PROVIDERS)
    assert sum("run" in each for each in dead) == len(PROVIDERS)  # public replies whose outcome nobody knows
    assert deskhand_command("replay", run).exit_code == 0
    assert "line-down" in deskhand_command("why", run, "--rule", "line-down").stdout


def test_its_drafts_can_be_read(engine: Engine) -> None:
    with reading(engine) as connection:
        states = Counter(connection.execute(select(metadata.tables["drafts"].c.state)).scalars())
        found = [each.state for key in tickets_of(engine) for each in drafts.in_state(connection, key, *states)]

    assert Counter(found) == states
    assert set(states) >= {"live", "sent", "rejected"}


def test_a_person_can_be_erased_from_it(engine: Engine) -> None:
    done = erase(engine, NINA, PROVIDERS)

    assert (done.is_whole, done.rows["tickets"]) == (True, 4 * len(PROVIDERS))
    with reading(engine) as connection:
        left = [
            name for name, each in metadata.tables.items() if "nina" in str(connection.execute(select(each)).all()).casefold()
        ]
    assert left == []


def test_what_is_kept_too_long_goes_from_it(engine: Engine) -> None:
    sweep = Sweep(engine, RetentionSettings(), LATER + timedelta(days=4000))
    while sweep.step():
        pass

    assert states_in(engine, "deliveries") == {"pending", "parked"}
    assert states_in(engine, "runs") == {"planned", "waiting"}
    assert counts(engine)["rule_firings"] == 0


def states_in(engine: Engine, table: str) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(select(metadata.tables[table].c.state)).scalars())


@each_helpdesk
def test_work_goes_on_where_it_stopped(tmp_path: Path, url: str, provider: str) -> None:
    """On a helpdesk with the same tickets: the first gets a new message, the last one's worker had died with the plan stored."""
    clock = MovedClock(LATER)
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=clock)
    with seconds_pass(), deskhand(tmp_path / "now", provider, desk=desk, clock=clock, database=url, queue="embedded") as run:
        told, desk.webhooks.target = desk.webhooks.target, None
        first = filled.first_ticket(desk)
        others = [desk.create_ticket(requester=NINA, subject=filled.HALF_DONE, body="Down again.") for _ in range(6)]
        for _ in range(50):  # message numbers go on counting: a new message has none that the database knows
            desk.agent_note(others[0], "Counted.", ANNA)
        desk.webhooks.target = told
        before = len(run.newest_runs(first))
        desk.customer_reply(first, "It is down again, and we want to cancel.")
        delivered(desk)
        clock.move(timedelta(minutes=1))

        wait_for("the end of the new message's run", partial(is_worked_on, run, first, before + 1))
        wait_for("the end of the half done run", partial(is_worked_on, run, others[-1], 1))

        assert [row["state"] for row in run.newest_runs(others[-1])] == ["done"]
        assert len(run.view(others[-1]).bot_notes) == 1
        newest, *older = run.newest_runs(first)
        assert (newest["state"], "customer.replied" in json.loads(newest["events"]), len(older)) == ("done", True, before)


def is_worked_on(run: Running, ticket: str, count: int) -> bool:
    """One claim more, where it is time for one: a settle time may have to pass, a webhook to arrive. Are so many runs over?"""
    run_ticket(run.key(ticket), run.parts)
    states = [row["state"] for row in run.newest_runs(ticket)]
    return len(states) >= count and set(states) <= {"done", "waiting"}


def tickets_of(engine: Engine) -> list[TicketKey]:
    table = metadata.tables["tickets"]
    with reading(engine) as connection:
        rows = connection.execute(select(table.c.account, table.c.kind, table.c.external_id)).all()
    return [TicketKey(row.account, TicketKind(row.kind), row.external_id) for row in rows]


def configured(folder: Path, url: str) -> None:
    """config.yaml of the three accounts on this database; nobody answers at their addresses."""
    write_config(folder, dict.fromkeys(PROVIDERS, "http://127.0.0.1:1"), 0, LATER, database=url)
