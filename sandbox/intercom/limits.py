"""Intercom's rate limit: a window of ten seconds for each app, named in the headers of every answer.

https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_WINDOW_S = 10


@dataclass(slots=True)
class Limits:
    """`per_window`: a sixth of the 10,000 a minute that an app has."""

    per_window: int = 1_666
    used: int = 0
    window: int = -1

    def spend(self, at: datetime) -> bool:
        """Count one call; whether it is within the limit."""
        window = int(at.timestamp()) // _WINDOW_S
        if window != self.window:
            self.window, self.used = window, 0
        self.used += 1
        return self.used <= self.per_window

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.per_window),
            "X-RateLimit-Remaining": str(max(0, self.per_window - self.used)),
            "X-RateLimit-Reset": str((self.window + 1) * _WINDOW_S),
        }

    def reset(self) -> None:
        self.used, self.window = 0, -1
