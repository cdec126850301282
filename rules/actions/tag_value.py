"""tag_value: put a tag on that says what a field holds (`issue-billing`), and change it when the field's value changes.

`of` is a field that holds one value, `prefix` comes before it. Only a tag that Deskhand itself put on is changed: where a person
took it off or put another one in its place, theirs stays. A value that is no longer known changes nothing.

    then:
      - tag_value: {of: issue_type, prefix: issue-}
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from rules.actions._base import ActionOptions, RuleRef, Scope
from rules.files.problems import suggest
from rules.language.fields import FIELDS
from rules.language.registry import FieldType, Registry
from rules.model.effects import Blocked, WantTags
from rules.model.facts import Facts
from rules.model.view import View
from rules.values.text import normal

SHORTHAND = ""
SCOPE = Scope.STATE

_ONE_VALUE = (FieldType.TEXT, FieldType.CHOICE, FieldType.ORDERED, FieldType.PATH)
_BETWEEN = re.compile(r"[\W_]+")
_LONGEST = 60


def _of_one_value(name: str, info: ValidationInfo) -> str:
    registry: Registry = (info.context or {}).get("registry", FIELDS)
    found = registry.find(name)
    if found is None:
        raise ValueError(f"{name}: no such field{suggest(name, registry.names())}")
    if found.type not in _ONE_VALUE or found.is_prose:
        raise ValueError(f"{name} does not hold one word that could be a tag")
    return name


def _no_answer(prefix: str) -> str:
    if prefix.startswith("dh"):
        raise ValueError("tags that begin with dh are agents' words about suggested replies: choose another prefix")
    return prefix


class Options(ActionOptions):
    of: Annotated[str, AfterValidator(_of_one_value)]
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*[-_.:]$", max_length=30), AfterValidator(_no_answer)]

    def is_outdated(self, view: View, registry: Registry) -> bool:
        """Whether a tag of ours stands for another value than the one that the field has now."""
        wanted = self.tag(view, registry)
        return bool(wanted and self.ours(view.facts) - {wanted}) and wanted not in view.facts.ticket.tags

    def tag(self, view: View, registry: Registry) -> str:
        """ "" where nothing is known."""
        found = registry.find(self.of)
        value = found.value(view) if found else None
        word = _BETWEEN.sub("-", normal(str(value or ""))).strip("-")[:_LONGEST]
        return f"{self.prefix}{word}" if word else ""

    def ours(self, facts: Facts) -> frozenset[str]:
        return frozenset(tag for tag in facts.toggled if tag.startswith(self.prefix))


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantTags:
    if not (wanted := options.tag(rule.view, rule.registry)):
        raise Blocked(f"{options.of} is empty")
    return WantTags(add=frozenset((wanted,)), remove=options.ours(facts) - {wanted})
