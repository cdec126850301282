"""Loop-proof (our first F7): a rule that goes round in a circle is held back on the ticket, the ticket is set aside, and a rule
that runs away is switched off for all, with a word where admins look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.ticket import Priority, Status, Team, TicketKey, TicketKind
from bot.cli.doctor.checks import look_at_rules
from bot.pipeline.claim import run_ticket
from bot.rulesets.versions import take_up
from bot.store import dead_letters, runs
from bot.store.database.engine import reading
from bot.store.rules import rule_firings
from rules.engine.decide import FLIPS_PER_HOUR, HELD_BACK
from tests.harness.in_memory import KEY, Bench
from tests.rules.lint.looping_rules import circle, drawn

pytestmark = pytest.mark.both_storages

FLAPS = """rules:
  - id: says
    on: [ticket.created, ticket.updated, customer.replied]
    when: {subject: {has: export}}
    then: [{toggle_tag: export}]
    tests: [{matches: {ticket: {subject: an export}}}]
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, rules=FLAPS, flow={"runs_per_hour": 99, "runs_per_day": 99})
    yield made
    made.close()


def key_of(number: int) -> TicketKey:
    return TicketKey(KEY.account, TicketKind.TICKET, str(1000 + number))


def change(bench: Bench, key: TicketKey, name: str, **fields: Any) -> None:
    """Somebody changes the ticket, and Deskhand looks at it, a minute later."""
    now = bench.desk.tickets.get(key) or replace(bench.desk.ticket, external_id=key.external_id, subject="", tags=frozenset())
    bench.desk.put(replace(now, **fields))
    bench.pass_time(60)
    bench.deliver(f"{key.external_id}-{name}", key)
    run_ticket(key, bench.parts)


def flap(bench: Bench, number: int, times: int) -> list[str]:
    """The subject names an export and then does not, so many times; why the rule did not fire each time, "" where it did."""
    key = key_of(number)
    for turn in range(times):
        change(bench, key, f"{turn}a", subject="an export")
        change(bench, key, f"{turn}b", subject="something else")
    with reading(bench.engine) as connection:
        found = [json.loads(row.decision) for row in reversed(runs.newest(connection, 99, key)) if row.decision]
    return [each.get("because", "") for row in found for each in row.get("rules", []) if each.get("matched")]


def stops(bench: Bench) -> list[rule_firings.Stop]:
    with reading(bench.engine) as connection:
        return rule_firings.stops(connection)


def test_a_rule_is_held_back_on_one_ticket_and_goes_on_on_others(bench: Bench) -> None:
    first = flap(bench, 1, FLIPS_PER_HOUR + 2)
    second = flap(bench, 2, 1)

    assert first == [""] * FLIPS_PER_HOUR + [HELD_BACK] * 2
    assert second == [""]
    assert stops(bench) == []


def test_a_rule_that_is_held_back_on_three_tickets_is_switched_off_for_all(bench: Bench) -> None:
    for number in (1, 2):
        flap(bench, number, FLIPS_PER_HOUR + 1)
    assert stops(bench) == []

    flap(bench, 3, FLIPS_PER_HOUR + 1)
    after = flap(bench, 4, 1)

    [stop] = stops(bench)
    assert (stop.rule, stop.author, after) == ("says", "deskhand", [])
    assert "held back on 3 tickets" in stop.reason
    with reading(bench.engine) as connection:
        found = [each for each in look_at_rules(connection) if each.what == "rule"]
    assert [each.is_warning for each in found] == [True]
    assert found[0].words.startswith("says is switched off since 2026-11-21")
    assert found[0].words.endswith(f"{stop.reason} (deskhand rules enable says)")


def test_a_rule_that_fires_too_often_is_switched_off_before_it_writes_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, rules=FLAPS, flow={"rule_firings_per_hour": 2})
    for number in range(4):
        change(bench, key_of(number), "a", subject="an export")

    tagged = ["export" in bench.desk.tickets[key_of(number)].tags for number in range(4)]
    with reading(bench.engine) as connection:
        newest = runs.find(connection, runs.newest(connection, 1)[0].id)

    assert tagged == [True, True, False, False]
    assert newest is not None
    assert json.loads(newest.facts)["switched_off"] == ["says"]
    assert [each.reason for each in stops(bench)] == ["fired 2 times within an hour"]
    bench.close()


def test_the_hour_goes_by_and_a_rule_may_say_itself_how_often(tmp_path: Path) -> None:
    own = FLAPS.replace("    then:", "    limits: {total_per_hour: 3}\n    then:")
    bench = Bench(tmp_path, rules=own, flow={"rule_firings_per_hour": 1})
    for number in range(2):
        change(bench, key_of(number), "a", subject="an export")
    bench.pass_time(3600)
    for number in range(2, 6):
        change(bench, key_of(number), "a", subject="an export")

    assert ["export" in bench.desk.tickets[key_of(number)].tags for number in range(6)] == [True] * 5 + [False]
    bench.close()


def test_a_rule_that_was_mended_counts_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, rules=FLAPS, flow={"rule_firings_per_hour": 1, "backtest_days": None})
    for number in range(2):
        change(bench, key_of(number), "a", subject="an export")
    (tmp_path / "rules.yaml").write_text(FLAPS.replace("has: export", "has: exports"), encoding="utf-8")
    object.__setattr__(bench.parts.config, "settings", bench.parts.settings.model_copy(update={"rules": ("rules.yaml",)}))

    taken = take_up(bench.engine, bench.parts.config, bench.desk.now, author="ada", reason="not so wide")
    bench.parts.rulebook.forget()

    assert (taken.outcome, len(stops(bench))) == ("taken", 1)
    assert bench.parts.standing().switched_off == frozenset()
    bench.close()


_OF_FIELD: dict[str, Callable[[str], Any]] = {
    "priority": Priority,
    "status": Status,
    "team": lambda name: Team(name=name),
    "custom": lambda value: {"stage": value},
}


@pytest.mark.parametrize("seed", range(50))
def test_fifty_looping_rule_sets_stop_after_five_writes_whatever_goes_on_outside(tmp_path: Path, seed: int) -> None:
    """Each is told by `check` (tests/rules/lint/test_loops.py). Here they run all the same, and somebody goes through the
    circle's values on the ticket, minute by minute."""
    _, field, steps = drawn(seed)
    bench = Bench(tmp_path, rules=circle(seed)[0])
    writes = 0
    for turn in range(12):
        bench.desk.edit(**{field: _OF_FIELD[field](steps[turn % len(steps)])})
        before = len(bench.desk.applied)
        bench.pass_time(60)
        bench.deliver(f"d{turn}")
        run_ticket(KEY, bench.parts)
        writes += len(bench.desk.applied) > before
    bench.close()

    assert 1 <= writes <= 5


def test_two_machines_that_undo_each_other_are_parted_by_the_cap_on_the_ticket(tmp_path: Path) -> None:
    """The other one's change looks like nobody's: it takes the tag off and says something new each time."""
    rules = "rules:\n  - {id: told, when: {last_message: {has: ping}}, then: [{add_note: {text: pong, per: message}}]}\n"
    bench = Bench(tmp_path, rules=rules)
    for turn in range(20):
        bench.desk.say(f"ping {turn}")
        bench.pass_time(60)
        bench.deliver(f"d{turn}")
        run_ticket(KEY, bench.parts)
    with reading(bench.engine) as connection:
        [set_aside] = dead_letters.everything(connection)
    notes = len(bench.desk.applied)
    bench.close()

    assert notes == 5
    assert set_aside.reason.startswith("loop cap: 5 writing runs in an hour")
