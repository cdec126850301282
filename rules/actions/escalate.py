"""escalate: hand the ticket on, and say in the note who answers by when, and why.

`team` is assigned where it is given; `to` names people in words, whom the note asks its reader to tell: nobody outside the
ticket is told by Deskhand itself. Where one names the success manager, the note adds the account's own. `reason` is a part of a
sentence; several escalations of one run become one paragraph, with the earliest time and all reasons. The note adds what the
next person needs: the customer's own words as evidence, what was tried, tier and mood, the priority that was set. `priority` is
a proposal, shown where no rule sets one. `channel` sends a notice as well.

    then:
      - escalate: {team: Engineering, within: 30 min, reason: data loss}
      - escalate: {to: [the success manager, the support lead], within: 1 h, reason: a VIP waits}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from adapters.ticket import Json, Priority
from rules.actions._base import Duration, LiteralName, MessageOptions, NameTemplate, RuleRef, Scope, Template, listed
from rules.model.decision import NoteKind, NoteWish, Notice
from rules.model.effects import WantTeam, Wish
from rules.model.facts import Facts

SHORTHAND = "team"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    team: NameTemplate | None = None
    to: Annotated[tuple[NameTemplate, ...], BeforeValidator(listed)] = ()
    within: Duration | None = None
    reason: Template | None = None
    priority: Priority | None = None
    channel: LiteralName | None = None

    def meaning(self) -> dict[str, Json]:
        """As in the versions in which `to` was one name, where it is one or none."""
        found = super().meaning()
        return found | {"to": None if not self.to else self.to[0] if len(self.to) == 1 else list(self.to)}

    @model_validator(mode="after")
    def _somebody(self) -> Options:
        if not (self.team or self.to):
            raise ValueError("name a `team` that gets the ticket, or in `to` who is asked")
        return self


def effect(options: Options, facts: Facts, rule: RuleRef) -> Iterator[Wish]:
    reason, team, people = rule.fill(options.reason or rule.name), rule.fill(options.team or ""), map(rule.fill, options.to)
    wish = NoteWish(
        rule=rule.id,
        text=reason,
        kind=NoteKind.ESCALATION,
        team=team,
        tell=tuple(people),
        within=options.within,
        priority=options.priority,
    )
    wishes: list[Wish] = [wish]
    if team:
        wishes.append(WantTeam(team))
    if options.channel:
        whom = " and ".join((*([f"team {team}"] if team else ()), *wish.tell))
        where = facts.ticket.url or facts.ticket.number or facts.ticket.external_id
        text = f"{reason}, for {whom} {where}".strip()
        wishes.append(Notice(rule=rule.id, channel=options.channel, text=text, to=" and ".join(wish.tell)))
    return iter(wishes)
