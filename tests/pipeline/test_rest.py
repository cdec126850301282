"""How long a ticket rests after a run: longer where it had many, and never so long that what is grave waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import FlowSettings
from bot.pipeline.claim import run_ticket
from bot.pipeline.rest import grown
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY

REST_S, MOST_S = 2.0, 30.0
CHATS = 6
BUDGET_A_MINUTE = 200 * 0.5  # calls: Zendesk's smallest plan, and the share of it that is ours


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, flow={"rest_s": REST_S, "rest_most_s": MOST_S})
    yield made
    made.close()


def look(bench: Bench, seconds: float) -> None:
    """Workers look all the time, and so much time passes."""
    for _ in range(int(seconds)):
        run_ticket(KEY, bench.parts)
        bench.pass_time(1.0)


def say(bench: Bench, number: int) -> None:
    bench.desk.say(f"Line {number}: {chr(97 + number % 26) * (number % 9 + 1)}")
    bench.deliver(f"line-{number}")


def reads(bench: Bench) -> int:
    return bench.desk.calls.count("hydrate")


@pytest.mark.parametrize(
    ("runs_lately", "rests_s"), [(0, 2.0), (1, 2.0), (4, 2.0), (5, 4.0), (6, 8.0), (7, 16.0), (8, 30.0), (9, 30.0), (5000, 30.0)]
)
def test_the_rest_doubles_after_the_fourth_run_up_to_its_bound(runs_lately: int, rests_s: float) -> None:
    assert grown(runs_lately, FlowSettings()) == rests_s


@pytest.mark.parametrize(("rest_s", "most_s", "rests_s"), [(0.0, 30.0, 0.0), (60.0, 30.0, 60.0), (5.0, 0.0, 5.0)])
def test_a_team_that_sets_no_rest_or_a_longer_one_has_it(rest_s: float, most_s: float, rests_s: float) -> None:
    assert grown(10, FlowSettings(rest_s=rest_s, rest_most_s=most_s)) == rests_s


def test_six_chats_with_a_line_every_two_seconds_leave_the_account_its_calls(bench: Bench) -> None:
    for number in range(150):  # five minutes
        say(bench, number)
        look(bench, 2.0)

    assert reads(bench) <= 16  # 150 before
    before = len(bench.desk.calls)
    for number in range(150, 180):
        say(bench, number)
        look(bench, 2.0)
    assert (len(bench.desk.calls) - before) * CHATS <= BUDGET_A_MINUTE / 4


def test_what_is_said_in_a_busy_chat_waits_no_longer_than_the_bound(bench: Bench) -> None:
    for number in range(60):
        say(bench, number)
        look(bench, 2.0)

    bench.desk.edit(subject="It is down for all our users")
    bench.deliver("grave")
    look(bench, MOST_S + 1)

    assert bench.desk.ticket.priority == "urgent"


def test_a_ticket_that_was_left_alone_is_looked_at_at_once(bench: Bench) -> None:
    for number in range(60):
        say(bench, number)
        look(bench, 2.0)
    look(bench, 301)
    before = reads(bench)

    say(bench, 60)
    look(bench, 1)
    say(bench, 61)
    look(bench, REST_S + 1)

    assert reads(bench) - before == 2


def test_an_agent_who_sorts_waits_for_no_longer_rest(bench: Bench) -> None:
    for number in range(3):
        bench.desk.edit(assignee=ANNA, tags=frozenset({f"sorted-{number}"}))
        bench.deliver(f"sorted-{number}")
        look(bench, 3.0)

    assert reads(bench) == 3


def test_our_own_echoes_cost_no_read_and_lengthen_no_rest(bench: Bench) -> None:
    say(bench, 0)
    look(bench, 3)
    before = reads(bench)
    for number in range(20):
        bench.deliver(f"echo-{number}", actor="7")
        look(bench, 3)

    assert reads(bench) == before
    say(bench, 1)
    look(bench, REST_S)
    assert reads(bench) == before + 1
