"""What the goals of matching measure: the same found both ways, on tickets that differ."""

from __future__ import annotations

import re

import pytest

from bench.goals import Size, chosen
from bench.matching import _beside, _naive
from bench.rule_sets import keyword_rules, keywords, mixed_rules, patterns, tickets
from rules.engine.decide import NO_RULE, decide
from rules.values.multi_pattern import Patterns, Phrases, regexp
from rules.values.text import folded
from tests.rules.build import facts_of


def test_tickets_differ_are_about_a_kilobyte_and_are_drawn_again_from_their_seed() -> None:
    drawn = tickets(50, seed=1)

    assert len(set(drawn)) == 50
    assert all(1000 < len(text) < 1100 for text in drawn)
    assert drawn == tickets(50, seed=1)
    assert not set(drawn) & set(tickets(50, seed=2))


def test_there_are_as_many_different_keywords_and_patterns_as_are_asked_for() -> None:
    assert len(set(keywords(1_000))) == 1_000
    assert len(set(patterns(100))) == 100
    assert all(regexp(each) for each in patterns(100))


def test_a_loop_and_the_matcher_find_the_same_keywords() -> None:
    known = keywords(100)
    loop = [re.compile(rf"\b{re.escape(each)}\b", re.IGNORECASE) for each in known]
    phrases = Phrases(known)

    found = [(_naive(known, loop, text), phrases.in_text(folded(text))) for text in tickets(100, seed=3)]

    assert all(theirs == ours for theirs, ours in found)
    assert sum(len(ours) for _, ours in found) > 100


def test_a_loop_and_the_matcher_find_the_same_patterns() -> None:
    shapes = patterns(100)
    loop, many = [re.compile(each, re.IGNORECASE) for each in shapes], Patterns(shapes)

    found = [(_naive(shapes, loop, text), many.in_text(text)) for text in tickets(100, seed=4)]

    assert all(theirs == ours for theirs, ours in found)
    assert len(frozenset[str]().union(*(ours for _, ours in found))) > 10


def test_what_finds_something_else_is_not_measured() -> None:
    with pytest.raises(ValueError, match="not the same is found"):
        _beside(Size(pairs=5, is_short=True), lambda text: {text}, lambda _: set())


def test_sets_of_both_sizes_match_something_on_most_tickets() -> None:
    for rules in (mixed_rules(100), mixed_rules(1_000), keyword_rules(100)):
        seen = [decide(rules, facts_of(ticket={"description": text}), in_full=NO_RULE) for text in tickets(40, seed=5)]

        assert sum(any(each.matched for each in decision.rules) for decision in seen) > 20


def test_the_goals_of_rules_are_among_the_goals() -> None:
    assert [goal.name for goal in chosen(["matching"])] == ["P7", "P8", "P9", "P17"]
