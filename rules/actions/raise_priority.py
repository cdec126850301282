"""raise_priority: lift the priority, never lower it.

To at least a priority, or by steps: one-step raises of several rules add up, to `up_to` at most. A ticket
without priority counts as normal when it is raised by steps.

    then:
      - raise_priority: urgent
      - raise_priority: {by: 1, up_to: urgent}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from adapters.ticket import Priority
from rules.actions._base import ActionOptions, RuleRef, Scope
from rules.model.effects import WantPriorityAtLeast, WantPrioritySteps
from rules.model.facts import Facts

SHORTHAND = "to"
SCOPE = Scope.STATE


class Options(ActionOptions):
    to: Priority | None = None
    by: Annotated[int, Field(ge=1, le=3, strict=True)] | None = None
    up_to: Priority = Priority.URGENT

    @model_validator(mode="after")
    def _one_way(self) -> Options:
        if (self.to is None) == (self.by is None):
            raise ValueError("write either `to: high` or `by: 1`")
        return self


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantPriorityAtLeast | WantPrioritySteps:
    if options.to is not None:
        return WantPriorityAtLeast(options.to)
    return WantPrioritySteps(options.by or 1, options.up_to)
