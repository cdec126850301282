"""Freshdesk's plan limits, in credits a minute for the account, with smaller ones for updates and lists.

https://developers.freshdesk.com/api/#ratelimit; the figures are the Enterprise plan's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

_MINUTE_S = 60


@dataclass(slots=True)
class Limits:
    """`per_minute` None switches all limits off; `used` counts this minute's credits by kind."""

    per_minute: int | None = 700
    kinds: dict[str, int] = field(default_factory=lambda: {"update": 280, "list": 200})
    used: dict[str, int] = field(default_factory=dict)
    minute: int = -1

    def spend(self, credits: int, kind: str, at: datetime) -> int | None:
        """Take credits; None if there were enough, else the seconds until the next minute. Refused calls count too."""
        seconds = int(at.timestamp())
        if seconds // _MINUTE_S != self.minute:
            self.minute, self.used = seconds // _MINUTE_S, {}
        if self.per_minute is None:
            return None
        self.used["all"] = self.used.get("all", 0) + credits
        self.used[kind] = self.used.get(kind, 0) + 1
        enough = self.used["all"] <= self.per_minute and self.used[kind] <= self.kinds.get(kind, self.per_minute)
        return None if enough else _MINUTE_S - seconds % _MINUTE_S

    @property
    def total(self) -> int:
        return self.per_minute or 100_000

    @property
    def remaining(self) -> int:
        return max(0, self.total - self.used.get("all", 0))

    def reset(self) -> None:
        self.minute, self.used = -1, {}
