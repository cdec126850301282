"""F98: two rules that set one field: the later one wins, in every process alike, and the loser is named."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from rules.engine.decide import decide
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import NINA, deskhand
from tests.rules.build import facts_of, rule, rules_of

ACTIONS = [
    ("priority", "set_priority: high", "set_priority: low", "high", "low"),
    ("status", "set_status: pending", "set_status: solved", "pending", "solved"),
    ("team", "assign_team: Billing", "assign_team: Senior", "Billing", "Senior"),
    ("assignee", "assign_agent: a@example.com", "assign_agent: b@example.com", "a@example.com", "b@example.com"),
]
TWO = """rules:
  - {id: one, when: {subject: {has: hello}}, then: [{set_priority: high}, {add_tags: [a]}], tests: [{ignores: {subject: x}}]}
  - {id: two, when: {subject: {has: hello}}, then: [{set_priority: low}, {remove_tags: [a]}], tests: [{ignores: {subject: x}}]}
"""


@pytest.mark.parametrize(("field", "first", "second", "loses", "wins"), ACTIONS)
def test_F98_the_later_rule_wins_and_the_loser_is_kept(field: str, first: str, second: str, loses: str, wins: str) -> None:
    rules = rules_of("rules:\n" + rule("{subject: x}", f"[{first}]", id="one") + rule("{subject: x}", f"[{second}]", id="two"))

    decision = decide(rules, facts_of(ticket={"subject": "x"}))

    assert str(getattr(decision, field)) == wins
    assert decision.by[field] == ("two",)
    assert [(lost.field, lost.value, lost.rule, lost.to_rule) for lost in decision.lost] == [(field, loses, "one", "two")]


@pytest.mark.parametrize("order", list(itertools.permutations(["high", "low", "urgent"])))
def test_F98_over_files_the_order_of_the_configuration_decides(order: tuple[str, ...]) -> None:
    files = ["rules:\n" + rule("{subject: x}", f"[set_priority: {word}]", id=word) for word in order]

    decision = decide(rules_of(*files), facts_of(ticket={"subject": "x"}))

    assert str(decision.priority) == order[-1]
    assert {lost.to_rule for lost in decision.lost} <= set(order)
    assert len(decision.lost) == 2


def test_F98_the_command_that_explains_shows_the_loser(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    (tmp_path / "ticket.json").write_text('{"subject": "hello"}', encoding="utf-8")
    arguments = ["decide", "--ticket", str(tmp_path / "ticket.json"), "--rules", str(tmp_path / "two.yaml")]

    result = CliRunner().invoke(main, [*arguments, "--now", "2026-01-05T12:00:00Z"])

    lost = json.loads(result.stdout)["decided"]["lost"]
    assert {(each["field"], each["rule"], each["to_rule"]) for each in lost} == {
        ("priority", "one", "two"),
        ("tag:a", "one", "two"),
    }


@each_helpdesk
def test_F98_on_the_ticket_stands_what_won(tmp_path: Path, provider: str) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(TWO, encoding="utf-8")
    with deskhand(tmp_path, provider, rules=str(path)) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="hello", body="hello")
        run.settle()

        assert run.priority(ticket) == "low"
        assert "a" not in run.view(ticket).tags
        [decided] = [json.loads(row["decision"]) for row in run.newest_runs(ticket) if row["decision"]]
        assert {each["rule"] for each in decided["lost"]} == {"one"}
