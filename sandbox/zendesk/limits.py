"""Zendesk's rate limits, as far as they are switched on. None: not enforced (the headers then show a large account).

https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limits:
    """`plan`: calls a minute and account (200 to 2500). `ticket_updates`: calls a minute and account (100).
    `updates_per_ticket`: within ten minutes by one user on one ticket (30). `export`: calls a minute (10)."""

    plan: int | None = None
    ticket_updates: int | None = None
    updates_per_ticket: int | None = None
    export: int | None = None
    _seen: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, *, actor: str, method: str, ticket: str | None, is_export: bool) -> tuple[dict[str, str], int | None]:
        """Count one call: the headers to answer with, and Retry-After in seconds where it is one too many."""
        with self._lock:
            left, wait = self._count("plan", self.plan or 100_000, 60)
            total = str(self.plan or 100_000)
            headers = {
                "X-Rate-Limit": total,
                "X-Rate-Limit-Remaining": str(left),
                "ratelimit-limit": total,
                "ratelimit-remaining": str(left),
                "ratelimit-reset": "60",
            }
            waits = [wait]
            if method == "PUT" and ticket is not None:
                waits += self._updates(actor, ticket, headers)
            if is_export and self.export is not None:
                waits.append(self._count("export", self.export, 60)[1])
        return headers, max((each for each in waits if each is not None), default=None)

    def _updates(self, actor: str, ticket: str, headers: dict[str, str]) -> list[int | None]:
        most = self.ticket_updates or 100_000
        left, wait = self._count("updates", most, 60)
        headers["Zendesk-RateLimit-Tickets-Update"] = f"total={most}; remaining={left}; resets=60"
        waits = [wait]
        if self.updates_per_ticket is not None:
            waits.append(self._count(f"{actor} {ticket}", self.updates_per_ticket, 600)[1])
        return waits

    def _count(self, name: str, most: int, window_s: float) -> tuple[int, int | None]:
        """(calls left, seconds to wait if this one is too many)."""
        now, seen = time.monotonic(), self._seen[name]
        while seen and seen[0] <= now - window_s:
            seen.popleft()
        if len(seen) >= most:
            return 0, max(1, round(seen[0] + window_s - now))
        seen.append(now)
        return most - len(seen), None
