"""The measuring itself: arithmetic, the client, what the command prints. Speeds are not asserted here: `make bench` does that."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request

from bench import __main__ as command
from bench.goals import TOPICS, Goal, Outcome, Size, at_least, at_most, both, chosen, goals_of
from bench.letters import body, deliveries
from bench.load import closed_loop, open_loop
from bench.measure import cpu_s, descendants, in_turn, quantile, ratio
from sandbox.serve import serving

ROOT = Path(__file__).parents[2]


def test_pairs_are_measured_in_turn_and_neither_is_always_first() -> None:
    order: list[str] = []

    def note(name: str) -> float:
        order.append(name)
        return 1.0

    in_turn(3, lambda: note("baseline"), lambda: note("product"))

    assert order == ["baseline", "product", "product", "baseline", "baseline", "product"]


def test_the_figure_is_the_median_of_the_pairs_ratios() -> None:
    assert ratio([(1.0, 2.0), (10.0, 10.0), (1.0, 9.0)]) == 2.0


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([float(each) for each in range(100)], 0.99) == 99.0
    assert quantile([3.0], 0.5) == 3.0


def test_limits_hold_on_both_sides() -> None:
    assert [at_most(2.5, 2.5).is_met, at_most(2.51, 2.5).is_met] == [True, False]
    assert [at_least(0.4, 0.4).is_met, at_least(0.39, 0.4).is_met] == [True, False]
    assert not both(at_most(1, 2), at_most(3, 2)).is_met
    assert both(at_most(1, 2), at_most(1.5, 2)).figure == "1.00x,1.50x"


def test_every_goal_has_a_name_of_its_own_and_can_be_chosen_by_it_or_by_its_topic() -> None:
    names = [goal.name for goal in chosen([])]

    assert len(names) == len(set(names)) >= 6
    assert [goal.name for goal in chosen(["P1"])] == ["P1"]
    assert chosen([TOPICS[0]]) == list(goals_of(TOPICS[0]))
    with pytest.raises(ValueError, match="P99"):
        chosen(["P99"])


@pytest.mark.parametrize(("is_met", "gates", "code"), [(True, True, 0), (False, True, 1), (False, False, 0)])
def test_a_goal_prints_one_line_and_a_miss_is_the_exit_code(
    is_met: bool, gates: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = Outcome(figure="1.93x", goal="<=2.5x", is_met=is_met, notes=("7 pairs",))
    goal = Goal(name="P1", title="an example", measure=lambda _: outcome, gates=gates)
    monkeypatch.setattr(command, "chosen", lambda _: [goal])
    monkeypatch.setattr(sys, "argv", ["bench", "P1"])

    ended = command.main()

    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("# ")]
    assert (ended, lines) == (code, [f"P1 1.93x <=2.5x {'ok' if is_met else 'missed'}"])


def test_an_unknown_goal_is_told_and_measures_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench", "P99"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 2
    assert "no such goal: P99" in ended.stderr


def test_short_means_less_work() -> None:
    assert (Size(is_short=True).of(100, 10), Size().of(100, 10)) == (10, 100)


@pytest.fixture
def port() -> Iterator[int]:
    """An endpoint that answers 202, slowly to every tenth."""
    app, seen = Flask("endpoint"), [0]

    @app.post("/webhooks/zendesk")
    def receive() -> Response:
        request.get_data()
        seen[0] += 1
        time.sleep(0.05 if seen[0] % 10 == 0 else 0)
        return Response("{}", 202, content_type="application/json")

    with serving(app) as address:
        yield int(address.rpartition(":")[2])


def test_a_closed_loop_sends_each_request_once_and_counts_the_answers(port: int) -> None:
    load = closed_loop(port, list(deliveries(50)), 4)

    assert load.statuses == {202: 50}
    assert len(load.waits_ms) == 50
    assert load.require(202) is load
    with pytest.raises(ValueError, match="202"):
        load.require(200)


def test_an_open_loop_keeps_its_rate_and_counts_waits_from_when_they_were_due(port: int) -> None:
    load = open_loop(port, list(deliveries(40)), rate=100.0, connections=1)

    assert load.statuses == {202: 40}
    assert load.took_s >= 0.39
    # one connection and four slow answers: who was due meanwhile waited too
    assert sum(wait > 20 for wait in load.waits_ms) > 4


def test_deliveries_differ_and_are_about_as_long_as_a_vendors() -> None:
    first, second = body(), body()

    assert first != second
    assert 1000 < len(first) < 1400


def test_cpu_time_of_a_process_counts_its_children() -> None:
    busy = "[None for _ in iter(lambda: time.process_time() < 0.4, False)]"
    code = f"import os, time\nif os.fork() == 0:\n    {busy}\n    time.sleep(5)\nos.wait()"
    child = subprocess.Popen([sys.executable, "-c", code])
    try:
        ends_at = time.monotonic() + 20
        while cpu_s(child.pid) < 0.25 and time.monotonic() < ends_at:
            time.sleep(0.05)
        found = descendants(child.pid)

        assert len(found) == 1
        assert cpu_s(found[0]) >= 0.2  # the parent's own start counts in the sum
    finally:
        for each in descendants(child.pid):
            os.kill(each, 9)
        child.kill()
        child.wait()
