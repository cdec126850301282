"""P16: memory of the receiver after many deliveries, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

from bench.goals import Goal, Outcome, Size, at_most, both
from bench.letters import deliveries
from bench.measure import descendants, in_turn, ratio, rss_bytes, spread
from bench.servers import ROOT, Served, deskhand

_TIMED = "import time; began = time.process_time(); import {names}; print(time.process_time() - began)"
PIECE = 2000


def soak(size: Size) -> Outcome:
    """P16."""
    early, late = size.of(10_000, 4_000), size.of(100_000, 16_000)
    with deskhand() as served:
        _send(served, early)
        before = _rss(served)
        _send(served, late - early)
        after = _rss(served)
    found = in_turn(size.pairs, lambda: _import_s("flask, sqlalchemy"), lambda: _import_s("webhooks"))
    shown = ", ".join(f"{one:.2f}/{other:.2f}" for one, other in found)
    return both(
        at_most(after / before, 1.2, [f"{before / 2**20:.0f} MB after {early} deliveries, {after / 2**20:.0f} MB after {late}"]),
        at_most(ratio(found), 3.0, [f"import of flask, sqlalchemy against webhooks: {spread(found)}; CPU seconds: {shown}"]),
    )


def _send(served: Served, count: int) -> None:
    for start in range(0, count, PIECE):
        served.run(list(deliveries(min(PIECE, count - start))))


def _rss(served: Served) -> int:
    """Of the largest receiving process."""
    return max(rss_bytes(pid) for pid in descendants(served.pid))


def _import_s(names: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(names=names)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return float(done.stdout)


GOALS = (Goal(name="P16", title="memory after many deliveries, and the import of the receiver", measure=soak),)
