"""`remove_tags`: tags come off, whoever put them on."""

from __future__ import annotations

from rules.actions import remove_tags
from rules.model.effects import WantTags
from tests.rules.actions.acting import decided, wish_of


def test_tags_are_taken_off_as_they_are_compared() -> None:
    assert wish_of(remove_tags, {"tags": "Needs-Triage"}) == WantTags(remove=frozenset({"needs-triage"}))


def test_nothing_is_put_on() -> None:
    decision = decided("remove_tags: [a, b]")

    assert decision.tags_remove == {"a", "b"}
    assert not decision.tags_add
