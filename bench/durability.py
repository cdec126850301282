"""P4: what it costs that a commit is on disk before it is answered for, beside the same receiver that does not wait for it."""

from __future__ import annotations

from bench.goals import Goal, Outcome, Size, at_most, both
from bench.letters import deliveries
from bench.measure import in_turn, quantile, ratio, spread
from bench.servers import Served, baseline, deskhand


def full_against_normal(size: Size) -> Outcome:
    """P4."""
    count = size.of(3000, 1500)

    def measured(served: Served) -> tuple[float, float]:
        cpu_us, load = served.run(list(deliveries(count)))
        return cpu_us, quantile(load.waits_ms, 0.99)

    with baseline("normal") as normal, deskhand() as full:
        for each in (normal, full):
            each.run(list(deliveries(300)))
        found = in_turn(size.pairs, lambda: measured(normal), lambda: measured(full))
    cpu = [(one[0], other[0]) for one, other in found]
    p99 = [(one[1], other[1]) for one, other in found]
    shown = ", ".join(f"{one:.0f}/{other:.0f}" for one, other in p99)
    return both(
        at_most(ratio(cpu), 1.25, [f"CPU: {spread(cpu)}"]),
        at_most(ratio(p99), 2.0, [f"p99: {spread(p99)}; ms, NORMAL/FULL: {shown}"]),
    )


GOALS = (
    Goal(name="P4", title="SQLite's FULL against NORMAL, CPU a request and p99", measure=full_against_normal),
)  # fmt: skip
