"""A ticket is taken up: its lease, one run over what waits for it (bot/pipeline/run.py), and how that ended.

`run_ticket` is what every worker calls, whichever bell woke it. The run finishes a plan that was stored before, and else makes
a new one; whatever becomes of it, the lease is given back with when to come again and why.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from adapters.codec import Unreadable
from adapters.errors import AccessDenied, AdapterError, RateLimited, TicketGone
from adapters.ticket import TicketKey
from bot.config import AccountSettings
from bot.log import get_logger
from bot.pipeline.run import Run
from bot.process.background import beside
from bot.runtime.account_identity import AccountElsewhere
from bot.runtime.bootstrap import Runtime
from bot.runtime.lease_guard import LeaseGuard, moment
from bot.runtime.retry import DeadLetter, RetryLater, backoff_s
from bot.store import accounts, dead_letters, tickets
from bot.store.database.engine import reading
from bot.store.tickets import Lease, LeaseLost, Rest

log = get_logger("pipeline")
HELD_S = 60.0
UNREADABLE_S = 60.0
GIVE_BACK_S = 60.0
AWAY = (OperationalError, InterfaceError)  # the database cannot be reached: no ticket's fault


def run_ticket(key: TicketKey, parts: Runtime) -> bool:
    """Work on this ticket if there is work and nobody else does; False where there was nothing to claim."""
    account = _account(parts, key)
    state = _account_state(parts, key)
    if account is None or state.blocked_s > 0:
        return False
    asked_at = moment()
    with parts.engine.begin() as connection:
        lease = tickets.claim(connection, key, parts.owner, parts.settings.flow.lease_s)
    if lease is None:
        return False
    held = LeaseGuard(lease, asked_at, parts.settings.flow.lease_s)
    parts.checkpoint("claimed")
    run = Run(parts, lease, account, held)
    with _renewed(parts, lease, held):
        try:
            rest = _run_or_say_why(run, lease)
        except LeaseLost:
            log.warning("run.lease_lost", ticket=str(key))
            return True
        except Unreadable as error:
            log.warning("run.left_for_a_newer_version", ticket=str(key), why=str(error))
            rest = lease, Rest(after_s=UNREADABLE_S, is_done=False, reason="stored by a newer version, and left for it")
        except AWAY as error:
            log.warning("run.interrupted", ticket=str(key), why=type(error).__name__)
            again_s = backoff_s(0, parts.settings.flow.backoff_first_s, parts.settings.flow.backoff_most_s)
            rest = lease, Rest(after_s=again_s, is_done=False, reason="the database was away")
        finally:
            parts.release_calls(account)
    if state.held_reason and rest[1].is_done:
        with parts.engine.begin() as connection:
            accounts.trust(connection, key.account)
    if not run.is_given_back:
        _give_back(parts, *rest)
    parts.checkpoint("finished")
    return True


def _give_back(parts: Runtime, lease: Lease, rest: Rest) -> None:
    """Release the lease, and be patient with a database that is away: a lease that is not given back counts as a crash."""
    ends_at = time.monotonic() + GIVE_BACK_S
    while True:
        try:
            with parts.engine.begin() as connection:
                tickets.release(connection, lease, rest)
        except AWAY:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.2)
        else:
            return


def _account(parts: Runtime, key: TicketKey) -> AccountSettings | None:
    try:
        return parts.settings.account(key.account)
    except KeyError:
        log.error("run.unknown_account", account=key.account)
        return None


def _account_state(parts: Runtime, key: TicketKey) -> accounts.AccountState:
    with reading(parts.engine) as connection:
        return accounts.state(connection, key.account)


@contextmanager
def _renewed(parts: Runtime, lease: Lease, held: LeaseGuard) -> Iterator[None]:
    """Keep the lease while the run lasts. Losing it is noticed by the run at its next transaction (`guard`), and right before
    a write (`held`)."""
    lease_s = parts.settings.flow.lease_s

    def renew(over: threading.Event) -> None:
        while not over.wait(lease_s / 3):
            asked_at = moment()
            try:
                with parts.engine.begin() as connection:
                    tickets.renew(connection, lease, lease_s)
                held.renewed(asked_at, lease_s)
            except LeaseLost:
                return
            except SQLAlchemyError as error:  # the database may be away for a moment: the lease has room for another try
                log.warning("lease.not_renewed", ticket=str(lease.key), why=type(error).__name__)

    with beside("lease", renew):
        yield


def _run_or_say_why(run: Run, lease: Lease) -> tuple[Lease, Rest]:
    """The run's end as a `Rest`: done, come again later, or set aside for a person."""
    flow, parts = run.parts.settings.flow, run.parts
    try:
        if lease.crashes >= flow.max_crashes:
            raise DeadLetter(f"{lease.crashes} workers died on this ticket")
        covered = run.work()
        return replace(lease, covers_seq=covered), Rest(after_s=flow.rest_s)
    except RetryLater as error:
        return lease, Rest(after_s=error.after_s, is_done=False, reason=error.reason)
    except RateLimited as error:
        return lease, Rest(after_s=error.retry_after_s, is_done=False, reason="rate limited")
    except AccessDenied as error:
        with parts.engine.begin() as connection:
            accounts.block(connection, lease.key.account, HELD_S, held_reason=str(error))
        why = "another helpdesk than is known" if isinstance(error, AccountElsewhere) else "credentials refused"
        log.error("account.held", account=lease.key.account, why=why)
        return lease, Rest(after_s=HELD_S, is_done=False, reason=why)
    except TicketGone as error:
        if error.reason == "forbidden":
            return _parked(run, lease, "forbidden: our user may not see or change this ticket")
        run.close_all("done", error.reason)
        return replace(lease, covers_seq=run.covers_seq), Rest(after_s=flow.rest_s)
    except DeadLetter as error:
        return _parked(run, lease, error.reason)
    except (LeaseLost, Unreadable, *AWAY):
        raise
    except Exception as error:  # one ticket's failure, whatever it is, must not stop the worker or lose the events
        reason = str(error)[:200] if isinstance(error, AdapterError) else type(error).__name__
        log.error("run.failed", ticket=str(lease.key), why=type(error).__name__, where=_where(error), failures=lease.failures + 1)
        if lease.failures + 1 >= flow.max_failures:
            return _parked(run, lease, f"{lease.failures + 1} failures, the last: {reason}")
        wait_s = backoff_s(lease.failures, flow.backoff_first_s, flow.backoff_most_s)
        return lease, Rest(after_s=wait_s, is_done=False, failed=True, reason=reason)


def _where(error: Exception) -> str:
    """The line that raised. A whole traceback would print the message, and that may quote the ticket."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _parked(run: Run, lease: Lease, reason: str) -> tuple[Lease, Rest]:
    """Set aside what the run covers, its stored plan too. The ticket's next event is worked on as usual."""
    with run.parts.engine.begin() as connection:
        tickets.guard(connection, lease)
        dead_letters.set_plan_aside(connection, lease.key, reason, run.parts.clock())
    run.close_all("parked", reason)
    log.error("run.set_aside", ticket=str(lease.key), why=reason)
    return replace(lease, covers_seq=run.covers_seq), Rest(reason=reason)
