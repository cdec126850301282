"""Loop-proof (our first F7): a rule that goes round in a circle is held back on the ticket, the ticket is set aside, and a rule
that runs away is switched off for all, with a word where admins look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.ticket import Company, Person, Priority, Status, Team, TicketKey, TicketKind
from adapters.writes import AddTags, Plan, PlannedWrite
from bot.cli.doctor.checks import Finding, look_at_rules
from bot.pipeline.claim import run_ticket
from bot.rulesets.circuit_breaker import acted
from bot.rulesets.versions import take_up
from bot.store import dead_letters, runs, tickets
from bot.store.database.engine import reading
from bot.store.rules import rule_firings
from bot.store.rules.rule_firings import Acted
from rules.engine.decide import FLIPS_PER_HOUR, HELD_BACK, decide
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY
from tests.rules.build import facts_of, rule, rules_of
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
        stored = [runs.find(connection, row["id"]) for row in reversed(runs.newest(connection, 99, key))]
    found = [json.loads(row["decision"]) for row in stored if row and row["decision"]]
    return [each.get("because", "") for row in found for each in row.get("rules", []) if each.get("matched")]


def flap_as(bench: Bench, number: int, times: int, *, requester: str, company: str = "") -> None:
    """The same on this person's ticket."""
    whose = Company(external_id=company) if company else None
    new = replace(bench.desk.ticket, external_id=key_of(number).external_id, tags=frozenset())
    bench.desk.put(replace(new, subject="", requester=Person(external_id=requester), company=whose))
    flap(bench, number, times)


def stops(bench: Bench) -> list[rule_firings.Stop]:
    with reading(bench.engine) as connection:
        return rule_firings.stops(connection)


def test_a_rule_is_held_back_on_one_ticket_and_goes_on_on_others(bench: Bench) -> None:
    first = flap(bench, 1, FLIPS_PER_HOUR + 2)
    second = flap(bench, 2, 1)

    assert first == [""] * FLIPS_PER_HOUR + [HELD_BACK] * 2
    assert second == [""]
    assert stops(bench) == []


def test_a_rule_that_is_held_back_on_tickets_of_three_customers_rests_for_all_and_comes_back(bench: Bench) -> None:
    for number in (1, 2):
        flap(bench, number, FLIPS_PER_HOUR + 1)
    assert stops(bench) == []

    flap(bench, 3, FLIPS_PER_HOUR + 1)
    meanwhile = flap(bench, 4, 1)
    [stop], told = stops(bench), told_of_rules(bench)
    bench.pass_time(3600)
    bench.parts.rulebook.forget()
    after, told_after = flap(bench, 5, 1), told_of_rules(bench)

    assert (stop.rule, stop.author, meanwhile, after) == ("says", "deskhand", [], [""])
    assert "held back on tickets of 3 customers" in stop.reason
    assert [(each.is_well, each.is_warning) for each in told] == [(False, True)]
    assert told[0].words.startswith("says rests since 2026-11-21 ")
    assert told[0].words.endswith(f"{stop.reason} (at once: deskhand rules enable says)")
    assert [(each.is_well, "and counts again" in each.words) for each in told_after] == [(True, True)]


def told_of_rules(bench: Bench) -> list[Finding]:
    with reading(bench.engine) as connection:
        return [each for each in look_at_rules(connection, bench.desk.now, strict=True) if each.what == "rule"]


@pytest.mark.parametrize(
    "whose",
    [
        [("ann", ""), ("ann", ""), ("ann", "")],
        [("ann", "one"), ("ann", "two"), ("ann", "three")],
        [("ann", "acme"), ("ben", "acme"), ("cai", "acme")],
        [("ann", "acme"), ("ben", "acme"), ("dan", "")],
    ],
)
def test_one_customer_holds_a_rule_back_for_nobody_else_in_however_many_tickets(
    bench: Bench, whose: list[tuple[str, str]]
) -> None:
    for number, (requester, company) in enumerate(whose):
        flap_as(bench, number, FLIPS_PER_HOUR + 1, requester=requester, company=company)

    assert stops(bench) == []
    assert flap(bench, 9, 1) == [""]


def test_customers_words_that_change_nothing_hold_no_rule_back(tmp_path: Path) -> None:
    """Three customers go back and forth, each on a ticket that is urgent since the first time: how a shipped rule was switched
    off for everybody."""
    rules = "rules:\n  - {id: p1, when: {last_message: {has: down}}, then: [{raise_priority: urgent}]}\n"
    bench = Bench(tmp_path, rules=rules, flow={"late_run_every_s": 0})
    for number in range(3):
        key = key_of(number)
        new = replace(bench.desk.ticket, external_id=key.external_id, requester=Person(external_id=f"p{number}"))
        bench.desk.put(new)
        for turn in range(2 * FLIPS_PER_HOUR + 4):
            bench.desk.say("All is down." if turn % 2 == 0 else "Ok, thank you.", key=key)
            bench.deliver(f"{number}-{turn}", key)
            run_ticket(key, bench.parts)
            bench.pass_time(5)
    with reading(bench.engine) as connection:
        kinds = set(rule_firings.counts(connection, ["p1"], "held", bench.desk.now.replace(hour=0)))
    bench.close()

    assert kinds == set()
    assert stops(bench) == []


def test_three_customers_of_several_companies_are_three(bench: Bench) -> None:
    for number, (requester, company) in enumerate((("ann", "acme"), ("ben", "globex"), ("cai", ""))):
        flap_as(bench, number, FLIPS_PER_HOUR + 1, requester=requester, company=company)

    assert [each.rule for each in stops(bench)] == ["says"]


def test_a_rule_that_fires_too_often_is_switched_off_before_it_writes_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, rules=FLAPS, flow={"rule_firings_per_hour": 2})
    for number in range(4):
        change(bench, key_of(number), "a", subject="an export")

    tagged = ["export" in bench.desk.tickets[key_of(number)].tags for number in range(4)]
    with reading(bench.engine) as connection:
        newest = runs.find(connection, runs.newest(connection, 1)[0]["id"])

    assert tagged == [True, True, False, False]
    assert newest is not None
    assert json.loads(newest["facts"])["switched_off"] == ["says"]
    assert [each.reason for each in stops(bench)] == ["wrote 2 times within an hour, and no message of a person was the cause"]
    bench.close()


def test_an_outage_stops_no_rule_however_many_customers_write(tmp_path: Path) -> None:
    """Each of the runs is one person's message: that is what the rule is for."""
    bench = Bench(tmp_path, rules=FLAPS, flow={"rule_firings_per_hour": 2})
    for number in range(6):
        new = replace(bench.desk.ticket, external_id=key_of(number).external_id, subject="an export", tags=frozenset())
        bench.desk.put(replace(new, requester=Person(external_id=f"p{number}")))
        bench.desk.say("The export is down!", key=key_of(number))
        bench.deliver(f"d{number}", key_of(number))
        run_ticket(key_of(number), bench.parts)

    assert all("export" in bench.desk.tickets[key_of(number)].tags for number in range(6))
    assert stops(bench) == []
    bench.close()


def test_one_customer_is_no_more_than_a_tenth_of_a_limit(tmp_path: Path) -> None:
    own = FLAPS.replace("    then:", "    limits: {total_per_hour: 20}\n    then:")
    bench = Bench(tmp_path, rules=own, flow={"runs_per_hour": 99})
    for number in range(30):
        new = replace(bench.desk.ticket, external_id=key_of(number).external_id, subject="", tags=frozenset())
        bench.desk.put(replace(new, requester=Person(external_id="ann")))
        change(bench, key_of(number), "a", subject="an export")

    assert "export" in bench.desk.tickets[key_of(29)].tags
    assert stops(bench) == []
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


PONG = "rules:\n  - {id: told, when: {last_message: {has: ping}}, then: [{add_note: {text: pong, per: message}}]}\n"


def test_a_machine_that_answers_each_note_at_once_is_answered_three_times_and_then_late(tmp_path: Path) -> None:
    """It says something new each time, as the customer."""
    bench = Bench(tmp_path, rules=PONG)
    heard = -1
    for turn in range(120):
        if len(bench.desk.applied) > heard:
            heard = len(bench.desk.applied)
            bench.desk.say(f"ping {turn}")
            bench.deliver(f"d{turn}")
        run_ticket(KEY, bench.parts)
        bench.pass_time(30)
    with reading(bench.engine) as connection:
        set_aside, late = dead_letters.everything(connection), tickets.put_off(connection)
    reads = bench.desk.calls.count("hydrate")
    notes = len(bench.desk.applied)
    bench.close()

    assert notes == 6  # three at once, then one each quarter of an hour
    assert (set_aside, late) == ([], 1)
    assert reads <= 2 * notes  # and not one each minute


def test_one_that_takes_its_time_is_answered_thirty_times_an_hour(tmp_path: Path) -> None:
    bench = Bench(tmp_path, rules=PONG, flow={"message_runs_per_hour": 30})
    for number in range(59):
        bench.desk.say(f"ping {'a' * (number + 1)}")
        bench.deliver(f"d{number}")
        run_ticket(KEY, bench.parts)
        bench.pass_time(61)
    notes = len(bench.desk.applied)
    bench.close()

    assert notes == 31  # and one more: a quarter of an hour later


def test_what_no_message_caused_is_set_aside_after_five_and_a_message_is_looked_at_all_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, rules=FLAPS + PONG.removeprefix("rules:\n"))
    for number in range(8):
        change(bench, KEY, str(number), subject="an export" if number % 2 else "something else")
    with reading(bench.engine) as connection:
        [parked] = dead_letters.everything(connection)
    before = len(bench.desk.applied)
    bench.desk.say("ping")
    bench.deliver("a message")
    run_ticket(KEY, bench.parts)
    notes = bench.desk.applied[before:]
    bench.close()

    assert parked.reason.startswith("loop cap: 5 writing runs in an hour")
    assert [each.operation for each in notes] == ["note"]


def test_in_shadow_a_ticket_is_guarded_as_it_would_be_live(tmp_path: Path) -> None:
    """Over the runs that would have written; what is live then begins anew."""
    bench = Bench(tmp_path, rules=FLAPS + PONG.removeprefix("rules:\n"))
    [account] = bench.parts.settings.accounts
    shadow = bench.parts.settings.model_copy(update={"accounts": (account.model_copy(update={"mode": "shadow"}),)})
    object.__setattr__(bench.parts.config, "settings", shadow)
    for number in range(8):
        change(bench, KEY, str(number), subject="an export" if number % 2 else "something else")
        bench.desk.edit(tags=bench.desk.ticket.tags ^ {"export"})  # as if we had written
    for number in range(31):
        bench.desk.say(f"ping {'a' * (number + 1)}")
        bench.deliver(f"m{number}")
        run_ticket(KEY, bench.parts)
        bench.pass_time(61)
    with reading(bench.engine) as connection:
        told = runs.writing_runs(connection, KEY, "shadow", bench.desk.now.replace(hour=0))
        late, live = tickets.put_off(connection), runs.writing_runs(connection, KEY, "live", bench.desk.now.replace(hour=0))
    bench.close()

    assert bench.desk.applied == []
    assert [cause for _, _, cause in told].count("message") == 30
    assert (late, live) == (1, [])


def test_what_a_rule_did_is_counted_with_whether_it_writes() -> None:
    rules = rules_of(
        "rules:\n"
        + rule("{subject: x}", "[add_tags: a]", "writes")
        + rule("{subject: x}", "[add_tags: a]", "agrees")
        + rule("{subject: y}", "[add_tags: b]", "other")
    )
    decision = decide(rules, facts_of(ticket={"subject": "x"}))
    plan = Plan(ticket=KEY, writes=(PlannedWrite(write=AddTags(tags=frozenset({"a"})), rules=("writes",)),))

    assert acted(decision, "live", plan) == [Acted("writes", "live", True), Acted("agrees", "live", False)]
    assert acted(decision, "shadow") == [Acted("writes", "shadow", False), Acted("agrees", "shadow", False)]


def test_a_rule_that_was_held_back_is_counted_as_that() -> None:
    decision = decide(rules_of("rules:\n" + rule("{subject: x}")), facts_of(ticket={"subject": "x"}))
    [fired] = decision.rules
    held = replace(decision, rules=(replace(fired, fired=False, because=HELD_BACK),))

    assert acted(held, "live") == [Acted("r", "held", False)]
