"""What the bot did to a stand-in helpdesk: every API call counted, every write that was applied kept.

Tests ask it "exactly one note?" and "how many calls for this ticket?"; over HTTP it is GET /_sandbox/effects and
/_sandbox/calls. Stories' and pages' verbs are not API calls and leave no trace here.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Call:
    """One API call. `status` is what was answered: 0 where the connection was reset, -1 while it is under way."""

    seq: int
    at: datetime
    method: str
    path: str
    pattern: str  # the route, e.g. /api/v2/tickets/<ticket_id>; "" where no route matched
    ticket: str | None  # external id, from a route argument called `ticket_id`
    query: str = ""
    body: Any = None
    actor: str | None = None  # who is authenticated (an e-mail address); set by the desk
    status: int = -1
    fault: str | None = None
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One API write that changed stored state.

    `what`: update, comment, note, reply, tags, merge, create, delete ... `changes`: field -> [before, after] in the
    vendor's words, plus `note` or `reply` -> [None, body] where a message was added.
    """

    seq: int
    at: datetime
    method: str
    path: str
    actor: str | None
    ticket: str | None
    what: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None


class EffectLog:
    """Thread-safe, in order of application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._effects: list[Effect] = []
        self._next = 0

    def open_call(self, **fields: Any) -> Call:
        with self._lock:
            self._next += 1
            call = Call(seq=self._next, **fields)
            self._calls.append(call)
            return call

    def add(self, call: Call, *, at: datetime, ticket: str | None, what: str, changes: Mapping[str, Any]) -> None:
        with self._lock:
            self._effects.append(
                Effect(
                    seq=call.seq, at=at, method=call.method, path=call.path, actor=call.actor, ticket=ticket, what=what,
                    changes=dict(changes), body=call.body,
                )
            )  # fmt: skip

    def mark(self) -> int:
        """A place in the log for `forget_since`."""
        with self._lock:
            return len(self._effects)

    def forget_since(self, mark: int) -> None:
        """Take back what a fault took back."""
        with self._lock:
            del self._effects[mark:]

    def effects(self, ticket: str | None = None, *, what: str | None = None) -> list[Effect]:
        """Applied writes, of one ticket and of one kind where asked."""
        with self._lock:
            found = list(self._effects)
        return [each for each in found if (ticket is None or each.ticket == ticket) and (what is None or each.what == what)]

    def calls(self, ticket: str | None = None, *, method: str | None = None) -> list[Call]:
        with self._lock:
            found = list(self._calls)
        return [each for each in found if (ticket is None or each.ticket == ticket) and (method is None or each.method == method)]

    def counts(self, ticket: str | None = None) -> dict[str, int]:
        """`GET /api/v2/tickets/<ticket_id> 200` -> how often."""
        return dict(Counter(f"{call.method} {call.pattern or call.path} {call.status}" for call in self.calls(ticket)))

    def per_ticket(self) -> dict[str, int]:
        """Calls by ticket; calls that name no ticket stand under ""."""
        return dict(Counter(call.ticket or "" for call in self.calls()))

    def reset(self) -> None:
        with self._lock:
            self._calls.clear()
            self._effects.clear()


def as_json(entry: Call | Effect) -> dict[str, Any]:
    """An entry with its time as ISO text."""
    return {**asdict(entry), "at": entry.at.isoformat()}
