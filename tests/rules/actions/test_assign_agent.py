"""`assign_agent` by skill and load: who is chosen, who keeps a ticket, and what is said where nobody fits."""

from __future__ import annotations

from typing import Any

import pytest

from rules.actions import assign_agent
from rules.engine.decide import decide
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.model.decision import Decision
from rules.model.effects import WantAssignee
from rules.tools.record_test import record
from tests.rules.actions.acting import wish_of
from tests.rules.build import NOW, facts_of, messages_of, one_rule, result, rule

TEAM: list[dict[str, Any]] = [
    {"agent": "zoe@example.com", "name": "Zoe", "teams": ["Billing"], "skills": ["French", "Invoices"], "open_tickets": 1},
    {"agent": "amy@example.com", "name": "Amy", "teams": ["Billing"], "skills": ["French"], "open_tickets": 4},
    {"agent": "bob@example.com", "name": "Bob", "teams": ["Tier 2"], "skills": ["french"], "open_tickets": 0},
    {"agent": "cid@example.com", "name": "Cid", "teams": ["Billing"], "skills": [], "open_tickets": 1},
    {"agent": "dan@example.com", "name": "Dan", "teams": ["Billing"], "skills": ["German"], "is_away": True},
]


def decided(action: str, **given: Any) -> Decision:
    return decide(one_rule("{subject: x}", f"[{{assign_agent: {action}}}]"), facts_of(**{"ticket": {"subject": "x"}, **given}))


@pytest.mark.parametrize(
    ("action", "agent"),
    [
        ("{skill: french}", "bob@example.com"),
        ("{skill: french, team: Billing, by: load}", "zoe@example.com"),
        ("{skill: [french, invoices]}", "zoe@example.com"),
        ("{skill: FRENCH, team: billing}", "zoe@example.com"),
        ("{team: Billing}", "cid@example.com"),
        ("{by: load}", "bob@example.com"),
        ("{skill: '{custom.wanted}'}", "zoe@example.com"),
        ("cid@example.com", "cid@example.com"),
    ],
)
def test_the_least_loaded_who_fits_gets_it_ties_by_name(action: str, agent: str) -> None:
    ticket = {"subject": "x", "custom": {"wanted": "invoices"}}

    assert decided(action, agents=TEAM, ticket=ticket).assignee == agent


@pytest.mark.parametrize("assignee", [{"email": "AMY@example.com"}, {"name": "Other"}])
def test_who_has_the_ticket_and_fits_keeps_it(assignee: dict[str, str]) -> None:
    decision = decided("{skill: french, team: Billing}", agents=TEAM, ticket={"subject": "x", "assignee": assignee})

    assert decision.assignee == ("amy@example.com" if "email" in assignee else "zoe@example.com")


@pytest.mark.parametrize(
    ("action", "agents", "why"),
    [
        ("{skill: german}", TEAM, "nobody fits: 1 away, 4 without the skill"),
        ("{skill: danish, team: Tier 2}", TEAM, "nobody fits: 4 in another team, 1 without the skill"),
        ("{skill: french}", [], "nobody fits: no agent is known, name them in a directory file"),
    ],
)
def test_where_nobody_fits_nothing_is_assigned_and_the_trace_says_why(action: str, agents: list[Any], why: str) -> None:
    decision = decided(action, agents=agents)

    assert decision.assignee is None
    assert (result(decision).fired, result(decision).because) == (False, "blocked")
    assert result(decision).steps[-1].why == why


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("{}", "wanted an agent, or a skill or team to choose one from"),
        ("{agent: a, skill: b}", "wanted either an agent, or a skill or team"),
        ("{skil: b}", "skil: no such option of assign_agent, did you mean skill?"),
        ("{skill: b, by: luck}", "luck: no such value"),
        ("{skill: '{nobody}'}", "{nobody}: no such field"),
    ],
)
def test_a_wrong_choice_is_refused(action: str, message: str) -> None:
    found = messages_of("rules:\n" + rule("{subject: x}", f"[{{assign_agent: {action}}}]"))

    assert message in found[0]


def test_facts_name_a_wrong_key_of_an_agent() -> None:
    with pytest.raises(FactsInvalid, match="skils: no such field, did you mean skills"):
        facts_from_json({"ticket": {}, "agents": [{"agent": "a", "skils": ["x"]}]}, NOW)


def test_a_recorded_test_keeps_whom_the_rule_chooses_from() -> None:
    rules = one_rule("{status: new}", "[{assign_agent: {skill: french}}]")

    found = record(next(rules.rules), facts_of(agents=TEAM), rules)

    assert found.writes == ("assign_agent",)
    [agent] = found.facts["agents"]
    assert agent["skills"] == ["French"]


def test_a_named_agent_is_asked_for_whatever_the_directory_says() -> None:
    assert wish_of(assign_agent, {"agent": "eve@example.com"}, agents=TEAM) == WantAssignee("eve@example.com")
