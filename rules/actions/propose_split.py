"""propose_split: propose in the note to split the ticket, as it holds several issues.

then:
  - propose_split: {parts: [the invoice, the failed export]}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rules.actions._base import MessageOptions, RuleRef, Scope, Template
from rules.model.decision import NoteKind, NoteWish
from rules.model.facts import Facts

SHORTHAND = "parts"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    parts: Annotated[tuple[Template, ...], Field(min_length=1, max_length=10)]


def effect(options: Options, facts: Facts, rule: RuleRef) -> NoteWish:
    parts = [f"- {rule.fill(part)}" for part in options.parts]
    title = "Proposal: split this ticket"
    return NoteWish(rule=rule.id, title=title, text="\n".join(parts), kind=NoteKind.PROPOSAL)
