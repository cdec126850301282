"""assign_team: give the ticket to a team, by its name in the helpdesk.

then:
  - assign_team: Billing
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, NameTemplate, RuleRef, Scope
from rules.facts import Facts
from rules.wishes import WantTeam

SHORTHAND = "team"
SCOPE = Scope.STATE


class Options(ActionOptions):
    team: NameTemplate


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTeam:
    return WantTeam(rule.fill(options.team))
