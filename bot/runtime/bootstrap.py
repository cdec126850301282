"""Everything a run needs, put together in one place: at the start of a worker, or in a test with fakes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.codec import get_ready
from adapters.helpdesk import Helpdesk, ReferenceCache
from adapters.registry import ADAPTERS
from adapters.ticket import AuthorKind, Direction, Event, Message, Ticket
from adapters.transport import Budget, Transport
from adapters.writes import Plan, Request
from bot.config import AccountSettings, Config, FlowSettings, Settings
from bot.directory import Directory
from bot.drafts import Drafter, drafter_for
from bot.drafts.kinship import read_ahead
from bot.drafts.llm.chat_completion import get_ready as get_ready_to_ask
from bot.drafts.llm.endpoint_check import check_endpoint
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import Draft
from bot.log import get_logger
from bot.opinions.asking import Asker
from bot.opinions.request import Opinions
from bot.process import failpoints
from bot.process.clock import Clock, utc_now
from bot.process.ids import owner_name
from bot.queue.wakeup import Wakeup, bell_for
from bot.rulesets.active import ActiveRules, Rulebook, load_configured
from bot.runtime.misfits import MISFITS
from bot.senses import sense
from bot.shared.helpdesk_clock import HelpdeskClock
from bot.shared.model_budget import SharedAllowance
from bot.shared.model_refusals import SharedRefusals
from bot.shared.rate_limit import PAUSE_MOST_S, SharedBudget
from bot.shared.reference_cache import SharedCache
from bot.store.database.engine import make_engine
from bot.store.tickets import Memory
from rules.engine.ruleset import RuleSet
from rules.model.facts import RuleState

log = get_logger("runtime")


@dataclass(slots=True, kw_only=True)
class Runtime:
    """What a worker holds for its lifetime. Helpdesk clients are made for each run: none of the libraries is thread-safe. `rules`
    are the files' at the start, which count until a version of them was taken up (bot/rulesets/versions.py)."""

    config: Config
    engine: Engine
    rules: RuleSet
    directory: Directory
    drafter: Drafter
    bell: Wakeup
    opinions: Opinions | None = None  # None where no model is asked
    clock: Clock = utc_now
    checkpoint: failpoints.Checkpoint = failpoints.nothing
    owner: str = field(default_factory=owner_name)
    budgets: dict[str, SharedBudget] = field(default_factory=dict)
    rulebook: Rulebook = field(default_factory=Rulebook)
    kept_rules: set[tuple[str, date]] = field(default_factory=set)  # rules that are no version: hash, and day when kept
    clocks: dict[str, HelpdeskClock] = field(default_factory=dict)
    known_helpdesks: set[str] = field(default_factory=set)  # see bot/runtime/account_identity.py
    first_look: threading.Lock = field(default_factory=threading.Lock)  # held while a cold cache is asked who we are

    @property
    def settings(self) -> Settings:
        return self.config.settings

    def standing(self) -> ActiveRules:
        """The rules that count in this moment."""
        return self.rulebook.now(self.engine, self.rules, self.clock())

    def helpdesk(self, account: AccountSettings, may_write: Callable[[], None] | None = None) -> Helpdesk:
        """The account's helpdesk, with a client of its own. `may_write` is asked right before each write."""
        if account.name not in self.budgets:
            self.budgets[account.name] = budget_of(account, self.engine, self.settings.flow)
        budget = self.budgets[account.name]
        seen = self.clocks.setdefault(account.name, HelpdeskClock(self.engine, account.name, self.clock))
        return connect(self.config, account, self.engine, self.clock, budget, self.checkpoint, may_write=may_write, seen=seen)

    def hold_calls(self, account: AccountSettings) -> None:
        """Set aside what a run of this account is going to need, before it reads. Raises RateLimited where it must wait."""
        budget = self.budgets.get(account.name)
        calls = ADAPTERS[account.provider].run_calls
        if budget is not None:
            budget.hold(calls if account.mode == "live" else [each for each in calls if each[0] == "GET"])

    def release_calls(self, account: AccountSettings) -> None:
        """What this thread's run set aside and did not need is for others."""
        try:
            if account.name in self.budgets:
                self.budgets[account.name].release()
        except SQLAlchemyError as error:  # a few calls less in this minute
            log.warning("budget.not_released", account=account.name, why=type(error).__name__)

    def close_budgets(self) -> None:
        """At the end of a process: calls that it took in stock and did not make go back. Raises SQLAlchemyError."""
        for budget in self.budgets.values():
            budget.close()


def budget_of(account: AccountSettings, engine: Engine, flow: FlowSettings) -> SharedBudget:
    """The account's share of its vendor's limit, as the configuration sets it."""
    adapter = ADAPTERS[account.provider]
    pause_s = (flow.backoff_first_s, min(PAUSE_MOST_S, flow.backoff_most_s))
    return SharedBudget(
        engine, account.name, account.calls_per_minute, account.budget_share, adapter.call_limits, pause_s, adapter.call_cost
    )


def connect(
    config: Config,
    account: AccountSettings,
    engine: Engine,
    clock: Clock,
    budget: Budget,
    checkpoint: failpoints.Checkpoint = failpoints.nothing,
    cache: ReferenceCache | None = None,
    may_write: Callable[[], None] | None = None,
    seen: HelpdeskClock | None = None,
) -> Helpdesk:
    """An account's adapter with its client, behind the shared budget and cache (or `cache`, e.g. one that knows nothing).
    `seen` is told what time the helpdesk has."""
    adapter = ADAPTERS[account.provider]
    transport = Transport(
        account.address,
        allow_private=account.allow_private,
        budget=budget,
        deadline_s=config.settings.flow.call_deadline_s,
        clock=clock,
        may_write=may_write,
        on_write_sent=lambda: checkpoint("request_sent"),
        on_server_time=seen.saw if seen else None,
    )
    bound = replace(account.to_account(), on_misfit=MISFITS)
    shared = SharedCache(engine, account.name, config.settings.flow.reference_age_s, clock)
    return Helpdesk(adapter, bound, adapter.connect_api(bound, transport, cache or shared))


STORED = (Ticket, Plan, Request, tuple[Event, ...], Memory, RuleState, Draft)  # what a run reads from the database


def warm_up(parts: Runtime) -> None:
    """Pay for what the first ticket would else wait for, and behind RQ, which forks for each job, every ticket: word lists and
    models of the senses, what reads stored values, what articles are about, the model's client."""
    said = "Hello, our server is not down, but I was charged twice.\n\nOn Monday Ann wrote:\n> Thanks!"
    message = Message(direction=Direction.IN, author_kind=AuthorKind.PERSON, body_text=said)
    sense(Ticket(subject="Please help", messages=(message,)), parts.clock(), own=parts.rules.own_issues)
    get_ready(*STORED)
    if isinstance(parts.drafter, OfflineDrafter | ModelDrafter):
        read_ahead(parts.drafter.shelf.articles)
    if parts.settings.drafts.model is not None or parts.settings.senses.model is not None:
        get_ready_to_ask()


def make_runtime(config: Config, clock: Clock = utc_now, rules: RuleSet | None = None) -> Runtime:
    """All parts as the configuration wants them. Raises ConfigInvalid with every problem of rules and directory. `rules`: loaded
    already, where several have the same: reading the packs takes over a second."""
    engine = make_engine(config.database_url)
    model = config.settings.drafts.model
    return Runtime(
        config=config,
        engine=engine,
        rules=rules or load_configured(config),
        directory=Directory.load(tuple(config.resolve(name) for name in config.settings.directory.files)),
        drafter=drafter_for(config, SharedAllowance(engine, model, clock) if model else None, SharedRefusals(engine, clock)),
        bell=bell_for(config),
        opinions=opinions_for(config, engine, clock),
        clock=clock,
        checkpoint=failpoints.armed(config.kill_at),
    )


def opinions_for(config: Config, engine: Engine, clock: Clock) -> Opinions | None:
    """What asks the model of `senses`; None where there is none. Raises ConfigInvalid where its endpoint is on a private address
    and that is not allowed."""
    settings = config.settings.senses
    model = settings.model
    if model is None:
        return None
    check_endpoint(model.base_url, model.allow_private, str(config.path), "senses.model")
    asker = Asker(model, allowance=SharedAllowance(engine, model, clock), refusals=SharedRefusals(engine, clock))
    return Opinions(engine=engine, asker=asker, clock=clock, patience_s=settings.patience_s)
