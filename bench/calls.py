"""P11, P12: what a ticket costs in API calls, over a mix that arrives while workers run (tests/end_to_end/api_calls.py)."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from bench.goals import Goal, Outcome, Size, at_most, both
from bot.log import set_up
from tests.end_to_end import api_calls
from tests.end_to_end.api_calls import GOALS as MEAN_GOALS

# Calls that the mix needs at least: 60 % new tickets, 30 % follow-ups, 10 % bursts that one run covers.
LEAST = {"zendesk": 0.6 * 2 + 0.3 * 3 + 0.1 * 2, "freshdesk": 4.0, "intercom": 4.0}


@cache
def _spent(size: Size) -> tuple[api_calls.Spent, ...]:
    set_up("error")
    found = []
    for provider in MEAN_GOALS:
        with tempfile.TemporaryDirectory() as folder:
            found.append(api_calls.spend(Path(folder), provider, size.of(1000, 60)))
    return tuple(found)


def mean(size: Size) -> Outcome:
    """P11."""
    outcomes = []
    for each in _spent(size):
        goal, least = MEAN_GOALS[each.provider], LEAST[each.provider]
        outcomes.append(
            Outcome(
                figure=f"{each.provider}={each.mean:.3f}",
                goal=f"<={goal}",
                is_met=each.mean <= goal and each.mean / least <= 1.15,
                notes=(
                    f"{each.provider}: {each.tickets} tickets, {each.calls} calls, {each.mean / least:.2f} of the least possible",
                ),
            )
        )
    return both(*outcomes)


def burst(size: Size) -> Outcome:
    """P12."""
    return both(
        *(
            at_most(
                each.burst / each.one,
                api_calls.BURST_GOAL,
                [f"{each.provider}: {each.one} calls for one event, {each.burst} for ten"],
            )
            for each in _spent(size)
        )
    )


GOALS = (
    Goal(name="P11", title="API calls a ticket, and against the least possible (1.15x)", measure=mean),
    Goal(name="P12", title="calls of ten events on one ticket within a second, against one event's", measure=burst),
)
