"""assign_agent: give the ticket to one agent, by e-mail address or name.

then:
  - assign_agent: lead.lena@example.com
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, NameTemplate, RuleRef, Scope
from rules.facts import Facts
from rules.wishes import WantAssignee

SHORTHAND = "agent"
SCOPE = Scope.STATE


class Options(ActionOptions):
    agent: NameTemplate


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantAssignee:
    return WantAssignee(rule.fill(options.agent))
