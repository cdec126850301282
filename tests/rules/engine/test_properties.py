"""What holds for any rule file and any facts: no surprise but RulesInvalid, and no exception at decide."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine.decide import decide
from rules.files.sources import RulesInvalid, Source
from rules.language.facts_json import FactsInvalid, canonical, decision_to_json
from rules.language.fields import FIELDS
from rules.language.operators import OPERATORS
from rules.loading.load import load_rules
from tests.rules.build import facts_of

_scalars = st.one_of(
    st.sampled_from(["high", "urgent", "enterprise", "vip", "4 h", "outage", "2026-01-01", "ticket.created", "${x}", "(a", "x"]),
    st.integers(-3, 100_000),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=8),
)
_values = st.one_of(_scalars, st.lists(_scalars, max_size=3))
_names = st.sampled_from([*FIELDS.names(), "custom.a", "company.custom.b", "changed", "nothing"])
_tests = st.one_of(_values, st.dictionaries(st.sampled_from([*OPERATORS, "confidence"]), _values, max_size=2))
_leaves = st.dictionaries(_names, _tests, max_size=2)
_trees = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
_good_leaves = st.sampled_from([{field.name: field.example} for field in FIELDS])
_good_trees = st.recursive(
    _good_leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=8,
)
_facts = st.fixed_dictionaries(
    {
        "ticket": st.fixed_dictionaries(
            {}, optional={"subject": st.text(max_size=30), "tags": st.lists(st.text(max_size=5), max_size=3)}
        )
    },
    optional={
        "company": st.fixed_dictionaries(
            {}, optional={"tier": st.text(max_size=9), "arr": st.floats(0, 1e9), "renewal_at": st.just("2026-02-01T00:00:00Z")}
        ),
        "signals": st.dictionaries(
            st.sampled_from([field.name for field in FIELDS if field.is_signal]),
            st.one_of(st.text(max_size=5), st.floats(0, 1), st.booleans(), st.lists(st.text(max_size=4), max_size=2)),
        ),
        "changes": st.dictionaries(
            st.sampled_from(["priority", "tags", "status"]),
            st.tuples(_scalars.filter(lambda v: v == v), st.lists(st.text(max_size=3), max_size=2)).map(list),
        ),
    },
)
_quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _load(tree: Any) -> Any:
    return load_rules([Source("f.yaml", json.dumps(tree))])


@_quick
@given(when=_trees, facts=_facts)
def test_a_random_condition_is_refused_or_decides(when: Any, facts: Any) -> None:
    try:
        rules = _load({"rules": [{"id": "r", "when": when, "then": ["survey_off"]}]})
    except RulesInvalid:
        return

    assert len(decide(rules, facts_of(**facts)).rules) == 1


@_quick
@given(when=_good_trees, facts=_facts)
def test_a_legal_condition_always_decides_and_always_the_same(when: Any, facts: Any) -> None:
    asks_a_model = "opinion." in str(when)  # of such a rule less may come (rules/lint/opinions.py)
    then = [{"add_tags": "t"}, {"add_note": "A"}] if asks_a_model else ["survey_off", {"toggle_tag": "t"}, {"escalate": "A"}]
    rules = _load({"rules": [{"id": "r", "when": when, "then": then}]})

    one, two = decide(rules, facts_of(**facts)), decide(rules, facts_of(**facts))

    assert canonical(decision_to_json(one)) == canonical(decision_to_json(two))
    assert one.rules[0].matched == (one.rules[0].steps[0].holds)


_yaml = st.text(alphabet="{}[]:,-#&*!|>'\"%@` \n\tabrulesidwhenthen0123.-_$~", max_size=60)
_json = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["id", "when", "then", "on", "limits", "stop", "tests", "matches", "writes", "rules", "values", "escalate"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@_quick
@given(text=_yaml)
def test_any_text_loads_or_raises_rules_invalid(text: str) -> None:
    for candidate in (text, "rules:\n" + text, "rules:\n  - id: r\n    when: " + text):
        try:
            load_rules([Source("f.yaml", candidate)])
        except RulesInvalid as error:
            assert error.problems


@_quick
@given(tree=_json)
def test_any_tree_loads_or_raises_rules_invalid(tree: Any) -> None:
    for candidate in (tree, {"rules": tree}, {"rules": [tree]}):
        try:
            _load(candidate)
        except RulesInvalid as error:
            assert error.problems


@_quick
@given(tree=_json)
def test_any_object_is_facts_or_refused(tree: Any) -> None:
    try:
        facts_of(**tree) if isinstance(tree, dict) else None
    except FactsInvalid as error:
        assert error.wrong


def test_deep_nesting_is_refused() -> None:
    text = "rules:\n  - id: r\n    when: " + "{not: " * 400 + "{subject: x}" + "}" * 400 + "\n    then: [survey_off]\n"

    for candidate in (text, "rules: " + "[" * 5000 + "]" * 5000):
        try:
            load_rules([Source("f.yaml", candidate)])
        except RulesInvalid as error:
            assert error.problems
        else:
            raise AssertionError("a file nested that deep was accepted")
