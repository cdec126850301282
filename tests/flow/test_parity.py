"""The same story is decided alike on every helpdesk: rules, steps and wished writes, hashed, for each of a story's runs.

What a helpdesk cannot tell or hold stands in sandbox/stories/_differences.yaml with its reason, and must really differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.drafts import drafter_for
from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.freshdesk.limits import Limits
from sandbox.stories.config import ARTICLES, SECRETS
from sandbox.stories.expect import differences
from sandbox.stories.player import Pace, play
from sandbox.stories.story import Story, load_stories
from tests.flow.economy import lift_budget
from tests.flow.harness import DESKS, PROVIDERS, Running, deskhand

PACKS = [f"pack:{name}" for name in ("priority", "vip", "churn", "escalation", "routing", "respond")]
Decided = Mapping[str, str]  # "story/ticket#1" -> the hash of that ticket's first decision, and so on


@pytest.mark.timeout(600)
def test_the_same_story_is_decided_alike_on_every_helpdesk(tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(PROVIDERS)) as pool:
        found = dict(zip(PROVIDERS, pool.map(lambda name: decided(tmp_path / name, name), PROVIDERS), strict=True))

    places = sorted(set().union(*found.values()))
    assert len({place.partition("/")[0] for place in places}) >= 15
    assert len(places) >= 35
    assert {(desk, place) for place in places for desk in odd_ones(place, found)} == allowed()


def odd_ones(place: str, found: Mapping[str, Decided]) -> list[str]:
    """The helpdesks that decided otherwise than two others did, or did not decide at all; all of them if none agree."""
    hashes = {desk: decisions.get(place, "") for desk, decisions in found.items()}
    usual, times = Counter(hashes.values()).most_common(1)[0]
    return [desk for desk, each in hashes.items() if each != usual or times == 1]


def allowed() -> set[tuple[str, str]]:
    """(helpdesk, story/ticket#run) that may be decided otherwise than on the two others; each row says why."""
    rows = [(desk, row) for desk, fields in differences().items() for row in fields.get("decisions", [])]
    assert all(row["why"] for _, row in rows)
    return {(desk, place) for desk, row in rows for place in row["runs"]}


def decided(folder: Path, provider: str) -> Decided:
    """Every story played on one helpdesk, one after the other, through a whole Deskhand."""
    articles = {"articles": str(ARTICLES)}
    with deskhand(folder, provider, rules=PACKS, desk=_desk(provider), flow={"runs_per_hour": 20}, drafts=articles) as run:
        lift_budget(run)
        run.parts.drafter = drafter_for(run.config)
        return {place: each for story in load_stories() for place, each in _played(run, story).items()}


def _played(run: Running, story: Story) -> Decided:
    """Whenever the story waits, Deskhand works until nothing is left."""

    def calls(ticket: str) -> int:
        return len(run.desk.effects.calls(ticket))

    played = play(story, run.desk, Pace(calls=calls, quiet_s=0.0, sleep=lambda _: run.settle(60)))
    run.settle(60)
    assert not played.missed, (run.provider, story.id, played.missed)
    return {
        f"{story.id}/{label}#{place}": each
        for label, ticket in played.tickets.items()
        for place, each in enumerate(_hashes(run, ticket), 1)
    }


def _hashes(run: Running, ticket: str) -> list[str]:
    return [row["decision_hash"] for row in reversed(run.newest_runs(ticket)) if row["decision_hash"]]


def _desk(provider: str) -> Desk:
    if provider == "freshdesk":
        return FreshdeskDesk(secret=SECRETS[provider], time_scale=0.001, limits=Limits(per_minute=None))
    return DESKS[provider](secret=SECRETS[provider], time_scale=0.001)
