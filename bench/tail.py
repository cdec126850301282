"""P5: the slowest answers at a steady rate that no vendor of one account reaches."""

from __future__ import annotations

from statistics import median

from bench.goals import Goal, Outcome, Size, at_most, both
from bench.letters import deliveries
from bench.load import open_loop
from bench.measure import quantile
from bench.servers import deskhand

RATE = 100.0
SLOWEST_MS = 250.0  # Intercom's slow lane starts at 500 ms


def tail(size: Size) -> Outcome:
    """P5: medians over rounds of some seconds."""
    rounds, seconds = max(3, size.pairs // 2 * 2 - 1), size.of(10, 6)
    halves: list[float] = []
    slowest: list[float] = []
    with deskhand() as real:
        real.run(list(deliveries(300)))
        for _ in range(rounds):
            load = open_loop(real.port, list(deliveries(int(RATE * seconds))), RATE).require(202)
            halves.append(quantile(load.waits_ms, 0.5))
            slowest.append(quantile(load.waits_ms, 0.99))
    p50, p99 = median(halves), median(slowest)
    shown = ", ".join(f"{half:.1f}/{most:.1f}" for half, most in zip(halves, slowest, strict=True))
    in_time = Outcome(figure=f"{p99:.0f}ms", goal=f"<{SLOWEST_MS:.0f}ms", is_met=p99 < SLOWEST_MS)
    return both(
        at_most(p99 / p50, 10.0, [f"{rounds} rounds of {seconds} s at {RATE:.0f} a second; p50/p99 ms: {shown}"]), in_time
    )


GOALS = (Goal(name="P5", title="open loop at 100 requests a second, p99 against p50", measure=tail),)
