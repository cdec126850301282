"""escalate: hand the ticket on, with everything that the next person needs in one note paragraph.

The paragraph has five points: the issue, the steps tried, tier and sentiment, evidence, a proposed priority. A point that
the ticket does not tell is named as missing. Below them: the conversation in figures, its link, the account.
`team` is assigned where it is given; `to` names people in words; `channel` sends a notice as well.

    then:
      - escalate: {team: Engineering, within: 30 min, reason: "Data loss"}
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import model_validator

from adapters.ticket import Priority
from rules.actions import _handover as handover
from rules.actions._base import Duration, MessageOptions, Name, NameTemplate, RuleRef, Scope, Template
from rules.model.decision import NoteKind, NoteWish, Notice
from rules.model.effects import WantTeam, Wish
from rules.model.facts import Facts
from rules.values.durations import show_duration

SHORTHAND = "team"
SCOPE = Scope.MESSAGE


class Options(MessageOptions):
    team: NameTemplate | None = None
    to: NameTemplate | None = None
    within: Duration | None = None
    reason: Template | None = None
    priority: Priority | None = None
    channel: Name | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Options:
        if not (self.team or self.to):
            raise ValueError("name a `team` that gets the ticket, or in `to` who is asked")
        return self


def effect(options: Options, facts: Facts, rule: RuleRef) -> Iterator[Wish]:
    whom = " and ".join(rule.fill(name) for name in (options.team, options.to) if name)
    by_when = f", answer within {show_duration(options.within.total_seconds())}" if options.within else ""
    title = f"Escalated to {whom}{by_when}"
    lines = [rule.fill(options.reason or rule.name), *handover.five_points(facts, options.priority), *handover.digest(facts)]
    wishes: list[Wish] = [NoteWish(rule=rule.id, title=title, text="\n".join(lines), kind=NoteKind.ESCALATION)]
    if options.team:
        wishes.append(WantTeam(rule.fill(options.team)))
    if options.channel:
        where = facts.ticket.url or facts.ticket.number or facts.ticket.external_id
        wishes.append(Notice(rule=rule.id, channel=options.channel, text=f"{title}: {lines[0]} {where}".strip()))
    return iter(wishes)
