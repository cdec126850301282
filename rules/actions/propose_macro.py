"""propose_macro: show a macro of the helpdesk in the note, filled in for this ticket. A person applies it, never Deskhand.

then:
  - propose_macro: VIP acknowledgement
"""

from __future__ import annotations

from rules.actions._base import LiteralName, MessageOptions, RuleRef, Scope
from rules.model.decision import MacroWish
from rules.model.facts import Facts

SHORTHAND = "macro"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    macro: LiteralName


def effect(options: Options, facts: Facts, rule: RuleRef) -> MacroWish:
    return MacroWish(rule=rule.id, macro=options.macro)
