"""P19: what a stranger's request can take of the loop that serves everybody, before anybody proved anything."""

from __future__ import annotations

from bench.goals import Goal, Outcome, Size
from bench.letters import deliveries
from bench.measure import descendants
from bench.servers import deskhand
from bench.strangers import cost_s, costly

MOST_S = 0.05


def before_proof(size: Size) -> Outcome:
    """P19: the costliest of all."""
    with deskhand(server={"workers": 1}) as real:
        real.run(list(deliveries(100)))
        (pid,) = descendants(real.pid)
        requests = costly(real.config.settings.server.max_body_bytes)
        costs = {name: cost_s(real.port, pid, request, size.of(5, 3)) for name, request in requests.items()}
    worst = max(costs.values())
    shown = ", ".join(f"{name} {cost * 1000:.1f}" for name, cost in sorted(costs.items(), key=lambda each: -each[1]))
    return Outcome(
        figure=f"{worst * 1000:.0f}ms",
        goal=f"<={MOST_S * 1000:.0f}ms",
        is_met=worst <= MOST_S,
        notes=(f"ms of the loop: {shown}",),
    )


GOALS = (
    Goal(name="P19", title="CPU time of the receiver's loop for one request without proof, the costliest", measure=before_proof),
)
