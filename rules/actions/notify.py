"""notify: tell people outside the ticket, through a channel of the configuration.

then:
  - notify: {channel: leads, text: "{company.name}: ticket {number} is urgent, {url}"}
"""

from __future__ import annotations

from rules.actions._base import MessageOptions, Name, RuleRef, Scope, Template
from rules.model.decision import Notice
from rules.model.facts import Facts

SHORTHAND = ""
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    channel: Name
    text: Template


def effect(options: Options, facts: Facts, rule: RuleRef) -> Notice:
    return Notice(rule=rule.id, channel=options.channel, text=rule.fill(options.text))
