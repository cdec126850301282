"""P6: what a forged delivery costs beside a bare endpoint, and a repeated one beside a fresh one."""

from __future__ import annotations

from bench.goals import Goal, Outcome, Size, at_most, both
from bench.letters import body, deliveries, request
from bench.measure import in_turn, ratio, spread
from bench.servers import baseline, deskhand

WRONG = "somebody-elses-secret"


def forged_and_repeated(size: Size) -> Outcome:
    """P6."""
    count = size.of(4000, 2000)
    with baseline("bare") as bare, deskhand() as real:
        known = [body() for _ in range(count)]
        for each in (bare, real):
            each.run(list(deliveries(300)))
        real.run([request(each) for each in known])
        forged = in_turn(
            size.pairs,
            lambda: bare.cpu_us(list(deliveries(count))),
            lambda: real.cpu_us([request(body(), secret=WRONG) for _ in range(count)], status=401),
        )
        repeated = in_turn(
            size.pairs,
            lambda: real.cpu_us(list(deliveries(count))),
            lambda: real.cpu_us([request(each) for each in known], status=200),
        )
    return both(
        at_most(ratio(forged), 1.1, [f"forged: {spread(forged)}; us: {_shown(forged)}"]),
        at_most(ratio(repeated), 1.15, [f"repeated: {spread(repeated)}; us: {_shown(repeated)}"]),
    )


def _shown(pairs: list[tuple[float, float]]) -> str:
    return ", ".join(f"{one:.0f}/{other:.0f}" for one, other in pairs)


GOALS = (
    Goal(name="P6", title="forged against a bare Flask 202, repeated against fresh, CPU a request", measure=forged_and_repeated),
)
