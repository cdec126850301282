"""Short retries of reads, the same for every provider. A write is never repeated here: the ledger does that, after reading back.

Only HelpdeskDown is tried again, at once or within a second or two: a longer wait belongs to the run's schedule, not to a worker.
RateLimited, AccessDenied and TicketGone go through at the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tenacity import retry, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_exponential_jitter

from adapters.errors import HelpdeskDown

MAX_ATTEMPTS = 3
GIVE_UP_AFTER_S = 10.0  # no new attempt once this much time is gone: a hanging helpdesk is not asked three times
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 1.5

P = ParamSpec("P")
T = TypeVar("T")


def retry_reads(call: Callable[P, T]) -> Callable[P, T]:
    """`call`, tried up to three times while it raises HelpdeskDown. For functions that only read.

    The last HelpdeskDown is raised as it is, never wrapped.
    """
    return retry(
        retry=retry_if_exception_type(HelpdeskDown),
        stop=stop_after_attempt(MAX_ATTEMPTS) | stop_after_delay(GIVE_UP_AFTER_S),
        wait=wait_exponential_jitter(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S, jitter=FIRST_WAIT_S),
        reraise=True,
    )(call)
