"""link: link the ticket to a problem or a related ticket by its id.

then:
  - link: {to: "{custom.incident_id}"}
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, NameTemplate, RuleRef, Scope
from rules.model.effects import WantLink
from rules.model.facts import Facts

SHORTHAND = "to"
SCOPE = Scope.STATE


class Options(ActionOptions):
    to: NameTemplate


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantLink:
    return WantLink(rule.fill(options.to))
