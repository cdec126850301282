"""assign_team: give the ticket to a team, by its name in the helpdesk.

then:
  - assign_team: Billing
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, NameTemplate, RuleRef, Scope
from rules.model.effects import WantTeam
from rules.model.facts import Facts

SHORTHAND = "team"
SCOPE = Scope.STATE


class Options(ActionOptions):
    team: NameTemplate


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTeam:
    return WantTeam(rule.fill(options.team))
