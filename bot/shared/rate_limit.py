"""The rate budget of a helpdesk account, kept in the database for all workers: what its vendor counts in a minute (calls, or
credits of which a call may take several), smaller limits of some calls, blocks, pauses."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, Engine

from adapters.errors import RateLimited
from adapters.helpdesk import CallLimit, PlannedCall, one_each
from bot.log import get_logger
from bot.store import accounts
from bot.store.database.engine import reading

log = get_logger("budget")

# https://developer.zendesk.com/api-reference/introduction/rate-limits and https://developers.freshdesk.com/api/#ratelimit
_TOLD = re.compile(r"total=([0-9]{1,7});\s*remaining=([0-9]{1,7});\s*resets=([0-9]{1,5})")  # Zendesk's, of one endpoint
_PER_MINUTE = ("x-rate-limit", "ratelimit-limit", "rate-limit", "x-ratelimit-total")
_USED = "x-ratelimit-used-currentrequest"  # Freshdesk's: what this very call took
_REMAINING = "x-ratelimit-remaining"
_NUMBER = re.compile(r"([0-9]{1,7})(?:\.[0-9]{1,9})?")  # Freshdesk was seen to write "100.0"
_DIGITS = re.compile(r"[0-9]+")


BLOCK_MARGIN_S = 0.5  # vendors name whole seconds
PAUSE_MOST_S = 300.0
MOST_IN_STOCK = 20  # calls; a process that is killed takes what it has in stock out of the minute
MOST_SHAPES = 200  # of calls whose cost is remembered; there are some ten
MINUTE_S = 60.0


class _Mine(threading.local):
    """What this thread's run holds for its calls to come, and what its call under way was charged."""

    credits: int = 0
    slots: tuple[str, ...] = ()  # names of the limits that the run's call need not ask any more
    shape: str = ""
    charged: int = 0


class SharedBudget:
    """The account's minute, handed out in chunks so that most calls cost no query but a look at the account's block.

    `share` of `per_minute` is ours; humans and other apps keep the rest. A 429 blocks the account for all workers. One object
    for each account and process: what is left of a chunk belongs to the next run. `limits`: the vendor's smaller ones; of them
    the same share is ours, call by call and spread over the minute, since agents use up the same ones without our seeing it.
    `pause_s`: a helpdesk that fails time after time is left alone by all workers, first for so long, then longer each time.
    `cost`: what a call is expected to take (method, path with query); answers that tell correct it, at once and for later.
    """

    def __init__(
        self,
        engine: Engine,
        account: str,
        per_minute: int,
        share: float,
        limits: Sequence[CallLimit] = (),
        pause_s: tuple[float, float] = (5.0, PAUSE_MOST_S),
        cost: Callable[[str, str], int] = one_each,
    ) -> None:
        self._engine = engine
        self._account = account
        self._share = share
        self._per_minute = per_minute
        self._size(per_minute)
        self._left = 0  # below 0 where calls took more than was expected
        self._minute = 0  # whose share that is
        self._spare = 0  # taken and not to be used: handed back with the next transaction
        self._one_at_a_time = threading.Lock()
        self._limits = tuple((each, re.compile(each.path)) for each in limits)
        self._totals: dict[str, int] = {}  # what answers say of `limits`
        self._pause_s = pause_s
        self._is_failing = False  # as far as we know
        self._cost = cost
        self._costs: dict[str, int] = {}  # what answers said that calls of this shape took
        self._remaining = 0  # of the vendor's minute, as the newest answer said
        self._renewed_at = 0.0  # when that was seen to grow: a new minute of the vendor's
        self._mine = _Mine()

    def take(self, method: str = "GET", path: str = "") -> None:
        """Count a call of this thread. Raises RateLimited."""
        mine = self._mine
        mine.shape, cost = self._expected(method, path)
        with self._one_at_a_time:
            self._refuse_while_blocked()
            held = min(mine.credits, cost)
            self._take(cost - held)
            limit = self._limit_of(method, path)
            if limit is not None and limit.name in mine.slots:
                mine.slots = tuple(each for each in mine.slots if each != limit.name)
            elif limit is not None:
                self._step(limit, refund=cost - held)
            mine.credits -= held
        mine.charged = cost

    def hold(self, calls: Sequence[PlannedCall]) -> None:
        """Set aside what a run is going to need, before its first read: one that must wait later on would read all over again.

        It is this thread's until `release`. Raises RateLimited, and holds nothing then.
        """
        self.release()
        if not calls:
            return
        wanted = sum(self._expected(*each)[1] for each in calls)
        limits = {limit.name: limit for each in calls if (limit := self._limit_of(*each)) is not None}
        with self._one_at_a_time:
            self._refuse_while_blocked()
            self._take(wanted)
            for limit in limits.values():
                self._step(limit, refund=wanted)
            self._mine.credits, self._mine.slots = wanted, tuple(limits)

    def release(self) -> None:
        """What this thread's run held and did not use is for others."""
        mine = self._mine
        credits, slots, mine.credits, mine.slots = mine.credits, mine.slots, 0, ()
        if not (credits or slots):
            return
        with self._one_at_a_time:
            self._left += credits
            self._keep(self._chunk)
            if slots:
                with self._engine.begin() as connection:
                    for limit, _ in self._limits:
                        if limit.name in slots:
                            accounts.step_back(connection, self._account, limit.name, self._pace(limit))

    def _expected(self, method: str, path: str) -> tuple[str, int]:
        """A call's shape, and what it will take of the minute."""
        shape = f"{method} {_DIGITS.sub('0', path)}"
        return shape, self._costs.get(shape) or self._cost(method, path)

    def _limit_of(self, method: str, path: str) -> CallLimit | None:
        plain = path.partition("?")[0]
        return next((each for each, pattern in self._limits if each.method == method and pattern.fullmatch(plain)), None)

    def _refuse_while_blocked(self) -> None:
        """Whatever is left of a chunk: another process may have met a 429."""
        with reading(self._engine) as connection:
            state = accounts.state(connection, self._account)
        self._is_failing = state.failures > 0
        if state.blocked_s:
            raise RateLimited(max(state.blocked_s, 1.0))

    def _step(self, limit: CallLimit, refund: int) -> None:
        with self._engine.begin() as connection:
            wait_s = accounts.step(connection, self._account, limit.name, self._pace(limit))
            if wait_s:
                self._left += refund
                self._keep(self._chunk)
                self._hand_back(connection)
        if wait_s:
            raise RateLimited(max(wait_s, 1.0))

    def _hand_back(self, connection: Connection) -> None:
        accounts.give_back(connection, self._account, self._spare, self._minute)
        self._spare = 0

    def _pace(self, limit: CallLimit) -> accounts.Pace:
        """So that no minute sees more than our share: some at once, the rest evenly."""
        total = self._totals.get(limit.name) or limit.per_minute or self._per_minute * limit.of_plan
        ours = max(1.0, total * self._share)
        at_once = max(1, int(ours * limit.at_once))
        return accounts.Pace(every_s=60.0 / max(1.0, ours - at_once), at_once=at_once)

    def _take(self, cost: int) -> None:
        if not cost:
            return  # all of it was set aside
        wanted = min(cost, self._allowed)  # what takes more than our whole share goes when all of it is there, and owes the rest
        while self._left < wanted:
            with self._engine.begin() as connection:
                self._hand_back(connection)
                blocked_s = accounts.state(connection, self._account).blocked_s
                tokens = accounts.Tokens(0, blocked_s) if blocked_s else self._more(connection, wanted - self._left)
            if not tokens.given:
                raise RateLimited(max(tokens.wait_s, 1.0))
            self._left, self._minute = self._left + tokens.given, tokens.minute
        self._left -= cost

    def _more(self, connection: Connection, missing: int) -> accounts.Tokens:
        return accounts.take_tokens(connection, self._account, max(self._chunk, missing), self._allowed)

    def close(self) -> None:
        """Nobody calls through this one any more: what is left of its chunk is for others. RQ forks for each job, and twenty
        chunks that are never given back are all that a minute has."""
        self.release()
        with self._one_at_a_time:
            self._keep(0)
            if self._spare:
                with self._engine.begin() as connection:
                    self._hand_back(connection)

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """A plan that allows fewer calls than the configuration believes is believed itself; never more than configured.
        Intercom's header counts windows of ten seconds and teaches nothing about a minute."""
        self._watch(is_failure=status == 0 or status >= 500)
        lower = {name.lower(): value for name, value in headers.items()}
        for limit, _ in self._limits:
            if told := _TOLD.search(lower.get(limit.header, "")):
                self._believe(limit, *map(int, told.groups()))
        for name in _PER_MINUTE:
            plan = _number(lower, name)
            if plan is not None and plan < self._per_minute:
                with self._one_at_a_time:
                    self._size(max(1, plan))
                    self._keep(self._chunk)
        self._settle(_number(lower, _USED))
        self._leave_some(_number(lower, "x-ratelimit-total"), _number(lower, _REMAINING))

    def _settle(self, used: int | None) -> None:
        """The call took `used` of the minute, not what was expected: the difference is taken or given back, and remembered."""
        mine = self._mine
        charged, mine.charged = mine.charged, 0
        if not used or not charged:
            return
        with self._one_at_a_time:
            if len(self._costs) < MOST_SHAPES or mine.shape in self._costs:
                self._costs[mine.shape] = used
            held = max(0, min(mine.credits, used - charged))
            mine.credits -= held
            self._left -= used - charged - held

    def _leave_some(self, total: int | None, remaining: int | None) -> None:
        """Half of what others keep is theirs in any case: our minute begins when it likes, and two of ours may fall into one of
        the vendor's. So ours ends before that is touched, and the next one begins with the vendor's as far as we know. Runs that
        hold what they need go on."""
        if total is None or remaining is None or self._share >= 1.0:
            return
        now = time.monotonic()
        with self._one_at_a_time:
            if remaining > self._remaining:
                self._renewed_at = now
            self._remaining = remaining
            over_s = MINUTE_S - (now - self._renewed_at)
            if remaining >= total * (1.0 - self._share) / 2:
                return
            self._keep(0)
            with self._engine.begin() as connection:
                accounts.end_minute(connection, self._account, self._allowed, min(MINUTE_S, max(1.0, over_s)))

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


def _number(headers: Mapping[str, str], name: str) -> int | None:
    found = _NUMBER.fullmatch(headers.get(name, "").strip())
    return int(found[1]) if found else None
