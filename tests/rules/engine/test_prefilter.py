"""The quick way decides as the plain way does, and what is ruled out is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.ticket import EventType
from rules.engine.decide import NO_RULE, decide
from rules.engine.prefilter import BY_EVENT, Index
from rules.engine.ruleset import RuleSet
from rules.files.sources import Source
from rules.language.conditions import Leaf
from rules.language.operators import Answer
from rules.loading.load import load_rules
from rules.model.canonical_json import decision_hash
from rules.model.decision import Decision
from rules.model.facts import Facts
from rules.model.view import View
from tests.rules.build import NOW, facts_of, result, rule, rules_of
from tests.rules.engine.plain_engine import decide_plainly

_words = st.sampled_from(["down", "up", "down time", "a", "日本", "vip", "Zoë", "für", "fuer"])
_some = st.lists(_words, min_size=1, max_size=3)
_text = st.sampled_from(["subject", "description", "text", "custom.a", "requester.name"])
_leaf = st.one_of(
    st.builds(lambda field, word, value: {field: {word: value}}, _text, st.sampled_from(["has_any", "starts", "ends"]), _some),
    st.builds(lambda field, value: {field: {"has": value}}, _text, _words),
    st.builds(lambda field, value: {field: {"matches": value}}, _text, st.sampled_from(["d.wn", "^up", r"\d+", "(a+)+$", "日"])),
    st.builds(lambda field, value: {field: value}, _text, _some),
    st.builds(lambda field, one, two: {field: {"has_any": one, "starts": two}}, _text, _some, _some),
    st.builds(lambda word, value: {"tags": {word: value}}, st.sampled_from(["has_any", "has_all", "has_none", "in"]), _some),
    st.builds(lambda value: {"company.tier": value}, st.sampled_from(["enterprise", ["standard", "professional"]])),
    st.builds(lambda value: {"company.tier": {"at_least": value}}, st.sampled_from(["enterprise", "standard"])),
    st.builds(lambda value: {"custom.a": value}, st.sampled_from([1, True, "down", 0])),
    st.builds(lambda field: {field: {"known": True}}, _text),
    st.builds(lambda value: {"company.arr": {"over": value}}, st.integers(0, 3)),
    st.builds(lambda value: {"sentiment": {"is": value, "confidence": 0.6}}, st.sampled_from(["angry", "neutral"])),
    st.builds(lambda value: {"customer_waits": value}, st.booleans()),
    st.builds(
        lambda value: {"issue": value}, st.sampled_from(["billing", "billing.invoice", ["bug", "billing.invoice.missing"]])
    ),
    st.builds(lambda value: {"tickets_by_requester": {"last": "30d", "at_least": value}}, st.integers(1, 3)),
    st.builds(lambda value: {"decided.tags": value}, _some),
    st.builds(lambda value: {"decided.team": value}, _words),
    st.just({"changed": "tags"}),
)
_when = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=5,
)
_events = st.lists(st.sampled_from(["ticket.created", "customer.replied", "ticket.updated"]), min_size=1, max_size=2, unique=True)
_then = st.lists(
    st.sampled_from(
        [
            {"toggle_tag": "down"},
            {"toggle_tag": "vip"},
            {"add_tags": ["up"]},
            {"remove_tags": ["vip"]},
            {"add_note": "Hi {requester.name}"},
            "draft_reply",
            {"set_priority": "low"},
            {"raise_priority": "urgent"},
            {"assign_team": "up"},
        ]
    ),
    min_size=1,
    max_size=2,
)
_rules = st.lists(
    st.fixed_dictionaries(
        {"then": _then},
        optional={
            "when": _when,
            "on": _events,
            "stop": st.booleans(),
            "limits": st.just({"per_ticket": 1}),
            "stage": st.sampled_from(["live", "shadow", "draft"]),
        },
    ),
    min_size=1,
    max_size=6,
)
_saying = st.lists(
    st.sampled_from(["It is", "DOWN", "down time", "up", "日本語", "7", "aaaa!", "vips", "vip", "für", "FUER", "fur", "zoe"]),
    max_size=4,
).map(" ".join)
_look = st.fixed_dictionaries(
    {
        "ticket": st.fixed_dictionaries(
            {},
            optional={
                "subject": _saying,
                "description": _saying,
                "tags": st.lists(st.sampled_from(["down", "VIP", "ZOË", "up"]), max_size=2),
                "custom": st.fixed_dictionaries({"a": st.one_of(_saying, st.integers(0, 1), st.booleans(), _some)}),
            },
        ),
        "events": _events,
    },
    optional={
        "company": st.fixed_dictionaries(
            {}, optional={"tier": st.sampled_from(["enterprise", "Standard", "other"]), "arr": st.just(2)}
        ),
        "requester": st.fixed_dictionaries({"name": _saying}),
        "signals": st.fixed_dictionaries(
            {
                "sentiment": st.just({"value": "angry", "score": 0.7}),
                "issue": st.sampled_from(["billing.invoice.missing", "billing.invoice", "bug"]),
            }
        ),
        "counts": st.fixed_dictionaries({"tickets_by_requester.30d": st.integers(1, 3)}),
        "changes": st.fixed_dictionaries({"tags": st.just([[], ["vip"]])}),
        "toggled": _some,
        "switched_off": st.lists(st.sampled_from(["f0-r0", "f0-r1", "f1-r0", "gone"]), max_size=2),
    },
)


def _set_of(*files: list[dict[str, Any]]) -> RuleSet:
    sources = []
    for number, file in enumerate(files):
        named = [{"id": f"f{number}-r{place}", **each} for place, each in enumerate(file)]
        sources.append(Source(f"f{number}.yaml", json.dumps({"rules": named})))
    return load_rules(sources)


def _without_why(decision: Decision) -> Decision:
    return replace(decision, rules=tuple(replace(each, ruled_out="") for each in decision.rules))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=_rules, second=_rules, looks=st.lists(_look, min_size=1, max_size=3))
def test_the_quick_way_decides_as_the_plain_way_does(first: Any, second: Any, looks: Any) -> None:
    # Deployed the other way round between two looks: the ids stay, and mean other rules.
    versions = (_set_of(first, second), _set_of(first, second), _set_of(second, first))
    known: Any = {}
    for number, (look, rules) in enumerate(zip(looks, versions, strict=False)):
        facts = replace(facts_of(**look), state=known, is_first_sight=number == 0)

        plain, full, quick = decide_plainly(rules, facts), decide(rules, facts), decide(rules, facts, in_full=NO_RULE)

        assert _without_why(full) == plain
        assert replace(quick, rules=()) == replace(plain, rules=())
        assert decision_hash(quick) == decision_hash(full)
        for one, other in zip(full.rules, quick.rules, strict=True):
            assert (one.ruled_out, one.fired, one.actions) == (other.ruled_out, other.fired, other.actions)
            assert other.steps == () if other.ruled_out else one == other
            assert one.ruled_out in ("", "event") or not one.matched
        known = plain.state


@pytest.fixture
def rules() -> RuleSet:
    return rules_of(
        "rules:\n"
        + rule("{subject: {has: down}}", id="phrase")
        + rule("{all: [{subject: {has: up}}, {company.tier: enterprise}]}", id="part")
        + rule("{any: [{subject: {has: x}}, {tags: {has: x}}]}", id="either")
        + rule("{not: {subject: {has: up}}}", id="other-than")
        + rule("{subject: {has: up}}", id="event", more="on: [ticket.updated]")
    )


SEEN = {
    "ticket": {
        "subject": "The ＤＯＷＮ time of Zoë",
        "tags": ["VIP", "ZOË"],
        "channel": "email",
        "custom": {"a": "Gold", "b": ["Ä", "x"]},
    },
    "company": {"tier": "enterprise"},
}
HOLDING = [
    "subject: {has: DOWN}",
    "subject: {has_any: [x, Down Time]}",
    "subject: {starts: THE}",
    "subject: {starts: [x, the d]}",
    "subject: {ends: ZOË}",
    "subject: {ends: zoe}",
    "subject: {has: zoe}",
    "subject: {is: the down time of zoë}",
    "subject: {in: [x, the down time of zoë]}",
    "subject: {matches: 'time .f zoË$'}",
    "subject: {starts: the, has: zoë, matches: 'T'}",
    "tags: zoë",
    "tags: {has_all: [zoë, Vip]}",
    "tags: {in: [x, VIP]}",
    "custom.a: gold",
    "custom.a: {has: GOLD}",
    "custom.b: {has: ä}",
    "custom.b: {has_all: [ä, X]}",
    "channel: [web, email]",
    "company.tier: {is: enterprise}",
    "all: [{subject: {has: down}}, {tags: vip}]",
    "any: [{subject: {has: x}}, {tags: vip}]",
    "not: {subject: {has: x}}",
]


@pytest.mark.parametrize("when", HOLDING)
def test_whatever_holds_is_found(when: str) -> None:
    rules = rules_of("rules:\n" + rule("{" + when + "}"))

    assert decide(rules, facts_of(**SEEN), in_full=NO_RULE).rules[0].matched
    assert "not:" in when or decide(rules, facts_of(), in_full=NO_RULE).rules[0].ruled_out.startswith("when")


def test_a_result_tells_what_ruled_its_rule_out(rules: RuleSet) -> None:
    decision = decide(rules, facts_of(ticket={"subject": "up"}), in_full=NO_RULE)

    found = {each.id: each.ruled_out for each in decision.rules}
    assert found == {
        "phrase": "when.subject",
        "part": "when.all[1].company.tier",
        "either": "when.any",
        "other-than": "",
        "event": "event",
    }


def test_steps_of_one_rule_alone_can_be_asked_for(rules: RuleSet) -> None:
    decision = decide(rules, facts_of(ticket={"subject": "up"}), in_full={"phrase"})

    assert [step.path for step in result(decision, "phrase").steps] == ["when.subject"]
    assert result(decision, "part").steps == ()


def test_a_rule_that_has_nothing_to_do_with_the_ticket_is_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of("rules:\n" + "".join(rule(f"{{subject: {{has: word{each}}}}}", id=f"r{each}") for each in range(500)))
    asked: list[str] = []
    answer = Leaf.answer

    def counted(leaf: Leaf, view: View) -> Answer:
        asked.append(leaf.path)
        return answer(leaf, view)

    monkeypatch.setattr(Leaf, "answer", counted)

    decision = decide(rules, facts_of(ticket={"subject": "word7 and word499"}), in_full=NO_RULE)

    assert [each.id for each in decision.rules if each.fired] == ["r7", "r499"]
    assert len(decision.rules) == 500
    assert len(asked) <= 4


def test_what_held_and_is_ruled_out_now_lets_go() -> None:
    rules = rules_of("rules:\n" + rule("{subject: {has: down}}", "[toggle_tag: down]"))
    first = decide(rules, facts_of(ticket={"subject": "down"}), in_full=NO_RULE)
    later = replace(facts_of(ticket={"subject": "up"}), state=first.state, is_first_sight=False, toggled=frozenset({"down"}))

    second = decide(rules, later, in_full=NO_RULE)

    assert second.tags_remove == {"down"}
    assert not second.state["r"].held
    assert result(second).steps


def test_a_later_file_is_looked_up_by_what_earlier_ones_decided() -> None:
    first = "rules:\n" + rule("{subject: {has: down}}", "[add_tags: [down]]", "a")
    rules = rules_of(first, "rules:\n" + rule("{decided.tags: {has: down}}", "[add_tags: [late]]", "b"))

    assert decide(rules, facts_of(ticket={"subject": "down"}), in_full=NO_RULE).tags_add == {"down", "late"}
    assert decide(rules, facts_of(ticket={"subject": "up"}), in_full=NO_RULE).tags_add == frozenset()


def test_many_sets_of_events_are_not_kept_for_ever(rules: RuleSet) -> None:
    kinds = list(EventType)
    for number in range(200):
        events = frozenset(kind for place, kind in enumerate(kinds) if number >> place & 1)
        decide(rules, replace(facts_of(ticket={"subject": "up"}), events=events), in_full=NO_RULE)

    assert len(rules.index._under) <= 64


def _once(rules: RuleSet, facts: Facts) -> list[str]:
    return [each.id for each in decide(rules, facts, in_full=NO_RULE).rules if each.matched]


def test_an_index_does_not_remember_a_ticket() -> None:
    rules = rules_of("rules:\n" + rule("{subject: {has: down}}") + rule("{company.tier: enterprise}", id="big"))

    found = [_once(rules, facts_of(ticket={"subject": text}, now=NOW.isoformat())) for text in ("down", "up", "down")]

    assert found == [["r"], [], ["r"]]


def test_an_index_names_the_rules_whose_words_are_there(rules: RuleSet) -> None:
    index = Index.of(rules.rules)
    under = index.under(frozenset({EventType.TICKET_CREATED}))

    found = under.found(View(facts_of(ticket={"subject": "it is down"}), texts=index.texts))

    assert {index.rules[place].id for place in found} == {"phrase", "other-than"}
    assert [each.ruled_out for each in under.results if each.id == "event"] == [BY_EVENT]


def test_what_was_not_asked_says_why(rules: RuleSet) -> None:
    index = Index.of(rules.rules)

    assert [(each.id, each.because) for each in index.skipped(range(1, 3), "stopped by phrase")] == [
        ("part", "stopped by phrase"),
        ("either", "stopped by phrase"),
    ]
    assert index.ruled_out(0, "when.subject").ruled_out == "when.subject"
