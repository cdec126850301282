"""survey_off: no satisfaction survey for this ticket.

then:
  - survey_off
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, RuleRef, Scope
from rules.model.effects import WantNoSurvey
from rules.model.facts import Facts

SHORTHAND = ""
SCOPE = Scope.STATE


class Options(ActionOptions):
    pass


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantNoSurvey:
    return WantNoSurvey()
