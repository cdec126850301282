"""Rules whose condition holds for tickets that have nothing in common: a warning, for such a rule is seldom meant.

A rule is tried on a few unlike tickets, and on what its own tests say that it ignores. One that matches them all either has
no real condition or one that is always true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

from rules.engine.rule import Rule, RuleFile
from rules.files.problems import Problem, Severity
from rules.language.facts_json import facts_from_json
from rules.model.decision import Decision
from rules.model.facts import Facts
from rules.model.view import NOTHING_DECIDED, View

_NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def too_wide(file: RuleFile) -> Iterator[Problem]:
    """A warning for each rule with a condition that nothing here fails to meet."""
    for rule in file.rules:
        if all(_matches(rule, facts) for facts in _unlike()) and not _ignores_something(rule):
            message = f"{rule.id} matches each of {len(_unlike())} tickets that have nothing in common: is `when` always true?"
            hint = "a test with `ignores:` would say what it must leave alone"
            yield Problem(file=file.name, line=rule.line, column=5, message=message, hint=hint, severity=Severity.WARNING)


def _matches(rule: Rule, facts: Facts, decided: Decision = NOTHING_DECIDED) -> bool:
    """False for a rule without a condition: of those another warning tells."""
    return rule.when is not None and rule.when.evaluate(View(facts, decided), []) is True


def _ignores_something(rule: Rule) -> bool:
    return any(not case.must_match and not _matches(rule, case.facts, case.decided) for case in rule.tests)


@cache
def _unlike() -> tuple[Facts, ...]:
    return tuple(facts_from_json(tree, _NOW) for tree in _TREES)


_TREES: tuple[dict[str, object], ...] = (
    {"ticket": {}},
    {
        "ticket": {
            "subject": "Everything is down",
            "description": "Nothing loads since nine, please call me.",
            "status": "new",
            "priority": "urgent",
            "channel": "email",
            "tags": ["outage", "vip"],
        },
        "company": {"name": "Northwind", "tier": "enterprise", "arr": 250000, "domains": ["northwind.example"]},
        "signals": {"language": "en", "issue_type": "outage", "is_spam": False},
    },
    {
        "ticket": {
            "subject": "Rechnung 4711",
            "description": "Bitte senden Sie mir die Rechnung vom März.",
            "status": "pending",
            "priority": "low",
            "channel": "web",
            "language": "de",
        },
        "company": {"name": "Initech", "tier": "free", "arr": 0},
        "signals": {"language": "de", "issue_type": "billing", "is_spam": False},
    },
    {
        "ticket": {"subject": "WIN a prize", "description": "Click here", "status": "open", "tags": ["spam"]},
        "signals": {"language": "en", "is_spam": True},
    },
    {
        "ticket": {"subject": "Re: thank you", "status": "solved", "priority": "normal", "channel": "chat"},
        "signals": {"language": "fr", "issue_type": "feedback", "is_spam": False},
    },
)
