"""The rate budget of a helpdesk account, kept in the database for all workers: calls per minute, blocks, pauses."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine

from adapters.errors import RateLimited
from adapters.helpdesk import CallLimit
from bot.log import get_logger
from bot.store import accounts
from bot.store.database.engine import reading

log = get_logger("budget")

# https://developer.zendesk.com/api-reference/introduction/rate-limits and https://developers.freshdesk.com/api/#ratelimit
_TOLD = re.compile(r"total=([0-9]{1,7});\s*remaining=([0-9]{1,7});\s*resets=([0-9]{1,5})")  # Zendesk's, of one endpoint
_PER_MINUTE = ("x-rate-limit", "ratelimit-limit", "rate-limit", "x-ratelimit-total")


BLOCK_MARGIN_S = 0.5  # vendors name whole seconds
PAUSE_MOST_S = 300.0
MOST_IN_STOCK = 20  # calls; a process that is killed takes what it has in stock out of the minute


class SharedBudget:
    """The account's calls per minute, handed out in chunks so that most calls cost no query but a look at the account's block.

    `share` of `per_minute` is ours; humans and other apps keep the rest. A 429 blocks the account for all workers. One object
    for each account and process: what is left of a chunk belongs to the next run. `limits`: the vendor's smaller ones; of them
    the same share is ours, call by call and spread over the minute, since agents use up the same ones without our seeing it.
    `pause_s`: a helpdesk that fails time after time is left alone by all workers, first for so long, then longer each time.
    """

    def __init__(
        self,
        engine: Engine,
        account: str,
        per_minute: int,
        share: float,
        limits: Sequence[CallLimit] = (),
        pause_s: tuple[float, float] = (5.0, PAUSE_MOST_S),
    ) -> None:
        self._engine = engine
        self._account = account
        self._share = share
        self._per_minute = per_minute
        self._size(per_minute)
        self._left = 0
        self._minute = 0  # whose share that is
        self._spare = 0  # taken and not to be used: handed back with the next transaction
        self._one_at_a_time = threading.Lock()
        self._limits = tuple((each, re.compile(each.path)) for each in limits)
        self._totals: dict[str, int] = {}  # what answers say of `limits`
        self._pause_s = pause_s
        self._is_failing = False  # as far as we know

    def take(self, method: str = "GET", path: str = "") -> None:
        with self._one_at_a_time:
            self._refuse_while_blocked()
            self._take()
            limit = next((each for each, pattern in self._limits if each.method == method and pattern.fullmatch(path)), None)
            if limit is not None:
                self._step(limit)

    def _refuse_while_blocked(self) -> None:
        """Whatever is left of a chunk: another process may have met a 429."""
        with reading(self._engine) as connection:
            state = accounts.state(connection, self._account)
        self._is_failing = state.failures > 0
        if state.blocked_s:
            raise RateLimited(max(state.blocked_s, 1.0))

    def _step(self, limit: CallLimit) -> None:
        with self._engine.begin() as connection:
            wait_s = accounts.step(connection, self._account, limit.name, self._pace(limit))
        if wait_s:
            self._left += 1
            raise RateLimited(max(wait_s, 1.0))

    def _pace(self, limit: CallLimit) -> accounts.Pace:
        """So that no minute sees more than our share: some at once, the rest evenly."""
        total = self._totals.get(limit.name) or limit.per_minute or self._per_minute * limit.of_plan
        ours = max(1.0, total * self._share)
        at_once = max(1, int(ours * limit.at_once))
        return accounts.Pace(every_s=60.0 / max(1.0, ours - at_once), at_once=at_once)

    def _take(self) -> None:
        if self._left == 0:
            with self._engine.begin() as connection:
                accounts.give_back(connection, self._account, self._spare, self._minute)
                self._spare = 0
                blocked_s = accounts.state(connection, self._account).blocked_s
                tokens = accounts.Tokens(0, blocked_s) if blocked_s else self._more(connection)
            if not tokens.given:
                raise RateLimited(max(tokens.wait_s, 1.0))
            self._left, self._minute = tokens.given, tokens.minute
        self._left -= 1

    def _more(self, connection: Connection) -> accounts.Tokens:
        return accounts.take_tokens(connection, self._account, self._chunk, self._allowed)

    def close(self) -> None:
        """Nobody calls through this one any more: what is left of its chunk is for others. RQ forks for each job, and twenty
        chunks that are never given back are all that a minute has."""
        with self._one_at_a_time:
            self._keep(0)
            if self._spare:
                with self._engine.begin() as connection:
                    accounts.give_back(connection, self._account, self._spare, self._minute)
                self._spare = 0

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """A plan that allows fewer calls than the configuration believes is believed itself; never more than configured.
        Intercom's header counts windows of ten seconds and teaches nothing about a minute."""
        self._watch(is_failure=status == 0 or status >= 500)
        lower = {name.lower(): value for name, value in headers.items()}
        for limit, _ in self._limits:
            if told := _TOLD.search(lower.get(limit.header, "")):
                self._believe(limit, *map(int, told.groups()))
        for name in _PER_MINUTE:
            plan = lower.get(name, "").split(".")[0]
            if plan.isdecimal() and int(plan) < self._per_minute:
                with self._one_at_a_time:
                    self._size(max(1, int(plan)))
                    self._keep(self._chunk)

    def _watch(self, *, is_failure: bool) -> None:
        """Count what fails in a row, over all workers. An answer costs a transaction only while things go wrong."""
        if is_failure:
            with self._engine.begin() as connection:
                pause_s = accounts.count_failure(connection, self._account, *self._pause_s)
            if pause_s:
                log.warning("account.paused", account=self._account, seconds=round(pause_s, 1))
        elif self._is_failing:
            with self._engine.begin() as connection:
                accounts.count_success(connection, self._account)
        self._is_failing = is_failure

    def _believe(self, limit: CallLimit, total: int, left: int, resets_s: int) -> None:
        """An answer's word on one of the smaller limits; where others have used it up, the next call would be a 429."""
        with self._one_at_a_time:
            self._totals[limit.name] = total
            pace = self._pace(limit)
        if left == 0:
            with self._engine.begin() as connection:
                accounts.stand_still(connection, self._account, limit.name, pace, resets_s)

    def _size(self, per_minute: int) -> None:
        self._allowed = max(1, int(per_minute * self._share))
        self._chunk = max(1, min(self._allowed // 20, MOST_IN_STOCK))

    def _keep(self, most: int) -> None:
        self._spare += max(0, self._left - most)
        self._left = min(self._left, most)

    def block(self, retry_after_s: float) -> None:
        with self._one_at_a_time:
            self._keep(0)
        with self._engine.begin() as connection:
            accounts.block(connection, self._account, retry_after_s + BLOCK_MARGIN_S if retry_after_s else 0.0)
