"""Everything a run needs, put together in one place: at the start of a worker, or in a test with fakes."""

from __future__ import annotations

import importlib
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine

from adapters.freshdesk import ADAPTER as FRESHDESK
from adapters.helpdesk import Adapter, Helpdesk, ReferenceCache
from adapters.intercom import ADAPTER as INTERCOM
from adapters.ticket import Provider, Ticket
from adapters.transport import Budget, Transport
from adapters.zendesk import ADAPTER as ZENDESK
from bot.config import AccountSettings, Config, Settings
from bot.directory import Directory
from bot.drafts import Drafter, drafter_for
from bot.flow import checkpoints
from bot.flow.budget import SharedBudget, SharedCache
from bot.flow.rulebook import load_configured
from bot.flow.wake import Bell, bell_for
from bot.ids import new_id
from bot.senses import sense
from bot.store.engine import make_engine
from rules.ruleset import RuleSet

ADAPTERS: Mapping[Provider, Adapter] = {each.provider: each for each in (ZENDESK, INTERCOM, FRESHDESK)}
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def owner_name() -> str:
    """Who holds a lease: this host, this process, this start of it (process ids come again)."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id()[-8:]}"


@dataclass(slots=True, kw_only=True)
class Parts:
    """What a worker holds for its lifetime. Helpdesk clients are made for each run: none of the libraries is thread-safe."""

    config: Config
    engine: Engine
    rules: RuleSet
    directory: Directory
    drafter: Drafter
    bell: Bell
    clock: Clock = utc_now
    checkpoint: checkpoints.Checkpoint = checkpoints.nothing
    owner: str = field(default_factory=owner_name)
    budgets: dict[str, SharedBudget] = field(default_factory=dict)
    first_look: threading.Lock = field(default_factory=threading.Lock)  # held while a cold cache is asked who we are

    @property
    def settings(self) -> Settings:
        return self.config.settings

    def helpdesk(self, account: AccountSettings) -> Helpdesk:
        """The account's helpdesk, with a client of its own."""
        if account.name not in self.budgets:
            self.budgets[account.name] = budget_of(account, self.engine)
        return connect(self.config, account, self.engine, self.clock, self.budgets[account.name], self.checkpoint)


def budget_of(account: AccountSettings, engine: Engine) -> SharedBudget:
    """The account's share of its vendor's limit, as the configuration sets it."""
    return SharedBudget(engine, account.name, account.calls_per_minute, account.budget_share)


def connect(
    config: Config,
    account: AccountSettings,
    engine: Engine,
    clock: Clock,
    budget: Budget,
    checkpoint: checkpoints.Checkpoint = checkpoints.nothing,
    cache: ReferenceCache | None = None,
) -> Helpdesk:
    """An account's adapter with its client, behind the shared budget and cache (or `cache`, e.g. one that knows nothing)."""
    adapter = ADAPTERS[account.provider]
    transport = Transport(
        account.address,
        budget=budget,
        deadline_s=config.settings.flow.call_deadline_s,
        clock=clock,
        on_write_sent=lambda: checkpoint("request_sent"),
    )
    bound = account.to_account()
    shared = SharedCache(engine, account.name, config.settings.flow.reference_age_s, clock)
    return Helpdesk(adapter, bound, adapter.connect_api(bound, transport, cache or shared))


def warm_up(parts: Parts) -> None:
    """Pay for what the first ticket would else wait for: the language model's load, and the import of the model's client."""
    sense(Ticket(subject="Hello"), parts.clock())
    if parts.settings.drafts.model is not None:
        importlib.import_module("openai")


def make_parts(config: Config, clock: Clock = utc_now) -> Parts:
    """All parts as the configuration wants them. Raises ConfigInvalid with every problem of rules and directory."""
    return Parts(
        config=config,
        engine=make_engine(config.database_url),
        rules=load_configured(config),
        directory=Directory.load(tuple(config.resolve(name) for name in config.settings.directory.files)),
        drafter=drafter_for(config),
        bell=bell_for(config),
        clock=clock,
        checkpoint=checkpoints.armed(config.kill_at),
    )
