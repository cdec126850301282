"""assign_agent: give the ticket to one agent: by e-mail address or name, or to whoever has the skill and the fewest open tickets.

With `skill` or `team` one of the agents in the directory files is chosen (docs/senses.md): in the team, with all the skills,
not away; the one with the fewest open tickets, at equal load the first by name. Whoever has the ticket already and fits keeps
it. Where nobody fits nothing is assigned, and the trace says why.

then:
  - assign_agent: lead.lena@example.com
  - assign_agent: {skill: french, team: Billing, by: load}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from adapters.ticket import Agent
from rules.actions._base import ActionOptions, NameTemplate, RuleRef, Scope, listed
from rules.model.effects import Blocked, WantAssignee
from rules.model.facts import Candidate, Facts
from rules.values.text import normal

SHORTHAND = "agent"
SCOPE = Scope.STATE


class Options(ActionOptions):
    agent: NameTemplate | None = None
    skill: Annotated[tuple[NameTemplate, ...], BeforeValidator(listed)] = ()
    team: NameTemplate | None = None
    by: Literal["load"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.agent is None and not self.asks_candidates:
            raise ValueError("wanted an agent, or a skill or team to choose one from")
        if self.agent is not None and self.asks_candidates:
            raise ValueError("wanted either an agent, or a skill or team to choose one from")
        return self

    @property
    def asks_candidates(self) -> bool:
        return bool(self.skill or self.team or self.by)


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantAssignee:
    if options.agent is not None:
        return WantAssignee(rule.fill(options.agent))
    skills = frozenset(normal(rule.fill(skill)) for skill in options.skill)
    team = normal(rule.fill(options.team)) if options.team else ""
    fitting = [each for each in facts.agents if not _lacks(each, skills, team)]
    if not fitting:
        raise Blocked(_nobody(facts.agents, skills, team))
    kept = next((each for each in fitting if _has_it(each, facts.ticket.assignee)), None)
    return WantAssignee((kept or min(fitting, key=lambda each: (each.open_tickets, normal(each.name), each.agent))).agent)


def _lacks(candidate: Candidate, skills: frozenset[str], team: str) -> str:
    """The first reason against this one, or ""."""
    if team and team not in map(normal, candidate.teams):
        return "in another team"
    if not skills <= frozenset(map(normal, candidate.skills)):
        return "without the skill"
    return "away" if candidate.is_away else ""


def _nobody(candidates: Iterable[Candidate], skills: frozenset[str], team: str) -> str:
    why = Counter(_lacks(each, skills, team) for each in candidates)
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(why.items()))
    return f"nobody fits: {told}" if told else "nobody fits: no agent is known, name them in a directory file"


def _has_it(candidate: Candidate, assignee: Agent | None) -> bool:
    return assignee is not None and normal(candidate.agent) in map(normal, filter(None, (assignee.email, assignee.name)))
