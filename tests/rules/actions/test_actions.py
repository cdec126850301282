"""What each action wants, and the texts it makes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.ticket import Status
from rules.actions import action_words
from rules.engine.decide import decide
from rules.model.decision import Decision, NoteKind
from tests.rules.build import facts_of, one_rule, result, rules_of

WORDS = [
    "set_priority",
    "raise_priority",
    "add_tags",
    "remove_tags",
    "toggle_tag",
    "assign_team",
    "assign_agent",
    "set_status",
    "set_field",
    "add_note",
    "propose_macro",
    "draft_reply",
    "notify",
    "escalate",
    "set_sla",
    "follow_up",
    "add_cc",
    "link",
    "propose_merge",
    "propose_split",
    "survey_off",
]


def _done(then: str, **given: Any) -> Decision:
    given = {"ticket": {"subject": "x"}, **given}
    return decide(one_rule("{subject: x}", f"[{then}]"), facts_of(**given))


def test_the_words_are_those_of_the_design() -> None:
    assert sorted(action_words()) == sorted(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_the_example_in_an_actions_docstring_loads(name: str) -> None:
    doc = action_words()[name].doc
    lines = doc.partition("then:\n")[2].splitlines()
    then = "\n".join(f"      {line.strip()}" for line in lines if line.strip())

    rules = rules_of(f"rules:\n  - id: r\n    when: {{subject: x}}\n    then:\n{then}\n")

    assert doc.startswith(f"{name}: ")
    assert {action.name for action in next(rules.rules).actions} == {name}


def test_simple_wishes_become_the_decision() -> None:
    then = "assign_agent: lead.lena@example.com, set_status: pending, set_sla: enterprise, survey_off, link: '42', remove_tags: a"
    decision = _done(then.replace(", ", "}, {").replace("survey_off", "survey_off: {}").join("{}"))

    assert decision.assignee == "lead.lena@example.com"
    assert decision.status is Status.PENDING
    assert decision.sla_policy == "enterprise"
    assert decision.survey_off
    assert decision.links == ("42",)
    assert decision.tags_remove == {"a"}


def test_a_custom_field_takes_numbers_and_filled_texts() -> None:
    decision = _done(
        "set_field: {field: seats, value: 5}, set_field: {field: who, value: '{requester.name}'}".replace("}, ", "}}, {").join(
            ["{", "}"]
        ),
        requester={"name": "Rita"},
    )

    assert decision.fields == {"seats": 5, "who": "Rita"}


def test_copies_go_to_addresses_only() -> None:
    good = _done("add_cc: '{company.csm}'", company={"csm": "Carla.CSM@example.com"})
    bad = _done("add_cc: '{company.csm}'", company={"csm": "Carla"})

    assert good.followers_add == {"carla.csm@example.com"}
    assert result(bad).because == "blocked"
    assert "Carla" not in result(bad).steps[-1].why


def test_placeholders_read_like_text() -> None:
    then = "add_note: '{company.arr}, {company.renewal_in}, {tags}, {company.is_premium}, {{kept}}'"
    given = {"arr": 120000, "renewal_at": "2026-01-25T12:00:00Z", "is_premium": True}

    decision = _done(then, company=given, ticket={"subject": "x", "tags": ["b", "a"]})

    assert decision.notes[0].text == "120,000, 20 days, a, b, yes, {kept}"


def test_a_follow_up_keeps_its_time() -> None:
    assert _done("follow_up: 24 h").follow_ups[0].after == timedelta(hours=24)


def test_proposals_are_notes_that_a_person_decides_on() -> None:
    decision = _done("{propose_merge: {into: '7', reason: Same outage.}}, {propose_split: {parts: [one, two]}}")

    assert [(note.title, note.text, note.kind) for note in decision.notes] == [
        ("Proposal: merge into ticket 7", "Same outage.", NoteKind.PROPOSAL),
        ("Proposal: split this ticket", "- one\n- two", NoteKind.PROPOSAL),
    ]


RICH: dict[str, Any] = {
    "ticket": {
        "subject": "x",
        "url": "https://desk.example.com/7",
        "priority": "low",
        "messages": [
            {"body_text": "It fails with error 500", "attachments": [{"name": "screen.png"}]},
            {"direction": "out", "author_kind": "agent", "body_text": "Please clear the cache"},
            {"body_text": "Same again"},
        ],
    },
    "company": {"name": "Northwind", "tier": "enterprise", "arr": 120000},
    "signals": {"sentiment": "angry", "severity": "p2", "churn_level": "high"},
}


def test_an_escalation_carries_its_five_points_and_the_digest() -> None:
    decision = _done("escalate: {team: Engineering, within: 30 min, reason: Data loss, channel: leads}", **RICH)

    note = decision.notes[0]
    assert note.title == "Escalated to Engineering, answer within 30 min"
    assert note.text.splitlines() == [
        "Data loss",
        "1. Issue: x. Same again",
        "2. Steps tried: 1 public reply; the last: Please clear the cache (the customer wrote again)",
        "3. Customer: enterprise, angry, churn risk high · "
        "4. Evidence: screen.png; an error text in the messages · 5. Proposed priority: high",
        "Conversation: 2 from the customer, 1 public reply, https://desk.example.com/7",
        "Account: Northwind, ARR 120,000",
    ]
    assert decision.team == "Engineering"
    assert decision.notices[0].channel == "leads"


def test_what_a_ticket_does_not_tell_is_named_as_missing() -> None:
    lines = _done("escalate: {to: the lead}").notes[0].text.splitlines()

    assert lines[2:4] == [
        "2. Steps tried: missing (no public reply yet)",
        "3. Customer: tier missing, sentiment missing · 4. Evidence: missing · 5. Proposed priority: missing",
    ]
    assert lines[4:] == [
        "Conversation: 0 from the customer, 0 public replies, link missing",
        "Account: name missing, figures missing",
    ]


def test_a_second_escalation_in_one_run_adds_its_reason_only() -> None:
    decision = _done("{escalate: {team: A, reason: First}}, {escalate: {to: B, reason: Second}}", **RICH)

    assert len(decision.notes[0].text.splitlines()) == 6
    assert decision.notes[1].text == "Second"
