"""`add_tags`: tags as they are compared."""

from __future__ import annotations

from types import ModuleType

import pytest

from rules.actions import add_tags, toggle_tag
from rules.model.effects import WantTags
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_tags_are_put_on_as_they_are_compared() -> None:
    assert wish_of(add_tags, {"tags": ["Billing", "REFUND"]}) == WantTags(add=frozenset({"billing", "refund"}))


def test_one_tag_needs_no_list() -> None:
    assert decided("add_tags: billing") == decided("add_tags: [billing]")
    assert decided("add_tags: billing").tags_add == {"billing"}


def test_a_tag_of_two_words_is_refused_with_what_to_write() -> None:
    assert "write needs-triage" in refusal_of(add_tags, tags=["Needs triage"])


@pytest.mark.parametrize("action", [add_tags, toggle_tag], ids=["add_tags", "toggle_tag"])
@pytest.mark.parametrize("tag", ["dh-accept", "DH-Accept", "dh-edit", "dh-reject", "dh-wrong-intent"])
def test_no_rule_says_a_persons_word_about_a_draft(action: ModuleType, tag: str) -> None:
    assert "an agent's word" in refusal_of(action, **({"tags": [tag]} if action is add_tags else {"tag": tag}))


def test_no_rule_sets_what_would_be_taken_for_such_a_word() -> None:
    assert "mistyped `dh-accept`" in refusal_of(add_tags, tags=["dh-approve"])
