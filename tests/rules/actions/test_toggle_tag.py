"""`toggle_tag`: one tag that comes and goes with its condition."""

from __future__ import annotations

from dataclasses import replace

from rules.actions import toggle_tag
from rules.engine.decide import decide
from rules.model.effects import WantTags
from tests.rules.actions.acting import refusal_of, wish_of
from tests.rules.build import again, facts_of, one_rule


def test_while_the_condition_holds_the_tag_is_wanted() -> None:
    assert wish_of(toggle_tag, {"tag": "VIP-outage"}) == WantTags(add=frozenset({"vip-outage"}))


def test_the_tag_that_comes_off_is_the_one_of_the_option() -> None:
    rules = one_rule("{subject: x}", "[toggle_tag: VIP]")
    first = decide(rules, facts_of(ticket={"subject": "x"}))

    later = again(rules, replace(facts_of(), toggled=frozenset({"vip", "other"})), first)

    assert later.tags_remove == {"vip"}


def test_it_takes_one_tag_only() -> None:
    assert "tag" in refusal_of(toggle_tag, tag=["a", "b"])
