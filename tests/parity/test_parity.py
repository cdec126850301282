"""The same story is decided alike on every helpdesk: rules, steps and wished writes, hashed, for each of a story's runs.

Two sets of stories: the demo's, with real drafts, some of them on PostgreSQL and Redis too (all at night), and the corpus in
tests/parity, theme by theme. What a helpdesk cannot tell or hold stands in a table with its reason; it must really differ, and
in nothing else than the table says. And what each helpdesk is sent in these stories is what the golden files say
(tests/parity/golden.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox.stories.story import load_stories
from tests.harness.nightly import some
from tests.parity import golden
from tests.parity.corpus import THEMES, load_corpus, load_theme
from tests.parity.report import NEVER, Report, allowed_places, pack_rules, play_demo, play_theme

pytestmark = pytest.mark.both_storages

each_theme = pytest.mark.parametrize("theme", THEMES)
on_sqlite = pytest.mark.parametrize("_storage", ["sqlite-embedded"], indirect=True)  # that both are alike the demo's stories show


@on_sqlite
@pytest.mark.timeout(300)
def test_the_demos_stories_are_decided_alike_on_every_helpdesk(tmp_path: Path) -> None:
    report = play_demo(tmp_path)
    print(report)

    assert not trouble(report)
    agrees_with_golden(report)


@pytest.mark.parametrize("_storage", ["postgresql-redis"], indirect=True)
@pytest.mark.timeout(300)
def test_they_are_decided_alike_on_postgresql_and_redis_too(tmp_path: Path) -> None:
    report = play_demo(tmp_path, some(load_stories(), 5))
    print(report)

    assert not trouble(report)
    agrees_with_golden(report)


@each_theme
@on_sqlite
@pytest.mark.timeout(300)
def test_stories_of_the_corpus_are_decided_alike_on_every_helpdesk(tmp_path: Path, theme: str) -> None:
    report = play_theme(tmp_path, theme)
    print(report)

    assert not trouble(report)
    agrees_with_golden(report)


def agrees_with_golden(report: Report) -> None:
    if told := golden.difference(report):
        pytest.fail(told, pytrace=False)


def trouble(report: Report) -> Mapping[str, object]:
    """What keeps a report from being in order, by its kind."""
    found = {"not allowed": sorted(report.undeclared), "no longer so": sorted(report.unused), "of rules": report.unkept}
    return {kind: each for kind, each in found.items() if each}


def test_two_hundred_stories_are_played() -> None:
    stories = [story.id for story in (*load_stories(), *load_corpus())]

    assert len(stories) >= 200
    assert len(set(stories)) == len(stories)


def test_the_golden_files_hold_the_stories_that_are_played() -> None:
    assert golden.odd_stories(story.id for story in (*load_stories(), *load_corpus())) == set()


def test_no_two_stories_tell_the_same() -> None:
    told = Counter(body for story in load_corpus() for body in {step.body.strip() for step in story.steps if step.body})

    assert [body for body, times in told.items() if times > 1] == []


def test_each_story_is_told_in_few_steps() -> None:
    assert [story.id for story in load_corpus() if len(story.steps) > 6] == []


def test_each_allowed_difference_is_one_of_a_story() -> None:
    known = {story.id for theme in THEMES for story in load_theme(theme)}

    assert {place.partition("/")[0] for place in allowed_places()} <= known


def test_every_rule_of_the_packs_fires_in_a_story_that_names_it() -> None:
    named = {rule for story in load_corpus() for rule in story.fires}

    assert pack_rules() - named == NEVER.keys()


def test_every_rule_of_the_packs_that_fires_is_kept_quiet_by_a_story_that_names_it() -> None:
    spared = {rule for story in load_corpus() for rule in story.spares}

    assert pack_rules() - NEVER.keys() - spared == set()
