"""What the doctor asks of operations: who works, the queue's own words, disks, clocks, backups."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    MaxConnectionsError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry
from rq import Queue, Worker
from sqlalchemy import Connection, Engine, text

from bot.config import AccountSettings, Config
from bot.intake.backpressure import Pressure
from bot.maintenance.statistics import LIVING
from bot.queue.redis_wakeup import QUEUE_NAME
from bot.shared.helpdesk_clock import WARN_S, WRONG_S, in_words
from bot.store import deliveries, processes, refused_writes, runs, system_times, tickets
from bot.store.rules import rule_firings, rule_versions
from bot.store.rules.rule_firings import Stop
from bot.writes import refusals

SKEW_S = 5.0
WAL_BYTES = 64 * 1024 * 1024
RETAINED = timedelta(days=2)
MACHINES_LATELY = timedelta(days=7)
REFUSED_LATELY = timedelta(days=1)
RESTED = timedelta(days=1)  # so long the doctor tells of a rule that rested
# SQLite's locks do not hold there: https://www.sqlite.org/faq.html#q5
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "9p", "fuse.sshfs", "fuse.s3fs"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was asked, whether it is well, and what to do if not."""

    what: str
    is_well: bool
    words: str
    is_warning: bool = False  # well enough, and better mended

    @property
    def mark(self) -> str:
        return ("see" if self.is_warning else "ok ") if self.is_well else "ILL"


def look_at_processes(connection: Connection, now: datetime, strict: bool) -> Iterator[Finding]:
    """Who gave a sign of life. Nobody at all may be meant so; one role without the others is not."""
    seen = processes.living(connection, now - LIVING)
    waiting = deliveries.backlog(connection)
    missing = [role for role in ("receiver", "worker", "ticker") if not seen.get(role)]
    words = ", ".join(f"{count} {role}{'s' if count > 1 else ''}" for role, count in sorted(seen.items())) or "nobody"
    if missing and seen:
        words += f"; no {' and no '.join(missing)} has been seen for 2 minutes"
    is_ill = (bool(seen) and bool(missing) and strict) or ("worker" in missing and waiting > 0 and strict)
    if not missing or not seen:
        words = f"{words} in the last 2 minutes"
    yield Finding("processes", not is_ill, words, is_warning=bool(missing))
    if len(versions := processes.versions(connection, now - LIVING)) > 1:
        yield Finding("versions", True, f"{' and '.join(sorted(versions))} work side by side: end the upgrade", is_warning=True)


def look_at_clock(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Our clock beside PostgreSQL's. SQLite has none of its own."""
    if connection.dialect.name != "postgresql":
        return
    theirs: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
    skew_s = abs((now - theirs).total_seconds())
    words = f"{skew_s:.1f} s between this machine and the database"
    yield Finding(
        "clock", skew_s <= SKEW_S, words + ("" if skew_s <= SKEW_S else ": signed webhooks may be refused; mend the time")
    )


def look_at_helpdesk_clock(account: AccountSettings, ahead_s: float | None) -> Iterator[Finding]:
    """Our clock beside the helpdesk's, by the Date of its answers."""
    if ahead_s is None or abs(ahead_s) <= WARN_S:
        return
    words = f"this machine's clock is {in_words(ahead_s)} the helpdesk's: set the time (timedatectl shows it)"
    is_refused = abs(ahead_s) > account.webhook.replay_window_s / 2
    if is_refused:
        words += "; signed webhooks are put off or refused"
    if abs(ahead_s) > WRONG_S:
        words += "; nothing is deleted and no time comes due until it is right"
    yield Finding(f"clock and {account.name}", not is_refused, words, is_warning=True)


def look_at_files(config: Config, engine: Engine) -> Iterator[Finding]:
    """SQLite's file: its disk, its file system, its -wal."""
    if engine.dialect.name != "sqlite":
        return
    path = Path(config.database_url.removeprefix("sqlite:///"))
    trouble = Pressure(config, engine).look()
    yield Finding("room", not trouble, trouble or "there is room, and work keeps up")
    kind = file_system(path, _mounts())
    if kind in NETWORK:
        yield Finding("file system", False, f"{path.parent} is on {kind}: SQLite's locks do not hold there; use a local disk")
    if path.exists() and path.stat().st_mode & stat.S_IROTH:
        words = f"every user here may read {path}, which holds customers' words: chmod o-r, and umask 077 for the processes"
        yield Finding("file", True, words, is_warning=True)
    wal = Path(f"{path}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size > WAL_BYTES:
        words = f"{wal.name} has {size // 1_000_000} MB: something reads without an end, and keeps it from being written back"
        yield Finding("wal", True, words, is_warning=True)


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that a path is on, by the system's list of mounts; "" where that does not say."""
    where = str(Path(os.path.realpath(path)).parent)
    found = ("", "")
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        is_above = where == point or where.startswith(point.rstrip("/") + "/")
        if is_above and len(point) >= len(found[0]):
            found = (point, fields[2])
    return found[1]


def look_at_backup(connection: Connection, config: Config, now: datetime) -> Iterator[Finding]:
    most_h, made_at = config.settings.backup.max_age_h, system_times.last(connection, "backed_up")
    if most_h is None:
        return
    if made_at is None:
        yield Finding("backup", False, "`deskhand backup` has never succeeded here")
        return
    age_h = (now - made_at).total_seconds() / 3600
    yield Finding("backup", age_h <= most_h, f"{age_h:.1f} h old; backup.max_age_h is {most_h:g}")


def look_at_restore(connection: Connection) -> Iterator[Finding]:
    """A copy that was put back knows nothing of what was written after it was begun; leads who ask why see it here."""
    restored_at, begun_at = system_times.last(connection, "restored"), system_times.last(connection, "backup_begun")
    if restored_at is not None and begun_at is not None and begun_at < restored_at:
        yield Finding("restore", True, f"put back on {restored_at:%Y-%m-%d %H:%M} UTC, a copy of {begun_at:%Y-%m-%d %H:%M}")


def look_at_retention(connection: Connection, now: datetime) -> Iterator[Finding]:
    done_at = system_times.last(connection, "retention_done")
    if done_at is not None and now - done_at > RETAINED:
        words = f"what is old was last taken out on {done_at:%Y-%m-%d}: does a ticker run?"
        yield Finding("retention", True, words, is_warning=True)


def look_at_rules(connection: Connection, now: datetime, *, strict: bool = False) -> Iterator[Finding]:
    """What runs; what came last and was refused; rules that are switched off or rest, or did within a day."""
    active = rule_versions.active(connection)
    newest = next(iter(rule_versions.newest(connection)), None)
    words = (
        f"version {active.number} runs, by {active.author} on {active.made_at:%Y-%m-%d %H:%M} UTC" if active else "of the files"
    )
    if newest is not None and newest.state == "refused":
        first = newest.problems[0] if newest.problems else ""
        words += f"; what came last was refused: {first} (deskhand rules shows all)"
    yield Finding("rules", True, words, is_warning=newest is not None and newest.state == "refused")
    for stop in rule_firings.stops(connection):
        yield from _look_at_stop(stop, now, strict)


def _look_at_stop(stop: Stop, now: datetime, strict: bool) -> Iterator[Finding]:
    """A rule that rests was stopped by nobody who knows: that is worth waking somebody, and so it is ill where `strict`."""
    since = f"{stop.stopped_at:%Y-%m-%d %H:%M}"
    if stop.until is None:
        told = f"{stop.rule} is switched off since {since} UTC by {stop.author}: {stop.reason}"
        yield Finding("rule", True, f"{told} (deskhand rules enable {stop.rule})", is_warning=True)
    elif stop.holds(now):
        told = f"{stop.rule} rests since {since} UTC and counts again at {stop.until:%H:%M}: {stop.reason}"
        yield Finding("rule", not strict, f"{told} (at once: deskhand rules enable {stop.rule})", is_warning=True)
    elif now - stop.until < RESTED:
        told = f"{stop.rule} rested from {since} to {stop.until:%H:%M} UTC and counts again: {stop.reason}"
        yield Finding("rule", True, told, is_warning=True)


def look_at_put_off(connection: Connection) -> Iterator[Finding]:
    """Tickets whose messages look like a machine's: they are answered late, and a person may want to know."""
    if count := tickets.put_off(connection):
        words = f"{count} ticket{'s are' if count > 1 else ' is'} answered late: messages look like an echo, or come without end"
        yield Finding("loops", True, f"{words} (run.put_off in the log names them)", is_warning=True)


def look_at_machines(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Tickets that nobody is told of, because a machine seems to have written: a person may want to know which."""
    if taken := runs.taken_for_machines(connection, now - MACHINES_LATELY):
        newest, back = taken[-1][0], sum(is_back for _, is_back in taken)
        words = f"{len(taken)} within a week, {back} of them until a person wrote; the last: {newest}"
        yield Finding("taken for a machine's", True, f"{words} (deskhand runs --ticket {newest})")


def look_at_refused(connection: Connection, now: datetime, strict: bool) -> Iterator[Finding]:
    """What helpdesks would not take: a rule asks for it, and it is not done. While it counts for next tickets too it is ill where
    `strict`."""
    for each in refused_writes.newest(connection, now - REFUSED_LATELY):
        counts = now - each.refused_at < refusals.REMEMBERED
        told = f"{each.key.account} refused `{each.words}` at {each.refused_at:%Y-%m-%d %H:%M} UTC ({each.why}), on {each.key}"
        until = f", and is not asked again before {each.refused_at + refusals.REMEMBERED:%H:%M}" if counts else ""
        yield Finding("refused", not (counts and strict), f"{told}{until}: mend the rule or the helpdesk", is_warning=True)


_QUEUE_GOES_ON = "work goes on by the sweep, some seconds later"


def look_at_queue(config: Config, strict: bool) -> Iterator[Finding]:
    """Redis by a write of our own, since a Redis that answers may still take nothing; and who listens."""
    if config.settings.queue == "embedded":
        yield Finding("queue", True, "embedded")
        return
    once = Retry(NoBackoff(), 0)
    redis = Redis.from_url(config.settings.queue, socket_timeout=2, socket_connect_timeout=2, retry=once)
    try:
        redis.set("deskhand:doctor", "1", ex=5)
        listening = Worker.count(queue=Queue(QUEUE_NAME, connection=redis))
    except RedisError as error:
        yield Finding("queue", False, f"{_cause(error)}: {_QUEUE_GOES_ON}")
        return
    finally:
        redis.close()
    yield Finding("queue", True, f"Redis answers, {listening} RQ workers listen", is_warning=strict and not listening)


def _cause(error: RedisError) -> str:
    """Why Redis takes nothing, in words for who can mend it. Never its own, which may hold the address with its password."""
    match error:
        case AuthenticationError():
            return "Redis refuses the password (or wants one): look at `queue`"
        case NoPermissionError():
            return "Redis does not let this user write: look at its ACL"
        case OutOfMemoryError():
            return "Redis is out of memory (maxmemory): make room, or raise it"
        case ReadOnlyError():
            return "Redis is a read-only replica: point `queue` to the primary"
        case MaxConnectionsError():
            return "Redis takes no more connections (maxclients)"
        case TooSlow():
            return "Redis does not answer within 2 s"
        case NotConnected():
            return "Redis cannot be reached: does it run, and is `queue` its address?"
        case ResponseError():
            return f"Redis refuses to write ({str(error).split(' ', 1)[0][:20]})"
        case _:
            return f"Redis does not work ({type(error).__name__})"
