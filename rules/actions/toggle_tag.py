"""toggle_tag: put a tag on while the condition holds, and take it off when it no longer does.

Only a tag that Deskhand itself put on comes off again; one that a person set stays. Another rule that still holds and
toggles the same tag keeps it on. The engine does the taking off (rules/engine/decide.py).

    then:
      - toggle_tag: vip-outage
"""

from __future__ import annotations

from rules.actions._base import ActionOptions, RuleRef, Scope, TagToSet
from rules.model.effects import WantTags
from rules.model.facts import Facts

SHORTHAND = "tag"
SCOPE = Scope.STATE


class Options(ActionOptions):
    tag: TagToSet


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTags:
    return WantTags(add=frozenset((options.tag,)))
