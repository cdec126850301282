"""A worker takes up what was heard of a ticket on the bench."""

from __future__ import annotations

from bot.pipeline.claim import run_ticket
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY


def run(bench: Bench, name: str = "d1") -> bool:
    """Something was heard of the ticket; a worker takes it up."""
    bench.deliver(name)
    return run_ticket(KEY, bench.parts)
