"""notify: tell people outside the ticket, through a channel of the configuration.

Until a channel leads there, the note asks its reader to tell them: `to` says in words who they are. The text is a part of a
sentence; where the ticket is goes without saying.

then:
  - notify: {channel: csm, to: the success manager, text: "health {company.health}, and a new ticket"}
"""

from __future__ import annotations

from adapters.ticket import Json
from rules.actions._base import LiteralName, MessageOptions, NameTemplate, RuleRef, Scope, Template
from rules.model.decision import Notice
from rules.model.facts import Facts

SHORTHAND = ""
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    channel: LiteralName
    text: Template
    to: NameTemplate | None = None

    def meaning(self) -> dict[str, Json]:
        return {name: value for name, value in super().meaning().items() if name != "to" or value is not None}


def effect(options: Options, facts: Facts, rule: RuleRef) -> Notice:
    return Notice(rule=rule.id, channel=options.channel, text=rule.fill(options.text), to=rule.fill(options.to or ""))
