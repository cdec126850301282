"""follow_up: look at the ticket again after a while, with a reminder for people.

then:
  - follow_up: {after: 24 h, text: "Is it solved for {requester.name}?"}
"""

from __future__ import annotations

from rules.actions._base import Duration, MessageOptions, RuleRef, Scope, Template
from rules.model.decision import FollowUp
from rules.model.facts import Facts

SHORTHAND = "after"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    after: Duration
    text: Template | None = None


def effect(options: Options, facts: Facts, rule: RuleRef) -> FollowUp:
    return FollowUp(rule=rule.id, after=options.after, text=rule.fill(options.text or ""))
