"""Stand-ins for scenarios: they have no rate limits, and any clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from adapters.zendesk import hydrate
from bot.pipeline import first_sight, run
from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.freshdesk.limits import Limits as FreshdeskLimits
from sandbox.intercom.desk import IntercomDesk
from sandbox.intercom.limits import Limits as IntercomLimits
from sandbox.stories.config import SECRETS
from sandbox.zendesk import ZendeskDesk

WAITING = (run, first_sight, hydrate)


class StandingClock:
    """Goes on only when it is told. It starts in the past, so that no version stamp is young for a helpdesk's own clock."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def lease_us(self) -> int:
        """For the option LEASE_CLOCK of an engine."""
        return int(self.now.timestamp() * 1_000_000)

    @contextmanager
    def instead_of_sleep(self) -> Iterator[None]:
        """Whoever waits meanwhile for a second of the helpdesk's to pass lets this clock go on, and nobody waits."""
        with ExitStack() as stack:
            for module in WAITING:
                stack.enter_context(patch.object(module, "time", SimpleNamespace(sleep=self.pass_by)))
            yield


def free_desk(provider: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **options: Any) -> Desk:
    """A stand-in that refuses nobody. Zendesk's refuses nobody by itself."""
    options = {"secret": SECRETS[provider], "time_scale": 0.001, "clock": clock, **options}
    match provider:
        case "zendesk":
            return ZendeskDesk(**options)
        case "intercom":
            return IntercomDesk(limits=IntercomLimits(per_window=10**9), **options)
        case _:
            return FreshdeskDesk(limits=FreshdeskLimits(per_minute=None), **options)


def account_of(provider: str, address: str, credentials: Mapping[str, str]) -> dict[str, Any]:
    """A live account of config.yaml, called like its provider."""
    return {
        "name": provider,
        "provider": provider,
        "address": address,
        "allow_private": True,
        "credentials": dict(credentials),
        "webhook": {"secrets": [SECRETS[provider]]},
        "mode": "live",
        "calls_per_minute": 100_000,
    }
