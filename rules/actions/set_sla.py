"""set_sla: put the ticket under a named response policy.

then:
  - set_sla: enterprise
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, LiteralName, RuleRef, Scope
from rules.model.effects import WantSla
from rules.model.facts import Facts

SHORTHAND = "policy"
SCOPE = Scope.STATE


class Options(ActionOptions):
    policy: LiteralName


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantSla:
    return WantSla(options.policy)
