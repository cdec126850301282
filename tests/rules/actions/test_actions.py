"""All words for actions: those of the design, each with an example that loads; several wishes in one decision."""

from __future__ import annotations

import pytest

from adapters.ticket import Status
from rules.actions import action_words
from tests.rules.actions.acting import decided
from tests.rules.build import rules_of

WORDS = [
    "set_priority",
    "raise_priority",
    "add_tags",
    "remove_tags",
    "toggle_tag",
    "tag_value",
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
    decision = decided(then.replace(", ", "}, {").replace("survey_off", "survey_off: {}").join("{}"))

    assert decision.assignee == "lead.lena@example.com"
    assert decision.status is Status.PENDING
    assert decision.sla_policy == "enterprise"
    assert decision.survey_off
    assert decision.links == ("42",)
    assert decision.tags_remove == {"a"}
