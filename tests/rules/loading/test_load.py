"""What the loader refuses, where it says the fault is, and what it suggests."""

from __future__ import annotations

import pytest

from rules.files.problems import Severity
from rules.files.sources import RulesInvalid, Source
from rules.loading.load import load_rules
from tests.rules.build import messages_of, one_rule, problems_of, rule, rules_of

GOOD = "rules:\n" + rule("{subject: x}")


def _with(when: str = "{subject: x}", then: str = "[survey_off]", more: str = "") -> list[str]:
    return messages_of("rules:\n" + rule(when, then, more=more))


CONDITIONS = [
    ("{company.tire: x}", "company.tire: no such field, did you mean company.tier?"),
    ("{priority: hihg}", "priority: hihg: no such value, did you mean high?"),
    ("{subject: {hass: x}}", "hass: no such operator, did you mean has?"),
    ("{company.arr: {has: x}}", "company.arr is a money: `has` does not fit"),
    ("{company.arr: '5'}", "company.arr: wanted a number, found text"),
    ("{company.arr: {at_least: .nan}}", "company.arr: wanted a number"),
    ("{company.renewal_in: {under: 60}}", "company.renewal_in: wanted a duration with its unit"),
    ("{company.renewal_in: {under: 60 dogs}}", "company.renewal_in: wanted a duration such as"),
    ("{subject: {matches: '(?=a)b'}}", "look-around and back-references are not supported"),
    ("{subject: {matches: '(a'}}", "subject: not a regular expression: missing )"),
    ("{subject: {matches: '(?:a{1000}){1000}'}}", "not a regular expression"),
    ("{is_spam: no}", "is_spam: wanted true or false"),
    ("{tags: {has: 404}}", "tags: wanted text, found a number; put it in quotes"),
    ("{tags: {is: x}}", "tags is a set: `is` does not fit"),
    ("{created_at: yesterday}", "created_at is a time: `is` does not fit"),
    ("{created_at: {before: soon}}", "created_at: wanted a time such as"),
    ("{company.arr: {between: [5, 1]}}", "the first value is the larger one"),
    ("{subject: null}", "subject: wanted text, found nothing"),
    ("{subject: {}}", "subject: wanted an operator"),
    ("{all: []}", "wanted a list of conditions below all"),
    ("{}", "wanted `field: value`"),
    ("{not: {subject: x, description: y}}", "not takes one condition"),
    ("{changed: event}", "nobody keeps what it was before"),
    ("{company.tier: {changed: true}}", "nobody keeps what it was before"),
    ("{assignee: {changed_from: x}}", "nobody keeps what it was before"),
    ("{now: {changed: true}}", "nobody keeps what it was before"),
    ("{subject: {has: x, confidence: 0.5}}", "subject is not a signal"),
    ("{issue_type: {is: bug, confidence: 7}}", "confidence: wanted a number from 0 to 1"),
    ("{issue_type: {confidence: 0.7}}", "issue_type: wanted an operator"),
    ("{event: ticket.creatd}", "did you mean ticket.created?"),
    ("{subject: {has_any: []}}", "wanted at least one value"),
    ('{tags: "issue-{issue_type}"}', "tags: {issue_type}: conditions fill no placeholders"),
    ('{team: ["Senior", "{decided.team}"]}', "team: {decided.team}: conditions fill no placeholders"),
]


# Where no placeholder is filled, or not this one.
NO_PLACEHOLDERS = [
    ('add_tags: ["issue-{issue_type}"]', "add_tags: {issue_type}: no placeholder is filled here"),
    ('remove_tags: "{language}"', "remove_tags: {language}: no placeholder is filled here"),
    ('toggle_tag: "{team}"', "toggle_tag: {team}: no placeholder is filled here"),
    ('propose_macro: "Hello {requester.name}"', "propose_macro: {requester.name}: no placeholder is filled here"),
    ('notify: {channel: "team-{team}", text: x}', "notify: {team}: no placeholder is filled here"),
    ('set_sla: "{company.tier}"', "set_sla: {company.tier}: no placeholder is filled here"),
    ('escalate: {channel: "{team}", reason: x}', "escalate: {team}: no placeholder is filled here"),
    ('set_priority: "{priority}"', "set_priority: {priority}: no such value"),
    ('set_status: "{status}"', "set_status: {status}: no such value"),
    ('assign_team: "{company.team}"', "assign_team: {company.team}: no such field"),
    ('set_field: {field: area, value: "{issue}-{nope}"}', "set_field: {nope}: no such field"),
    ('set_field: {field: "{issue}", value: x}', "set_field: wanted text of the form"),
]


@pytest.mark.parametrize(("action", "expected"), NO_PLACEHOLDERS)
def test_a_placeholder_where_none_is_filled_is_refused_with_its_place(action: str, expected: str) -> None:
    (problem,) = [each for each in problems_of("rules:\n" + rule("{subject: x}", f"[{{{action}}}]")) if each.severity == "error"]

    assert problem.message.startswith(expected)
    assert (problem.line, problem.column > 1) == (2, True)


def test_words_of_customers_may_be_compared_with_braces() -> None:
    assert _with('{subject: {has: "{requester.name}"}}') == []


@pytest.mark.parametrize(("when", "expected"), CONDITIONS)
def test_a_wrong_condition_is_refused_with_what_to_write(when: str, expected: str) -> None:
    messages = _with(when)

    assert len(messages) == 1
    assert expected in messages[0]


ACTIONS = [
    ("[raise_priorty: high]", "raise_priorty: no such action, did you mean raise_priority?"),
    ("[raise_priority: hihg]", "raise_priority: hihg: no such value, did you mean high?"),
    ("[raise_priority: {by: 1, to: high}]", "write either `to: high` or `by: 1`"),
    ("[raise_priority: {bye: 1}]", "bye: no such option of raise_priority, did you mean by?"),
    ("[add_tags: 'two words']", "a tag is one word without spaces, commas or quotes: write two-words"),
    ("[notify: {channel: leads}]", "notify: wanted the option `text`"),
    ("[notify: hello]", "notify: wanted options as {name: value}"),
    ("[add_note: '{requester.nam} wrote']", "{requester.nam}: no such field, did you mean requester.name?"),
    ("[add_note: \"{{ ''.__class__ }\"]", "a single }"),
    ("[add_note: '{requester.name.__class__}']", "no such field"),
    ("[follow_up: soon]", "wanted a duration such as"),
    ("[follow_up: 0 h]", "longer than nothing"),
    ("[set_status: new]", "set_status: new: no such value"),
    ("[draft_reply: rude]", "draft_reply: rude: no such value"),
    ("[escalate: {within: 2 h}]", "name a `team`"),
    ("[]", "wanted `then:` with a list of actions"),
    ("survey_off", "wanted `then:` with a list of actions"),
    ("[{add_tags: a, survey_off: true}]", "wanted one action"),
]


@pytest.mark.parametrize(("then", "expected"), ACTIONS)
def test_a_wrong_action_is_refused_with_what_to_write(then: str, expected: str) -> None:
    messages = _with(then=then)

    assert any(expected in message for message in messages), messages


RULES = [
    ("on: ticket.crated", "on: ticket.crated: no such event, did you mean ticket.created?"),
    ("on: []", "on: wanted at least one event"),
    ("limits: {per_tickt: 1}", "per_tickt: no such limit, did you mean per_ticket?"),
    ("limits: {per_ticket: 0}", "wanted a whole number from 1 to 50"),
    ("stop: 1", "stop: wanted true or false"),
    ("whenn: {}", "whenn: no such key of a rule, did you mean when?"),
    ("tests: [{subject: x}]", "wanted either `matches:` or `ignores:`"),
    ("tests: [{matches: {subjet: x}}]", "subjet: no such field, did you mean subject?"),
    ("tests: [{matches: {ticket: {}, clocks: {stat: ok}}}]", "clocks.stat: no such name, did you mean state?"),
    ("tests: [{matches: {ticket: {priority: hihg}}}]", "ticket.priority: "),
    ("tests: [{matches: {subject: x}, writes: [add_note]}]", "writes: add_note: not an action of this rule"),
    ("tests: [{ignores: {subject: x}, writes: [survey_off]}]", "writes: wanted a list of actions, beside `matches`"),
]


@pytest.mark.parametrize(("more", "expected"), RULES)
def test_a_wrong_rule_is_refused_with_what_to_write(more: str, expected: str) -> None:
    messages = _with(more=more)

    assert any(expected in message for message in messages), messages


def test_all_problems_come_at_once_each_at_its_line_and_column() -> None:
    text = """rules:
  - id: a
    when:
      all:
        - company.tire: enterprise
        - priority: {at_leest: high}
    then:
      - raise_priority: hihg
    tests: [{ignores: {subject: x}}]
  - id: a
    on: customer.replid
    when: {subject: x}
    then: [survey_off]
    tests: [{matches: {subject: x}}]
"""

    assert messages_of(text) == [
        "5:11: company.tire: no such field, did you mean company.tier?",
        "6:22: at_leest: no such operator, did you mean at_least?",
        "8:9: raise_priority: hihg: no such value, did you mean high?",
        "10:5: a: this id is taken by the rule at file1.yaml:2",
        "11:5: on: customer.replid: no such event, did you mean customer.replied?",
    ]


def test_ids_are_unique_over_all_files() -> None:
    with pytest.raises(RulesInvalid, match=r"file2.yaml:2:6: r: this id is taken by the rule at file1.yaml:2"):
        rules_of(GOOD, GOOD)


def test_a_missing_id_is_refused() -> None:
    assert messages_of("rules:\n  - {when: {subject: x}, then: [survey_off]}\n") == ["2:5: this rule has no id"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rules",
        "rules: []",
        "rules:\n\t- id: a",
        "rules: [}",
        "rules:\n  - a\n  - 1",
        "rules: &a [*a]",
        "rules: !!python/object:os.system []",
        "rules: []\nrules: []",
        "- 1",
        "rule: []",
        "values: 3\nrules: [{id: a, when: {subject: x}, then: [survey_off]}]",
    ],
)
def test_a_broken_file_is_refused(text: str) -> None:
    assert messages_of(text)


def test_a_rule_without_tests_and_one_without_condition_are_warnings() -> None:
    problems = problems_of("rules:\n  - {id: a, then: [survey_off]}\n")

    assert [(str(problem), problem.severity) for problem in problems] == [
        ("file1.yaml:2:5: warning: a has no `when`: it matches every ticket", Severity.WARNING),
        ("file1.yaml:2:5: warning: a has no tests", Severity.WARNING),
    ]


def test_the_hash_follows_the_meaning_and_not_the_layout() -> None:
    plain = one_rule("{company.arr: {over: 5}}", "[raise_priority: high]")
    same = rules_of(
        """
# a comment
rules:
  - id: r
    name: Another name
    when:
      company.arr: {over: 5}
    then:
      - raise_priority: {to: high}
    tests: [{matches: {ticket: {}, company: {arr: 6}}}]
"""
    )
    other = one_rule("{company.arr: {over: 6}}", "[raise_priority: high]")

    assert plain.hash == same.hash
    assert plain.hash != other.hash


def test_limits_events_stop_and_options_are_part_of_the_meaning() -> None:
    variants = ["", "on: customer.replied", "limits: {per_ticket: 1}", "stop: true"]

    assert len({one_rule("{subject: x}", more=more).hash for more in variants}) == len(variants)
    assert one_rule("{subject: x}", "[add_tags: a]").hash != one_rule("{subject: x}", "[add_tags: b]").hash


def test_the_same_files_with_the_same_values_are_read_once_and_others_anew() -> None:
    text = "values: {big: 1}\nrules:\n  - {id: a, when: {company.arr: {over: '${big}'}}, then: [survey_off]}\n"
    first, same = (load_rules([Source("a.yaml", text)], {"big": 2}) for _ in range(2))
    others = [load_rules([Source("a.yaml", text)], {"big": 3}), load_rules([Source("a.yaml", text + "# x\n")], {"big": 2})]

    assert same is first
    assert all(each is not first for each in others)
    assert others[0].hash != first.hash == others[1].hash
