"""set_status: set the status. `solved` and `closed` are left to people unless a rule says so.

then:
  - set_status: pending
"""

from __future__ import annotations

from typing import Literal

from adapters.ticket import Status
from rules.actions._base import ActionOptions, RuleRef, Scope
from rules.model.effects import WantStatus
from rules.model.facts import Facts

SHORTHAND = "to"
SCOPE = Scope.STATE


class Options(ActionOptions):
    to: Literal[Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED]


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantStatus:
    return WantStatus(options.to)
