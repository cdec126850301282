"""propose_merge: propose in the note to merge this ticket into another. A person decides: nothing takes a merge back.

then:
  - propose_merge: {into: "{problem_id}", reason: "Same outage."}
"""

from __future__ import annotations

from rules.actions._base import MessageOptions, NameTemplate, RuleRef, Scope, Template
from rules.model.decision import NoteKind, NoteWish
from rules.model.facts import Facts

SHORTHAND = "into"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    into: NameTemplate
    reason: Template | None = None


def effect(options: Options, facts: Facts, rule: RuleRef) -> NoteWish:
    title = f"Proposal: merge into ticket {rule.fill(options.into)}"
    return NoteWish(rule=rule.id, title=title, text=rule.fill(options.reason or rule.name), kind=NoteKind.PROPOSAL)
