"""Figures for Prometheus: what the door counted in its processes, and what the database says of all.

Counts and times only, labelled by account names, states and reasons of ours: no ticket, no customer's word, no secret. What
the database says is the same whichever receiver is asked; it is looked at once in a few seconds at most.
"""

from __future__ import annotations

import hmac
import shutil
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Config
from bot.intake.shared_counts import Counts, Place, take_place
from bot.log import get_logger
from bot.maintenance.statistics import AccountFigures, Figures, History, figures, history
from bot.store.database.engine import reading

log = get_logger("metrics")
FRESH_S = 5.0  # the database is asked no more often than this
MOST_ANSWERS = 32  # pairs of status and reason that an account can have: there are about twenty
HISTORY_SHARE = 0.01  # of the time at most, what is over is counted: that takes the longer the more is kept
CONTENT_TYPE = CONTENT_TYPE_LATEST
# The promise is an answer within 0.5 s (Intercom's fast lane); a commit that waits for its disk takes 1 to 20 ms.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_ANSWERS, _SECONDS = "answers", "seconds"  # what a count's name begins with
_LONGER, _SUM = "+Inf", "sum"
_PROXY_SAYS = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def folder_of(config: Config) -> Path:
    """Where the receiver's processes keep what they count."""
    return config.data_dir / "metrics" / str(config.settings.server.port)  # another receiver beside it counts for itself


def share(folder: Path) -> None:
    """From now on this process's counts are shared through `folder`, with every process that shares it too. Without a place
    there (a read-only folder) it counts for itself."""
    place = take_place(folder)
    if place is None:
        log.warning("metrics.not_shared", folder=folder.name)
        return
    _taken[:] = [place]


_taken: list[Place] = []  # this process's place, if it shares: there is one at most


class ReceiverCounts:
    """What happens at the door, counted in the process where it happens.

    Nobody's words become a label: a name that is none of `accounts` is counted without one, and there are at most as many series
    as our own words can make, whatever comes.
    """

    def __init__(self, accounts: Iterable[str]) -> None:
        self._accounts = frozenset(accounts)
        most = len(_BUCKETS) + 2 + MOST_ANSWERS * (len(self._accounts) + 1)
        self._counts = Counts(most, beyond=(_ANSWERS, "", "", "other"), place=_taken[0] if _taken else None)
        self._counts.add(*(((_SECONDS, each), 0.0) for each in (*map(str, _BUCKETS), _LONGER, _SUM)))

    def answered(self, account: str, status: int, reason: str, seconds: float) -> None:
        """One call was answered. `account` may be anything; `reason` is a word of ours out of a short list."""
        named = account if account in self._accounts else ""
        place = bisect_left(_BUCKETS, seconds)
        bucket = str(_BUCKETS[place]) if place < len(_BUCKETS) else _LONGER
        self._counts.add(((_ANSWERS, named, str(status), reason), 1.0), ((_SECONDS, bucket), 1.0), ((_SECONDS, _SUM), seconds))

    def collector(self) -> Collector:
        """All processes' counts where they share a folder, else this process's."""
        return _Families(self._families)

    def _families(self) -> Iterator[Metric]:
        found = self._counts.total()
        answers = CounterMetricFamily(
            "deskhand_webhook_answers",
            "Answers to webhook calls. The account is empty where the address names none of ours.",
            labels=("account", "status", "reason"),
        )
        for name, count in sorted(found.items()):
            if name[0] == _ANSWERS:
                answers.add_metric(name[1:], count)
        yield answers
        sizes = (*map(str, _BUCKETS), _LONGER)
        up_to = accumulate(found.get((_SECONDS, each), 0.0) for each in sizes)
        yield HistogramMetricFamily(
            "deskhand_webhook_seconds",
            "Time to answer a webhook call.",
            buckets=list(zip(sizes, up_to, strict=True)),
            sum_value=found.get((_SECONDS, _SUM), 0.0),
        )


class Metrics:
    """What `GET /metrics` says."""

    def __init__(self, config: Config, engine: Engine, clock: Callable[[], datetime]) -> None:
        self.door = ReceiverCounts(each.name for each in config.settings.accounts)
        self._config = config
        self._engine = engine
        self._clock = clock
        self._found: tuple[Figures, History] | None = None
        self._looked_at = float("-inf")
        self._history: History | None = None
        self._history_until = float("-inf")
        self._one_at_a_time = threading.Lock()

    def text(self) -> bytes:
        """The exposition. Also where the database does not answer: `deskhand_database_up` is 0 then."""
        registry = CollectorRegistry()
        registry.register(self.door.collector())
        registry.register(_Families(lambda: _families(self._look(), self._config)))
        return generate_latest(registry)

    def _look(self) -> tuple[Figures, History] | None:
        with self._one_at_a_time:
            if time.monotonic() - self._looked_at > FRESH_S:
                self._found, self._looked_at = self._figures(), time.monotonic()
            return self._found

    def _figures(self) -> tuple[Figures, History] | None:
        settings = self._config.settings
        names = tuple(each.name for each in settings.accounts)
        try:
            with reading(self._engine) as connection:
                found = figures(connection, names, self._clock(), settings.flow.stale_after_s)
                return found, self._history_of(connection)
        except SQLAlchemyError as error:
            log.warning("metrics.no_database", why=type(error).__name__)
            return None

    def _history_of(self, connection: Connection) -> History:
        began = time.monotonic()
        if self._history is None or began >= self._history_until:
            self._history = history(connection)
            took_s = time.monotonic() - began
            self._history_until = began + took_s / HISTORY_SHARE
        return self._history


class _Families(Collector):
    """Families that are made when they are asked for."""

    def __init__(self, make: Callable[[], Iterable[Metric]]) -> None:
        self._make = make

    def collect(self) -> Iterable[Metric]:
        return self._make()

    def describe(self) -> Iterable[Metric]:
        return ()


def may_read(headers: Mapping[str, str], address: str | None, token: str | None) -> bool:
    """Whether this caller may see figures. With a token: who brings it. Without: calls of this machine that no proxy passed on,
    so that a proxy which forwards everything makes nothing public. `headers` by names in small letters."""
    if token is not None:
        given = headers.get("authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    is_here = address in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
    return is_here and not any(name in headers for name in _PROXY_SAYS)


def _families(looked: tuple[Figures, History] | None, config: Config) -> Iterator[Metric]:
    yield _gauge("build_info", "The version that answers.", {(version("deskhand"),): 1}, ("version",))
    yield _gauge("database_up", "1 where the database answered just now.", 0 if looked is None else 1)
    yield from _disk(config)
    if looked is not None:
        found, over = looked
        yield from _work(found, over)
        yield from _accounts(found.accounts, config)
        yield from _processes(found)


def _work(found: Figures, over: History) -> Iterator[Metric]:
    delivered, ran, asked = over.deliveries | found.deliveries, over.runs | found.runs, over.requests | found.requests
    yield _gauge("deliveries", "Deliveries that are kept, by state.", _known(_DELIVERIES, delivered), ("state",))
    yield _gauge("oldest_waiting_seconds", "How long the oldest delivery waits that is not done.", found.oldest_waiting_s)
    yield _gauge("deliveries_stale", "Deliveries that wait longer than flow.stale_after_s.", found.stale)
    yield _gauge("delivery_conflicts", "Deliveries kept apart: a known id with another body.", over.conflicts)
    yield _gauge("tickets_waiting", "Tickets with work that is not done, rests and waits included.", found.tickets_waiting)
    yield _gauge("tickets_put_off", "Tickets that are answered late: messages look like a machine's.", found.tickets_put_off)
    stopped = _known(("off", "rests"), found.rules_stopped)
    yield _gauge(
        "rules_stopped", "Rules that do not count: switched off by somebody, or at rest by themselves.", stopped, ("state",)
    )
    yield _gauge("runs", "Runs that are kept, by state.", _known(_RUNS, ran), ("state",))
    yield _gauge("requests", "Requests to helpdesks that are kept, by outcome.", _known(_REQUESTS, asked), ("state",))
    yield _gauge("drafts", "Drafts that are kept, by state.", _known(_DRAFTS, over.drafts | found.drafts), ("state",))
    yield _gauge("model_tokens_today", "Tokens that the model cost today (UTC), those set aside among them.", found.model_tokens)
    opinions = _known(_OPINIONS, over.opinions.states)
    yield _gauge("opinions", "Messages that a model was asked about and that are kept, by state.", opinions, ("state",))
    yield _gauge("opinions_late", "Of these, answers that came after their run.", over.opinions.late)
    yield _gauge(
        "opinion_parts_dropped",
        "Parts of answers that were not kept: no word of a list, or nobody's words.",
        over.opinions.dropped,
    )
    yield _gauge("due_waiting", "Times to come: follow-ups and the like.", found.due_waiting)
    family = CounterMetricFamily("deskhand_possible_duplicate", "Internal notes that were found in a ticket twice.")
    family.add_metric((), over.possible_duplicates)
    yield family


def _accounts(found: Mapping[str, AccountFigures], config: Config) -> Iterator[Metric]:
    share = {each.name: max(1, int(each.calls_per_minute * each.budget_share)) for each in config.settings.accounts}
    rows: tuple[tuple[str, str, Callable[[str, AccountFigures], float]], ...] = (
        ("account_held", "1 where the helpdesk refuses the credentials.", lambda name, each: int(each.is_held)),
        ("account_blocked_seconds", "Until calls are allowed again (a 429).", lambda name, each: each.blocked_s),
        ("account_budget_used", "Calls handed out in this minute.", lambda name, each: each.calls_used),
        ("account_budget", "Calls a minute that Deskhand may make.", lambda name, each: share[name]),
    )
    for name, words, figure in rows:
        yield _gauge(name, words, _by_account({account: figure(account, each) for account, each in found.items()}), ("account",))
    polled = _by_account({name: each.polled_at.timestamp() for name, each in found.items() if each.polled_at})
    yield _gauge("account_polled_timestamp_seconds", "When the account was last polled.", polled, ("account",))


def _by_account(found: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): each for name, each in found.items()}


def _processes(found: Figures) -> Iterator[Metric]:
    yield _gauge("processes", "Processes seen in the last two minutes.", _known(_ROLES, found.processes), ("role",))
    if found.backed_up_at is not None:
        when = found.backed_up_at.timestamp()
        yield _gauge("backed_up_timestamp_seconds", "When `deskhand backup` last succeeded.", when)


def _disk(config: Config) -> Iterator[Metric]:
    with suppress(OSError):
        free = shutil.disk_usage(config.data_dir).free
        yield _gauge("disk_free_bytes", "Free where the database or the sockets are.", free)
    path = config.database_url.removeprefix("sqlite:///")
    if path != config.database_url:
        sizes: dict[tuple[str, ...], float] = {("database",): _size(Path(path)), ("wal",): _size(Path(path + "-wal"))}
        yield _gauge("sqlite_bytes", "Size of the database's files.", sizes, ("file",))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


_DELIVERIES = ("pending", "done", "ignored", "superseded", "parked")
_RUNS = ("started", "planned", "done", "failed", "abandoned", "parked", "waiting")
_REQUESTS = ("intended", "sent", "confirmed", "failed", "unknown", "replaced", "yielded", "waiting")
_DRAFTS = ("asked", "ready", "live", "accepted", "sent", "taken_over", "rejected", "superseded", "retired", "withheld")
_OPINIONS = ("asked", "ready", "cached", "failed")
_ROLES = ("receiver", "worker", "ticker")


def _known(names: tuple[str, ...], found: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    """With a zero for what is not there: an alarm on a series that does not exist never rings."""
    return {(name,): found.get(name, 0) for name in (*names, *sorted(found.keys() - set(names)))}


def _gauge(
    name: str, words: str, value: float | Mapping[tuple[str, ...], float], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"deskhand_{name}", words, labels=labels)
    for label, each in value.items() if isinstance(value, Mapping) else ((((), value),)):
        family.add_metric(label, each)
    return family
