"""One action by itself: what it wants with these options on these facts, why it refuses its options, and what a rule that has
nothing else decides."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from rules.actions._base import RuleRef
from rules.engine.decide import decide
from rules.model.decision import Decision
from rules.model.view import View
from tests.rules.build import facts_of, one_rule


def wish_of(action: ModuleType, options: dict[str, Any], **given: Any) -> Any:
    """What the action wants for a rule with the id `r` and the name `the rule`. Raises Blocked."""
    facts = facts_of(**given)
    return action.effect(action.Options(**options), facts, RuleRef("r", "the rule", View(facts)))


def refusal_of(action: ModuleType, **options: Any) -> str:
    """What is said of options that cannot be."""
    with pytest.raises(ValidationError) as refused:
        action.Options(**options)
    return str(refused.value)


def decided(then: str, **given: Any) -> Decision:
    """What a rule with these actions decides on a ticket whose subject is x."""
    given = {"ticket": {"subject": "x"}, **given}
    return decide(one_rule("{subject: x}", f"[{then}]"), facts_of(**given))
