"""Stories played on one stand-in helpdesk through a whole Deskhand, and what it decided in each of their runs.

The clock is moved, not waited for: both sides see a few seconds pass whenever a story waits, so nothing sleeps until a vendor's
stamp of whole seconds is over, and a rule that wants hours gets them.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import delete

from adapters.readers import READERS
from adapters.registry import ADAPTERS
from adapters.ticket import Provider
from bot.drafts import drafter_for
from bot.rulesets.active import all_packs, load_named
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store.database.schema import counted_tickets
from bot.writes import planner
from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import decision_hash, digest, hashed_in_full
from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.freshdesk.limits import Limits
from sandbox.stories.config import SECRETS
from sandbox.stories.player import Pace, play
from sandbox.stories.story import Step, Story
from tests.harness.deskhand import DESKS, Running, delivered, deskhand
from tests.parity.golden import Recorder, Sent

STARTS_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday; _companies.yaml counts from here
BETWEEN_STORIES = timedelta(hours=26)  # what one story did is no news to the next one
# Before each look: more than a second for Zendesk's stamp, and more than the reading time of a draft (bot/pipeline/run.py).
SECONDS = timedelta(seconds=10)
AGES = 3600.0  # a busy machine takes longer for what is done in one go: nothing is read again, given up or taken over for that
FLOW = {"runs_per_hour": 20, "rest_s": 0.0, "lease_s": AGES, "snapshot_fresh_s": AGES, "late_run_every_s": 0}


class MovedClock:
    """Goes on by itself and can be moved forward."""

    def __init__(self, starts_at: datetime = STARTS_AT) -> None:
        self._ahead = starts_at - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        self._ahead += by


@dataclass(frozen=True, slots=True)
class Decided:
    """One run's decision, made again in full: a run stores no steps of rules that it ruled out. `parts`: what the hash covers."""

    hash: str
    fired: frozenset[str]
    parts: Mapping[str, Any]


# "story/ticket@2" -> what was decided on that ticket after the story's second step, "@2-2": in a second run; the same place on
# each helpdesk, also where one of them had a run less before.
Decisions = Mapping[str, Decided]


@dataclass(frozen=True, slots=True)
class Played:
    """What became of some stories on one helpdesk. `sent`: what it received (golden.py)."""

    decisions: Decisions
    sent: Sent


@dataclass(slots=True)
class Player:
    """Plays stories one after the other on one Deskhand."""

    run: Running
    clock: MovedClock
    ticker: Ticker = field(init=False)
    sent: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by story
    _rests: list[datetime] = field(default_factory=list)  # when Deskhand had come to rest
    _steps: list[int] = field(default_factory=list)  # and how many steps were done by then

    def __post_init__(self) -> None:
        parts = self.run.parts
        self.ticker = Ticker(
            TickerParts(config=self.run.config, engine=parts.engine, bell=parts.bell, clock=self.clock, owner="parity")
        )

    def play(self, story: Story) -> dict[str, Decided]:
        with self.run.parts.engine.begin() as connection:  # nobody in this story has written before
            connection.execute(delete(counted_tickets))
        self._rests.clear()
        self._steps.clear()
        recorder = Recorder(self.run.desk, story.id)
        played = play(story, self.run.desk, Pace(rest=lambda step: self._rest(story, step)))
        self._settle(len(story.steps))
        self.clock.move(BETWEEN_STORIES)
        assert not played.missed, (self.run.provider, story.id, played.missed)
        self.sent[story.id] = recorder.lines(played.tickets)
        return {
            f"{story.id}/{label}{place}": each
            for label, ticket in played.tickets.items()
            for place, each in self._decided(ticket).items()
        }

    def _rest(self, story: Story, step: Step) -> None:
        """Until Deskhand has nothing left to do; then the hours that the step wants, and what they made due."""
        done = next(number for number, each in enumerate(story.steps) if each is step)
        self._settle(done)
        if hours := getattr(step, "after_h", 0.0):
            self.clock.move(timedelta(hours=hours))
            self.ticker.bring_due()
            self._settle(done)

    def _settle(self, steps: int) -> None:
        delivered(self.run.desk)
        self.clock.move(SECONDS)
        self.run.settle(60)
        self._rests.append(self.clock())
        self._steps.append(steps)

    def _decided(self, ticket: str) -> dict[str, Decided]:
        found: dict[str, Decided] = {}
        runs: Counter[int] = Counter()
        for row in reversed(self.run.newest_runs(ticket)):
            if row["decision_hash"]:
                steps = self._steps[bisect_left(self._rests, row["started_at"])]
                runs[steps] += 1
                place = f"@{steps}" if runs[steps] == 1 else f"@{steps}-{runs[steps]}"
                found[place] = self._again(row)
        return found

    def _again(self, row: Mapping[str, Any]) -> Decided:
        facts = facts_from_json(json.loads(row["facts"]))
        decision = decide(self.run.parts.rules, facts)
        writes = planner.hashed_writes(facts, decision)
        assert decision_hash(decision, writes) == row["decision_hash"]
        parts = hashed_in_full(decision, writes)
        return Decided(digest(parts), frozenset(rule.id for rule in decision.rules if rule.fired), parts)


@cache
def packs() -> RuleSet:
    """The shipped packs. Reading them takes longer than playing a story."""
    return load_named(all_packs(), Path())


def play_all(folder: Path, provider: str, stories: Iterable[Story], **settings: Any) -> Played:
    """Every story on one helpdesk. `settings` go into config.yaml."""
    clock = MovedClock()
    options: dict[str, Any] = {"desk": _desk(provider, clock), "clock": clock, "flow": FLOW, **settings}
    with deskhand(folder, provider, rules=all_packs(), loaded=packs(), **options) as run:
        _prepare(run)
        if "drafts" in settings:  # else the drafter says the same each time, which is quicker
            run.parts.drafter = drafter_for(run.config)
        player = Player(run, clock)
        decisions = {place: each for story in stories for place, each in player.play(story).items()}
    return Played(decisions, player.sent)


def _prepare(run: Running) -> None:
    """No budget of calls, which would make Deskhand wait; and Freshdesk's ratings are read, which it is asked for apart."""
    settings = run.config.settings
    options = {"ratings": True, "fresh_s": AGES} if run.provider == "freshdesk" else {}
    account = settings.accounts[0].model_copy(update={"calls_per_minute": 1_000_000, "options": options})
    object.__setattr__(run.config, "settings", settings.model_copy(update={"accounts": (account,)}))


@contextmanager
def seconds_pass() -> Iterator[None]:
    """Zendesk's stamp is over a second old whenever it is read, since the clock is moved before: nobody has to wait for it."""
    adapter = replace(ADAPTERS[Provider.ZENDESK], stamp_grain_s=0.0)
    reader = replace(READERS[Provider.ZENDESK], stamp_grain_s=0.0)
    with patch.dict(ADAPTERS, {Provider.ZENDESK: adapter}), patch.dict(READERS, {Provider.ZENDESK: reader}):
        yield


def _desk(provider: str, clock: MovedClock) -> Desk:
    if provider == "freshdesk":
        return FreshdeskDesk(secret=SECRETS[provider], time_scale=0.001, clock=clock, limits=Limits(per_minute=None))
    return DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=clock)
