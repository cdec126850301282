"""P10, P13: what a ticket costs a worker beside the helpdesk's own time, and how well four workers share a backlog."""

from __future__ import annotations

from statistics import median

from bench.desks import Stocked, stocked, workers
from bench.goals import Goal, Outcome, Size, at_least, both
from bench.measure import in_turn, spread
from bench.postgres import database

CALL_S = 0.2
BACKLOG_CALL_S = 0.05
WORKERS = 4
CPU_GOAL_MS = 100.0
OWN_SHARE_GOAL = 0.25
SHARED_GOAL = 0.85


def worker(size: Size) -> Outcome:
    """P10: CPU with a helpdesk that answers at once; our share of the wall time with one that takes 200 ms a call."""
    count = size.of(100, 30)
    cpu_ms, shares, notes = [], [], []
    for provider in ("zendesk", "intercom", "freshdesk"):
        with stocked(provider) as stock, workers(stock, 1) as one:
            one.drain(5)
            quick = one.drain(count)
            stock.slow(CALL_S)
            slow = one.drain(count // 3)
        cpu_ms.append(quick.cpu_s / count * 1000)
        shares.append(1 - slow.calls * CALL_S / slow.took_s)
        notes.append(
            f"{provider}: {cpu_ms[-1]:.0f} ms CPU a ticket; {slow.calls / (count // 3):.1f} calls of 200 ms each, "
            f"{shares[-1]:.0%} of the wall time is not theirs"
        )
    return both(
        Outcome(
            figure=f"{max(cpu_ms):.0f}ms", goal=f"<={CPU_GOAL_MS:.0f}ms", is_met=max(cpu_ms) <= CPU_GOAL_MS, notes=tuple(notes)
        ),
        Outcome(figure=f"{max(shares):.0%}", goal=f"<={OWN_SHARE_GOAL:.0%}", is_met=max(shares) <= OWN_SHARE_GOAL),
    )


def drain(size: Size) -> Outcome:
    """P13: a quarter of the backlog by one worker is the ideal time of four for the whole."""
    count = size.of(2000, 240)
    pairs = 1 if size.is_short else 3
    outcomes = [_drain_on(kind, count, pairs) for kind in ("sqlite", "postgresql")]
    return both(*outcomes)


def _drain_on(kind: str, count: int, pairs: int) -> Outcome:
    with database(kind) as url, stocked(database=url) as stock:
        stock.slow(BACKLOG_CALL_S)
        found = in_turn(pairs, lambda: _timed(stock, WORKERS, count), lambda: _timed(stock, 1, count // WORKERS))
    shown = ", ".join(f"{ideal:.1f}/{real:.1f}" for real, ideal in found)
    return at_least(
        median(ideal / real for real, ideal in found), SHARED_GOAL, [f"{kind}: {spread(found)}; seconds, ideal/four: {shown}"]
    )


def _timed(stock: Stocked, how_many: int, count: int) -> float:
    with workers(stock, how_many) as ready:
        ready.drain(2 * how_many)
        return ready.drain(count).took_s


GOALS = (
    Goal(name="P10", title="a worker's own CPU a ticket, and its share of a run of slow calls", measure=worker),
    Goal(name="P13", title="four workers drain a backlog, against a quarter of it by one", measure=drain),
)
