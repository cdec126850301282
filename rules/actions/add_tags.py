"""add_tags: put tags on; they stay until somebody takes them off.

then:
  - add_tags: [billing, refund]
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, RuleRef, Scope, Tags
from rules.facts import Facts
from rules.wishes import WantTags

SHORTHAND = "tags"
SCOPE = Scope.STATE


class Options(ActionOptions):
    tags: Tags


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTags:
    return WantTags(add=frozenset(options.tags))
