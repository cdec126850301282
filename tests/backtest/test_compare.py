"""Rules on tickets of the past (our first F3): what a planted change changes, twice the same bytes, no call."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.backtest.compare import Past, Report, compare
from rules.engine.ruleset import RuleSet
from rules.files.sources import Source
from rules.language.facts_json import facts_from_json
from rules.loading.load import load_rules

pytestmark = pytest.mark.both_storages

RULES = """
rules:
  - id: rich
    when: {company.arr: {at_least: 50000}}
    then: [{set_priority: high}, {add_tags: [rich]}]
  - id: down
    when: {subject: {has: down}}
    then: [{assign_team: Senior}, {draft_reply: {tone: formal}}]
"""
BEGUN = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def rules_of(text: str = RULES) -> RuleSet:
    return load_rules([Source("rules.yaml", text)])


def looks(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Tickets over a month, each with a yearly revenue around the border and a subject that may say that something is down."""
    draw = random.Random(seed)
    return [
        {
            "ticket": {
                "account": "acme",
                "external_id": str(number),
                "subject": draw.choice(["It is down", "An invoice", "How do I export?"]),
                "url": f"https://acme.example.com/{number}",
            },
            "company": {"arr": draw.randrange(30_000, 70_000)},
            "signals": {"language": "en"},
            "now": (BEGUN + timedelta(minutes=4 * number)).isoformat(),
        }
        for number in range(count)
    ]


def history(trees: list[dict[str, Any]]) -> Iterator[Past]:
    return (Past(facts=facts_from_json(tree)) for tree in trees)


def tickets_of(report: Report, rule: str, kind: str) -> set[str]:
    return {each.ticket.rsplit("/", 1)[1] for each in report.rules[rule].shown if getattr(each, kind)}


def test_the_same_rules_differ_in_nothing() -> None:
    report = compare(history(looks(200)), rules_of(), rules_of())

    assert report.looks == 200
    assert report.rules["rich"].fired[0] == report.rules["rich"].fired[1] > 0
    assert not any(each.counts for each in report.rules.values())


def test_a_planted_threshold_changes_exactly_the_tickets_between() -> None:
    trees = looks(1000)
    higher = RULES.replace("50000", "51000")
    between = {str(number) for number, tree in enumerate(trees) if 50_000 <= tree["company"]["arr"] < 51_000}

    report = compare(history(trees), rules_of(), rules_of(higher))

    assert tickets_of(report, "rich", "removed") == between
    assert report.rules["rich"].counts == {"removed": len(between)}
    assert not report.rules["down"].counts


def test_what_is_other_and_what_is_new_is_told_with_its_link() -> None:
    other = (
        RULES.replace("set_priority: high", "set_priority: urgent")
        .replace("tone: formal", "tone: executive")
        .replace("Senior", "Second")
    )
    trees = [tree for tree in looks(50) if tree["company"]["arr"] >= 50_000 and "down" in tree["ticket"]["subject"]]

    report = compare(history(trees[:1]), rules_of(), rules_of(other + "  - id: all\n    then: [{add_tags: [seen]}]\n"))

    assert report.rules["rich"].shown[0].changed == ("priority: high -> urgent",)
    assert [words.split(":")[0] for words in report.rules["down"].shown[0].changed] == ["draft of down", "team"]
    assert report.rules["all"].shown[0].added == ("tag:seen: add",)
    assert report.rules["all"].shown[0].url == trees[0]["ticket"]["url"]


@pytest.mark.parametrize(
    ("later", "undone"),
    [
        ({"priority": "low"}, ("priority: high, an agent chose low",)),
        ({"priority": "high"}, ()),  # as the rule would have it
        ({"priority": "none"}, ()),  # nobody touched it
    ],
)
def test_what_an_agent_chose_later_is_told(later: dict[str, Any], undone: tuple[str, ...]) -> None:
    facts = facts_from_json({"ticket": {}, "company": {"arr": 60_000}}, BEGUN)
    past = Past(facts=facts, later=facts_from_json({"ticket": later}, BEGUN).ticket)

    report = compare([past], RuleSet(), rules_of())

    assert report.rules["rich"].shown[0].undoes == undone


def test_the_next_look_at_a_ticket_shows_what_an_agent_chose_and_rules_remember() -> None:
    first, second = looks(1)[0], looks(1)[0]
    first["company"]["arr"] = second["company"]["arr"] = 60_000
    second["ticket"]["priority"] = "low"

    report = compare(history([first, second]), RuleSet(), rules_of())

    assert report.rules["rich"].fired == [0, 1]  # at the second look it still held
    assert report.rules["rich"].shown[0].undoes == ("priority: high, an agent chose low",)


# the command
