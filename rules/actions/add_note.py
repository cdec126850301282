"""add_note: a paragraph in the run's one internal note. Placeholders are filled; an empty one keeps the note away.

then:
  - add_note: "{company.name} renews in {company.renewal_in}: answer with care."
"""

from __future__ import annotations

from rules.actions._base import MessageOptions, RuleRef, Scope, Template
from rules.model.decision import NoteWish
from rules.model.facts import Facts

SHORTHAND = "text"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    text: Template
    title: Template | None = None


def effect(options: Options, facts: Facts, rule: RuleRef) -> NoteWish:
    return NoteWish(rule=rule.id, text=rule.fill(options.text), title=rule.fill(options.title or ""))
