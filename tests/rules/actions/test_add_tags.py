"""`add_tags`: tags as they are compared."""

from __future__ import annotations

from rules.actions import add_tags
from rules.model.effects import WantTags
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_tags_are_put_on_as_they_are_compared() -> None:
    assert wish_of(add_tags, {"tags": ["Billing", "REFUND"]}) == WantTags(add=frozenset({"billing", "refund"}))


def test_one_tag_needs_no_list() -> None:
    assert decided("add_tags: billing") == decided("add_tags: [billing]")
    assert decided("add_tags: billing").tags_add == {"billing"}


def test_a_tag_of_two_words_is_refused_with_what_to_write() -> None:
    assert "write needs-triage" in refusal_of(add_tags, tags=["Needs triage"])
