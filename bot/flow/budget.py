"""What all workers share about an account's API, kept in the database: the rate budget and slowly changing data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from adapters.errors import RateLimited
from adapters.ticket import Json
from bot.store import accounts
from bot.store.engine import reading

# https://developer.zendesk.com/api-reference/introduction/rate-limits and https://developers.freshdesk.com/api/#ratelimit
_PER_MINUTE = ("x-rate-limit", "ratelimit-limit", "rate-limit", "x-ratelimit-total")


class SharedBudget:
    """The account's calls per minute, handed out in chunks so that most calls cost no query.

    `share` of `per_minute` is ours; humans and other apps keep the rest. A 429 blocks the account for all workers. One object
    for each account and process: what is left of a chunk belongs to the next run.
    """

    def __init__(self, engine: Engine, account: str, per_minute: int, share: float) -> None:
        self._engine = engine
        self._account = account
        self._share = share
        self._per_minute = per_minute
        self._size(per_minute)
        self._left = 0
        self._spare = 0  # taken and not to be used: handed back with the next transaction
        self._one_at_a_time = threading.Lock()

    def take(self) -> None:
        with self._one_at_a_time:
            self._take()

    def _take(self) -> None:
        if self._left == 0:
            with self._engine.begin() as connection:
                accounts.give_back(connection, self._account, self._spare)
                self._spare = 0
                blocked_s = accounts.state(connection, self._account).blocked_s
                given, wait_s = (0, blocked_s) if blocked_s else self._more(connection)
            if not given:
                raise RateLimited(max(wait_s, 1.0))
            self._left = given
        self._left -= 1

    def _more(self, connection: Connection) -> tuple[int, float]:
        return accounts.take_tokens(connection, self._account, self._chunk, self._allowed)

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """A plan that allows fewer calls than the configuration believes is believed itself; never more than configured.
        Intercom's header counts windows of ten seconds and teaches nothing about a minute."""
        lower = {name.lower(): value for name, value in headers.items()}
        for name in _PER_MINUTE:
            plan = lower.get(name, "").split(".")[0]
            if plan.isdecimal() and int(plan) < self._per_minute:
                with self._one_at_a_time:
                    self._size(max(1, int(plan)))
                    self._keep(self._chunk)

    def _size(self, per_minute: int) -> None:
        self._allowed = max(1, int(per_minute * self._share))
        self._chunk = max(1, self._allowed // 20)

    def _keep(self, most: int) -> None:
        self._spare += max(0, self._left - most)
        self._left = min(self._left, most)

    def block(self, retry_after_s: float) -> None:
        with self._one_at_a_time:
            self._keep(0)
        with self._engine.begin() as connection:
            accounts.block(connection, self._account, retry_after_s)


class SharedCache:
    """People, companies, teams, macros and our own user, kept for all workers (adapters.helpdesk.ReferenceCache)."""

    def __init__(self, engine: Engine, account: str, most_s: float, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._account = account
        self._most_s = most_s
        self._clock = clock

    def get(self, name: str, max_age_s: float) -> Json | None:
        since = self._clock() - timedelta(seconds=min(max_age_s, self._most_s))
        with reading(self._engine) as connection:
            return accounts.get_reference(connection, self._account, name, since)

    def put(self, name: str, value: Json) -> None:
        with self._engine.begin() as connection:
            accounts.put_reference(connection, self._account, name, value, self._clock())
