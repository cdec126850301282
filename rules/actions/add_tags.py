"""add_tags: put tags on; they stay until somebody takes them off.

Tags by which agents judge a suggested reply (`dh-accept` and its like, docs/agents.md) are refused, as are such that would be
taken for one of them: no rule says a person's word.

then:
  - add_tags: [billing, refund]
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, RuleRef, Scope, TagsToSet
from rules.model.effects import WantTags
from rules.model.facts import Facts

SHORTHAND = "tags"
SCOPE = Scope.STATE


class Options(ActionOptions):
    tags: TagsToSet


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTags:
    return WantTags(add=frozenset(options.tags))
