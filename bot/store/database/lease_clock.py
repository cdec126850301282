"""The clock that leases, rests and blocks are measured by: one that no operator can set back.

PostgreSQL: the database's own clock. SQLite: the machine's monotonic clock with the boot's id, since all processes of a
SQLite installation share one machine; a time of another boot has passed. An engine with the option LEASE_CLOCK has that one
instead of the machine's: a test's time passes when the test says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, or_, text

LEASE_CLOCK = "lease_clock"  # an execution option: microseconds when called


@dataclass(frozen=True, slots=True)
class Tick:
    """`us`: microseconds on the clock named by `boot`."""

    boot: str
    us: int

    def plus(self, seconds: float) -> Tick:
        return Tick(self.boot, self.us + int(seconds * 1_000_000))

    def has_passed(self, now: Tick) -> bool:
        return self.boot != now.boot or self.us <= now.us


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return f"since-{int(time.time() - time.monotonic()) // 60}"


def _machine_us() -> int:
    return time.monotonic_ns() // 1000


def tick(connection: Connection) -> Tick:
    """Now, for leases."""
    if connection.dialect.name == "sqlite":
        clock = connection.get_execution_options().get(LEASE_CLOCK, _machine_us)
        return Tick(_boot_id(), clock())
    us = connection.execute(text("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")).scalar_one()
    return Tick("database", int(us))


def passed(boot: ColumnElement[str], until: ColumnElement[int], now: Tick) -> ColumnElement[bool]:
    """A condition: the time in these two columns has passed."""
    return or_(boot != now.boot, and_(boot == now.boot, until <= now.us))


def passed_now(boot: ColumnElement[str], until: ColumnElement[int]) -> ColumnElement[bool]:
    """The same for a statement that is put together once: `now` comes as the parameters that `at` makes."""
    now_boot: BindParameter[str] = bindparam("now_boot")
    return or_(boot != now_boot, and_(boot == now_boot, until <= bindparam("now_us")))


def at(now: Tick) -> dict[str, object]:
    """Now, as parameters of a statement with `passed_now`."""
    return {"now_boot": now.boot, "now_us": now.us}
