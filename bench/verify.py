"""P3: what proving and reading a delivery costs by itself, beside a bare endpoint."""

from __future__ import annotations

from bench.goals import Goal, Outcome, Size, at_most
from bench.intake import cpu_pairs
from bench.measure import ratio, spread
from bench.servers import baseline


def cpu(size: Size) -> Outcome:
    """P3."""
    with baseline("bare") as bare, baseline("verify") as verify:
        pairs = cpu_pairs(size, bare, verify, size.of(4000, 2000))
    shown = ", ".join(f"{one:.0f}/{other:.0f}" for one, other in pairs)
    return at_most(ratio(pairs), 1.3, [spread(pairs), f"CPU us a request, bare/verify: {shown}"])


GOALS = (Goal(name="P3", title="signature, JSON and shape alone, CPU a request against a bare Flask 202", measure=cpu),)
