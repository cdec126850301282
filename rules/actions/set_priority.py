"""set_priority: set the priority to exactly this; a later rule wins over an earlier one.

then:
  - set_priority: low
"""

from __future__ import annotations

from adapters.ticket import Priority
from rules.actions._base import ActionOptions, RuleRef, Scope
from rules.model.effects import WantPriority
from rules.model.facts import Facts

SHORTHAND = "to"
SCOPE = Scope.STATE


class Options(ActionOptions):
    to: Priority


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantPriority:
    return WantPriority(options.to)
