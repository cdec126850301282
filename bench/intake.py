"""P1, P2: what a delivery costs that is proven, read, committed (on disk) and rung for, beside a bare endpoint."""

from __future__ import annotations

from functools import cache

from bench.goals import Goal, Outcome, Size, at_least, at_most
from bench.letters import deliveries
from bench.measure import in_turn, ratio, spread
from bench.servers import Served, baseline, deskhand


def measured(served: Served, count: int) -> tuple[float, float]:
    """CPU microseconds a request, and requests a second, over `count` fresh deliveries."""
    cpu_us, load = served.run(list(deliveries(count)))
    return cpu_us, load.rate


def cpu_pairs(size: Size, one: Served, other: Served, count: int) -> list[tuple[float, float]]:
    """CPU microseconds a request of two receivers in turn, warmed up before."""
    for each in (one, other):
        each.run(list(deliveries(300)))
    return in_turn(size.pairs, lambda: measured(one, count)[0], lambda: measured(other, count)[0])


@cache
def _pairs(size: Size) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    count = size.of(3000, 1500)
    with baseline("bare") as bare, deskhand() as real:
        for each in (bare, real):
            each.run(list(deliveries(300)))
        return in_turn(size.pairs, lambda: measured(bare, count), lambda: measured(real, count))


def cpu(size: Size) -> Outcome:
    """P1."""
    pairs = [(bare[0], real[0]) for bare, real in _pairs(size)]
    shown = ", ".join(f"{bare:.0f}/{real:.0f}" for bare, real in pairs)
    return at_most(ratio(pairs), 2.5, [spread(pairs), f"CPU us a request, bare/Deskhand: {shown}", "stretch goal: 2.0x"])


def rate(size: Size) -> Outcome:
    """P2."""
    pairs = [(bare[1], real[1]) for bare, real in _pairs(size)]
    shown = ", ".join(f"{bare:.0f}/{real:.0f}" for bare, real in pairs)
    return at_least(ratio(pairs), 0.4, [spread(pairs), f"requests a second, bare/Deskhand: {shown}"])


GOALS = (
    Goal(name="P1", title="full intake, CPU a request against a bare Flask 202", measure=cpu),
    Goal(name="P2", title="full intake, rate against a bare Flask 202", measure=rate, gates=False),
)
