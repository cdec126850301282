"""remove_tags: take tags off.

then:
  - remove_tags: [needs-triage]
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
    return WantTags(remove=frozenset(options.tags))
