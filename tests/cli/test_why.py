"""`deskhand why`: what kept a rule from firing, and what would turn that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli.why import as_json, in_words
from rules.explain.counterfactuals import Why, why
from rules.files.sources import Source
from rules.language.facts_json import facts_from_json
from rules.loading.load import load_rules
from rules.model.facts import Facts
from tests.cli.conftest import Run, printed
from tests.cli.test_dry_run import RULES, decided, rules_file, ticket_file


def test_why_names_the_first_failing_step_and_changes_that_turn_it(deskhand_command: Run, tmp_path: Path) -> None:
    rules = ("--rules", rules_file(tmp_path))
    ticket = {"ticket": {"subject": "Thanks"}, "now": "2026-11-21T09:30:00+00:00"}

    result = deskhand_command("why", "--ticket", ticket_file(tmp_path, ticket), "--rule", "down", *rules)

    assert result.exit_code == 0, result.stderr
    found = printed(result)
    assert (found["matched"], found["fired"], found["first"]["path"]) == (False, False, "when.subject")
    assert found["flips"] == [
        {"step": "when.subject", "field": "subject", "place": ["ticket", "subject"], "was": "Thanks", "to": "Thanks down"}
    ]
    assert "would fire with ticket.subject: Thanks -> Thanks down" in result.stderr
    changed = {**ticket, "ticket": {"subject": found["flips"][0]["to"]}}
    assert decided(deskhand_command, tmp_path, changed, *rules)["rules"][0]["matched"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rule", "down"), "name either a RUN or --ticket FILE"),
        (("--rule", "dwon", "--ticket"), "dwon: no such rule, did you mean down?"),
    ],
)
def test_why_says_what_it_was_not_told(deskhand_command: Run, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    named = (*arguments, ticket_file(tmp_path)) if arguments[-1] == "--ticket" else arguments

    result = deskhand_command("why", *named, "--rules", rules_file(tmp_path))

    assert result.exit_code == 2
    assert words in result.stderr


def test_why_quotes_what_the_signals_rest_on(deskhand_command: Run, tmp_path: Path) -> None:
    rules = rules_file(tmp_path, "rules:\n  - {id: down, when: {issue: outage}, then: [{add_tags: [outage]}]}\n")

    result = deskhand_command("why", "--ticket", ticket_file(tmp_path), "--rule", "down", "--rules", rules)

    assert re.search(r"(?m)^  issue is outage\S* \(0\.\d+\): “(?:Production is down|Nothing works since 09:40)”$", result.stderr)


def answered(rules: str, subject: str) -> tuple[Why, Facts]:
    facts = facts_from_json({"ticket": {"subject": subject}, "now": "2026-11-21T09:30:00+00:00"})
    return why(load_rules([Source("rules.yaml", rules)]), facts, "down"), facts


def test_a_rule_that_fired_says_what_it_does_and_what_would_keep_it_from_that() -> None:
    answer, _ = answered(RULES, "It is down")

    first, *others = in_words(answer, {})

    assert first == "down fired: set_priority, assign_team, add_tags"
    assert others
    assert all(each.startswith("  would not match with ") for each in others)


def test_where_no_single_change_is_enough_the_conditions_are_counted() -> None:
    both = RULES.replace('when: {subject: {has_any: ["down"]}}', "when: {subject: {has: down}, company.tier: enterprise}")

    answer, facts = answered(both, "Thanks")

    assert "  no single change is enough: 2 conditions fail (when.subject, when.company.tier)" in in_words(answer, {})
    assert (as_json(answer, facts)["flips"], len(as_json(answer, facts)["needs"])) == ([], 2)
