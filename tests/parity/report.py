"""F1: stories played on all three helpdesks, their decisions compared, and the figures of it.

`play_theme` and `play_demo` give one Report each; reports add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sandbox.stories import expect
from sandbox.stories.config import ARTICLES
from sandbox.stories.story import Story, load_stories
from tests.harness.deskhand import PROVIDERS
from tests.parity.comparing import Difference, Found, differences, places, rows_of
from tests.parity.corpus import FOLDER, CorpusStory, load_theme
from tests.parity.golden import Sent
from tests.parity.playing import packs, play_all, seconds_pass

COMPANIES = FOLDER / "_companies.yaml"


@dataclass(frozen=True, slots=True)
class Report:
    """`found`: each helpdesk's decisions by place. `allowed`: the rows of the tables that speak of these stories. `sent`: what
    each helpdesk received, by story."""

    stories: tuple[Story, ...]
    found: Found
    allowed: frozenset[Difference]
    sent: Mapping[str, Sent]

    def __str__(self) -> str:
        different = {place for _, place, _ in differences(self.found)}
        return (
            f"F1: {len(self.stories)} stories x {len(PROVIDERS)}, {len(places(self.found))} decisions, "
            f"{len(places(self.found)) - len(different)} equal, {len(self.allowed)} allowed differences"
        )

    def __add__(self, other: Report) -> Report:
        found = {desk: {**self.found[desk], **other.found[desk]} for desk in PROVIDERS}
        sent = {desk: {**self.sent[desk], **other.sent[desk]} for desk in PROVIDERS}
        return Report(self.stories + other.stories, found, self.allowed | other.allowed, sent)

    @property
    def undeclared(self) -> frozenset[Difference]:
        return differences(self.found) - self.allowed

    @property
    def unused(self) -> frozenset[Difference]:
        """Rows that nothing differs in any more."""
        return self.allowed - differences(self.found)

    def fired(self, story: str, *desks: str) -> frozenset[str]:
        """The rules that count in at least one of the story's decisions, on these helpdesks or on any."""
        here = (row for desk in desks or PROVIDERS for row in self.found[desk].items())
        return frozenset().union(*(each.fired for place, each in here if place.partition("/")[0] == story))

    @property
    def unkept(self) -> list[str]:
        """What stories say of rules and is not so."""
        told: list[str] = []
        for story in self.stories:
            if not isinstance(story, CorpusStory):
                continue
            for desk in PROVIDERS:
                fired = self.fired(story.id, desk)
                told += [f"{story.id} on {desk}: {rule} does not fire" for rule in sorted(story.fires - fired)]
                told += [f"{story.id} on {desk}: {rule} fires" for rule in sorted(story.spares & fired)]
        return told


def play_theme(folder: Path, theme: str) -> Report:
    """One file of the corpus. Articles would be read for nobody: a draft's words are not part of a decision."""
    return _play(folder, load_theme(theme), _table(), directory={"files": [str(COMPANIES)]})


def play_demo(folder: Path, stories: Sequence[Story] = ()) -> Report:
    """The demo's stories, or some of them, with drafts from the sandbox's articles."""
    rows = [{"desk": desk, **row} for desk, fields in expect.differences().items() for row in fields.get("decisions", ())]
    return _play(
        folder,
        tuple(stories) or load_stories(),
        rows,
        drafts={"articles": str(ARTICLES), "patience_s": 60, "urgent_patience_s": 60},
    )


def _play(folder: Path, stories: tuple[Story, ...], table: Iterable[Mapping[str, Any]], **settings: Any) -> Report:
    """Each helpdesk in a thread of its own."""
    packs()  # before three threads want them
    with seconds_pass(), ThreadPoolExecutor(len(PROVIDERS)) as pool:
        each = pool.map(lambda name: play_all(folder / name, name, stories, **settings), PROVIDERS)
        played = dict(zip(PROVIDERS, each, strict=True))
    ids = {story.id for story in stories}
    allowed = frozenset(row for row in rows_of(table) if row[1].partition("/")[0] in ids)
    found = {desk: each.decisions for desk, each in played.items()}
    return Report(stories, found, allowed, {desk: each.sent for desk, each in played.items()})


@cache
def _table() -> list[dict[str, Any]]:
    tree: list[dict[str, Any]] = YAML(typ="safe").load(FOLDER / "_differences.yaml")
    return tree


def allowed_places() -> frozenset[str]:
    """The places of all rows of the corpus' table."""
    return frozenset(place for _, place, _ in rows_of(_table()))


def pack_rules() -> frozenset[str]:
    """Every rule that is shipped."""
    return frozenset(rule.id for rule in packs().rules)


# Rules that no ticket's story can make fire yet, each with what it waits for: nothing gathers these facts so far.
NEVER = {
    "priority-sla-near": "clocks of response times",
    "escalate-sla-at-risk": "clocks of response times",
    "escalate-sla-breached": "clocks of response times",
    "triage-area": "product areas",
    "triage-area-field": "a value that switches it on",
    "triage-issue-field": "a value that switches it on",
    "triage-language": "a value that switches it on",
    "triage-duplicate": "a value that switches it on",
    "triage-channel": "a value that switches it on",
    "respond-macro-more-information": "a fault of which nobody says whether it can be diagnosed: triage-questions asks instead",
    "escalate-unsolved": "a second tier that is not reached already: the demo's stories alone show it",
}
