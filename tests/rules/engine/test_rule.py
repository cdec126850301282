"""One rule: its stage, and the tags that it toggles."""

from __future__ import annotations

import pytest

from rules.engine.rule import DEFAULT_EVENTS, Rule, Stage
from tests.rules.build import one_rule


def the_rule(then: str = "[survey_off]", more: str = "") -> Rule:
    return next(one_rule("{subject: x}", then, more).rules)


@pytest.mark.parametrize(("more", "is_live"), [("", True), ("stage: shadow", False), ("stage: draft", False)])
def test_a_rule_counts_unless_its_file_says_otherwise(more: str, is_live: bool) -> None:
    assert the_rule(more=more).is_live is is_live
    assert (the_rule(more=more).stage is Stage.LIVE) is is_live


def test_a_rule_knows_the_tags_that_it_toggles_and_no_others() -> None:
    assert the_rule("[toggle_tag: VIP, toggle_tag: hot, add_tags: [stays]]").toggles == {"vip", "hot"}
    assert the_rule().toggles == frozenset()


def test_without_a_word_on_events_it_is_asked_at_new_tickets_and_replies() -> None:
    assert the_rule().on == DEFAULT_EVENTS
    assert {str(each) for each in the_rule(more="on: note.created").on} == {"note.created"}


def test_limits_are_open_where_the_file_sets_none() -> None:
    limits = the_rule(more="limits: {per_ticket: 2}").limits

    assert (limits.per_ticket, limits.per_hour, limits.total_per_hour) == (2, None, None)
