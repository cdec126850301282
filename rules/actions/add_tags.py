"""add_tags: put tags on; they stay until somebody takes them off.

then:
  - add_tags: [billing, refund]
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, RuleRef, Scope, Tags
from rules.model.effects import WantTags
from rules.model.facts import Facts

SHORTHAND = "tags"
SCOPE = Scope.STATE


class Options(ActionOptions):
    tags: Tags


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTags:
    return WantTags(add=frozenset(options.tags))
