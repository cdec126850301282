"""What may rest on a model's opinion: refused at load where it is more, and so the same whatever a model says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import EventType
from bot.senses import sense
from rules.engine.decide import decide
from rules.files.sources import pack_names, read_sources
from rules.language.facts_json import facts_from_json
from rules.lint.opinions import ADDING, asks_opinion
from rules.loading.load import load_rules
from rules.model.canonical_json import decision_to_json
from rules.model.decision import Decision
from rules.model.facts import Facts, Signal
from tests.rules.build import NOW, messages_of, rule, rules_of

SEES_LOSS = "{opinion.issues: {has: data_loss}}"
REFUSED = (
    "escalate: {team: Engineering}",
    "notify: {channel: leads, text: look}",
    "draft_reply: {}",
    "propose_macro: Outage",
    "set_status: pending",
    "set_priority: low",
    "assign_team: Billing",
    "remove_tags: vip",
    "toggle_tag: vip",
    "tag_value: {of: opinion.severity, prefix: model-}",
    "add_cc: boss@example.com",
    "follow_up: {after: 1 h, text: look}",
)


def refusals(*rules: str) -> list[str]:
    return messages_of("rules:\n" + "".join(rules))


@pytest.mark.parametrize("action", REFUSED)
def test_a_rule_that_asks_a_model_may_only_add_and_raise(action: str) -> None:
    [message] = refusals(rule(SEES_LOSS, f"[{{add_tags: seen}}, {{{action}}}]"))

    assert "r asks a model's opinion, on which nothing but add_note, add_tags, raise_priority may rest" in message
    assert action.partition(":")[0] in message


@pytest.mark.parametrize(
    "made",
    [
        rule("{subject: {has: x}}", "[{escalate: {team: A}}]", more="on: [opinion.ready]"),
        rule("{subject: {has: x}}", '[{notify: {channel: a, text: "{opinion.severity}"}}]'),
        rule("{subject: {has: x}}", "[{tag_value: {of: opinion.severity, prefix: s-}}]"),
        rule("{not: {any: [{opinion.wishes: {has: refund}}]}}", "[draft_reply]"),
    ],
)
def test_a_model_is_asked_in_other_ways_too(made: str) -> None:
    assert any("asks a model's opinion" in each for each in refusals(made))


def test_a_rule_that_asks_a_model_stops_no_other() -> None:
    assert any("cannot `stop`" in each for each in refusals(rule(SEES_LOSS, "[{add_tags: seen}]", more="stop: true")))


def test_what_only_adds_and_raises_is_taken_and_runs_on_late_answers_too() -> None:
    rules = rules_of("rules:\n" + rule(SEES_LOSS, "[{add_tags: seen}, {raise_priority: high}, {add_note: look}]"))

    [made] = rules.rules
    assert asks_opinion(made)
    assert EventType.OPINION_READY in made.on


def test_other_rules_do_not_run_on_late_answers() -> None:
    [made] = rules_of("rules:\n" + rule("{issues: {has: data_loss}}")).rules

    assert EventType.OPINION_READY not in made.on
    assert not asks_opinion(made)


ADDS = rule(SEES_LOSS, "[{add_tags: [seen, lost, see-it]}, {raise_priority: high}, {add_note: look}]", id="model")
PAGES = "[{notify: {channel: leads, text: look}}]"
BY_WAY_OF = (
    ("{tags: {has: lost}}", PAGES, ""),
    ("{tags: {has_none: [vip, Lost]}}", PAGES, ""),
    ("{tags: {empty: false}}", PAGES, ""),
    ("{decided.tags: {has: seen}}", "[{escalate: {team: A}}]", ""),
    ("{priority: {at_least: high}}", "[{assign_team: A}]", ""),
    ("{not: {decided.priority: urgent}}", "[{set_status: pending}]", ""),
    ("{tags: {has: priority-high}}", PAGES, ""),
    ("{subject: {has: x}}", '[{notify: {channel: a, text: "{tags}"}}]', ""),
    ("{subject: {has: x}}", "[{tag_value: {of: priority, prefix: p-}}]", ""),
    ("{subject: {has: x}}", "[{remove_tags: lost}]", ""),
    ("{subject: {has: x}}", "[{toggle_tag: seen}]", ""),
    ("{subject: {has: x}}", "[{tag_value: {of: issue_type, prefix: see-}}, {notify: {channel: a, text: b}}]", ""),
    ("{message_count: {over: 3}}", PAGES, ""),
    ("{updated_at: {older_than: 5 days}}", PAGES, ""),
    ("{subject: {has: x}}", PAGES, "on: [tags.changed]"),
    ("{subject: {has: x}}", PAGES, "on: [priority.changed]"),
)


@pytest.mark.parametrize(("when", "then", "more"), BY_WAY_OF)
def test_nothing_more_rests_on_what_such_a_rule_has_set(when: str, then: str, more: str) -> None:
    [message] = refusals(ADDS, rule(when, then, id="pages", more=more))

    assert "pages would rest on a model's opinion" in message
    assert "model" in message


def test_what_is_passed_on_is_followed() -> None:
    passes = rule("{tags: {has: lost}}", "[{add_tags: further}]", id="passes")

    [message] = refusals(ADDS, rule("{tags: {has: further}}", PAGES, id="pages"), passes)

    assert "tag further" in message
    assert "passes" in message


def test_other_tags_are_free() -> None:
    assert not refusals(ADDS, rule("{tags: {has: vip}}", PAGES, id="pages"))


# whatever a model says

PACKS = [f"pack:{name}" for name in pack_names()]
WITHOUT = load_rules(read_sources(PACKS, Path()))
ASKING = "rules:\n" + ADDS + rule("{opinion.severity: [p1, p2]}", "[{raise_priority: {by: 1}}]", id="graver")
WISHING = rule("{opinion.wishes: {has: refund}}", "[{add_note: '{opinion.wishes}'}, {add_tags: wants-refund}]", id="wants")
TEXTS = (
    "Our production is down for everybody, we lose orders. Please call me.",
    "I was charged twice and want my money back, this is a disgrace!",
    "How do I export my contacts?",
    "Thanks.",
    "We will cancel unless a manager answers. Our lawyer knows.",
)
words = st.sampled_from(["p1", "p2", "p3", "p4", "angry", "refund", "data_loss.missing.disappeared", "security", "de", "x"])
OPINION = ("issues", "severity", "wishes", "sentiment", "language", "questions_to_ask")
values = st.one_of(words, st.tuples(words, words), st.booleans(), st.floats(0, 1), st.none())
opinions = st.dictionaries(st.sampled_from(OPINION), st.builds(Signal, value=values, score=st.floats(0, 1)))


def facts(text: str) -> Facts:
    given: dict[str, Any] = {"ticket": {"subject": "Help", "messages": [{"body_text": text, "external_id": "1"}]}}
    found = facts_from_json(given, NOW)
    return replace(found, signals=sense(found.ticket, NOW))


def with_opinion(found: Facts, said: dict[str, Signal]) -> Facts:
    return replace(found, signals={**found.signals, **{f"opinion.{name}": each for name, each in said.items()}})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TEXTS), opinions)
def test_rules_that_ask_no_model_decide_the_same_whatever_it_says(text: str, said: dict[str, Signal]) -> None:
    found = facts(text)

    assert decision_to_json(decide(WITHOUT, with_opinion(found, said))) == decision_to_json(decide(WITHOUT, found))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TEXTS), opinions)
def test_rules_that_ask_one_only_add_and_raise(text: str, said: dict[str, Signal]) -> None:
    found, rules = facts(text), load_rules([*read_sources(PACKS, Path()), *_source(ASKING + WISHING)])

    before, after = decide(rules, found), decide(rules, with_opinion(found, said))

    assert _grave(after) == _grave(before)
    assert after.tags_add >= before.tags_add
    assert after.tags_remove == before.tags_remove
    assert (after.priority or found.ticket.priority).rank >= (before.priority or found.ticket.priority).rank


def _source(text: str) -> list[Any]:
    from rules.files.sources import Source

    return [Source("asking.yaml", text)]


def _grave(decision: Decision) -> list[Any]:
    """What reaches people or moves the ticket: everything but tags, the priority and plain paragraphs of the note."""
    told = [note for note in decision.notes if note.rule not in ("model", "graver", "wants")]
    kept = ("status", "team", "assignee", "fields", "followers_add", "survey_off", "links", "drafts", "macros", "notices")
    return [told, decision.follow_ups, decision.sla_policy, *(getattr(decision, name) for name in kept)]


def test_adding_is_what_the_page_says() -> None:
    assert {"add_tags", "raise_priority", "add_note"} == ADDING
