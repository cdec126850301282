"""`tag_value`: the tag says what the field holds, now; what people do with it stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.actions import tag_value
from rules.engine.decide import decide
from rules.model.decision import Decision
from tests.rules.actions.acting import refusal_of
from tests.rules.build import facts_of, one_rule, result

RULES = one_rule("{issue_type: {known: true}}", "[tag_value: {of: issue_type, prefix: issue-}]")


def look(issue_type: str | None, *tags: str, ours: tuple[str, ...] = (), before: Decision | None = None) -> Decision:
    signals = {"issue_type": issue_type} if issue_type else {}
    facts = replace(facts_of(ticket={"tags": [*tags]}, signals=signals), toggled=frozenset(ours))
    return decide(RULES, replace(facts, state=before.state, is_first_sight=False) if before else facts)


@pytest.mark.parametrize(("value", "tag"), [("bug", "issue-bug"), ("data_loss", "issue-data-loss")])
def test_the_tag_is_the_value_behind_the_prefix(value: str, tag: str) -> None:
    assert look(value).tags_add == {tag}


def test_another_value_takes_the_place_of_our_tag() -> None:
    later = look("outage", "issue-bug", "vip", ours=("issue-bug", "vip"), before=look("bug"))

    assert later.tags_add == {"issue-outage"}
    assert later.tags_remove == {"issue-bug"}


@pytest.mark.parametrize(
    ("issue_type", "tags", "ours"),
    [
        ("bug", ("issue-bug",), ("issue-bug",)),  # as it was
        ("outage", (), ()),  # a person took ours off
        ("outage", ("issue-billing",), ()),  # or put their own in its place
        (None, ("issue-bug",), ("issue-bug",)),  # no longer known
        ("outage", ("issue-bug", "issue-outage"), ("issue-bug",)),  # a person was quicker
    ],
)
def test_else_nothing_is_done_again(issue_type: str | None, tags: tuple[str, ...], ours: tuple[str, ...]) -> None:
    later = look(issue_type, *tags, ours=ours, before=look("bug"))

    assert not (later.tags_add or later.tags_remove or result(later).fired)


def test_a_free_text_becomes_one_word() -> None:
    rules = one_rule("{product_area: {known: true}}", "[tag_value: {of: product_area, prefix: 'area:'}]")

    assert decide(rules, facts_of(signals={"product_area": "  Käse, & Wein "})).tags_add == {"area:käse-wein"}


def test_nothing_known_is_blocked() -> None:
    rules = one_rule("{priority: none}", "[tag_value: {of: category, prefix: topic-}]")

    assert not result(decide(rules, facts_of())).fired


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"of": "issue_tipe", "prefix": "issue-"}, "did you mean"),
        ({"of": "text", "prefix": "text-"}, "one word"),
        ({"of": "tags", "prefix": "tag-"}, "one word"),
        ({"of": "issue_type", "prefix": "dh-"}, "agents"),
        ({"of": "issue_type", "prefix": "issue"}, "pattern"),
        ({"of": "issue_type", "prefix": "is sue-"}, "pattern"),
    ],
)
def test_what_could_be_no_tag_is_refused(options: dict[str, Any], said: str) -> None:
    assert said in refusal_of(tag_value, **options)
