"""Freshdesk's plan limits, in credits a minute for the account, with smaller ones for updates and lists.

https://developers.freshdesk.com/api/#ratelimit; without other figures the Enterprise plan's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

_MINUTE_S = 60
LISTS = {200: 20, 400: 100, 700: 200}  # of Growth, Pro, Enterprise


@dataclass(slots=True)
class Limits:
    """`per_minute` None switches all limits off; `used` counts this minute's credits by kind. `included`: what each name in a
    read's `include` costs besides; the vendor's own pages say 1 or 2. `spent`: the credits of each whole minute and of this one,
    `refused`: calls that were answered 429."""

    per_minute: int | None = 700
    included: int = 2
    kinds: dict[str, int] = field(default_factory=dict)  # smaller limits, in calls a minute; empty: the plan's own
    used: dict[str, int] = field(default_factory=dict)
    minute: int = -1
    spent: list[int] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        if not self.kinds and self.per_minute is not None:
            self.kinds = {"update": self.per_minute * 2 // 5, "list": LISTS.get(self.per_minute, self.per_minute * 2 // 7)}

    def cost(self, included: int) -> int:
        """The credits of one call that includes so many others."""
        return 1 + included * self.included

    def spend(self, credits: int, kind: str, at: datetime) -> int | None:
        """Take credits; None if there were enough, else the seconds until the next minute. Refused calls count too."""
        seconds = int(at.timestamp())
        if seconds // _MINUTE_S != self.minute:
            self.minute, self.used = seconds // _MINUTE_S, {}
            self.spent.append(0)
        self.spent[-1] += credits
        if self.per_minute is None:
            return None
        self.used["all"] = self.used.get("all", 0) + credits
        self.used[kind] = self.used.get(kind, 0) + 1
        enough = self.used["all"] <= self.per_minute and self.used[kind] <= self.kinds.get(kind, self.per_minute)
        self.refused += not enough
        return None if enough else _MINUTE_S - seconds % _MINUTE_S

    @property
    def total(self) -> int:
        return self.per_minute or 100_000

    @property
    def remaining(self) -> int:
        return max(0, self.total - self.used.get("all", 0))

    def reset(self) -> None:
        self.minute, self.used, self.spent, self.refused = -1, {}, [], 0
