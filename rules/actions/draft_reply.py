"""draft_reply: have a reply suggested, in the internal note. It is sent only after a person's word.

By default again for each new customer message while the condition holds; `per: ticket` once only.
`instructions` are for the writer of the draft (no placeholders, no promises: facts come from ticket, articles and account).

    then:
      - draft_reply: {tone: executive, instructions: "Name the customer success manager."}
"""

from __future__ import annotations

from typing import Literal

from rules.actions._base import MessageOptions, Per, RuleRef, Scope, Text
from rules.model.decision import DraftWish
from rules.model.facts import Facts

SHORTHAND = "tone"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    tone: Literal["warm", "formal", "brief", "executive", "recovery"] = "warm"
    instructions: Text | None = None
    per: Per = "message"


def effect(options: Options, facts: Facts, rule: RuleRef) -> DraftWish:
    return DraftWish(rule=rule.id, tone=options.tone, instructions=options.instructions or "")
