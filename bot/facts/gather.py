"""Gathering the facts of a run: everything that a decision may depend on, as complete values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from adapters.ticket import Changes, EventType, Ticket
from bot.directory import Directory
from bot.facts import own_values
from bot.senses import own_words_of, sense
from bot.store.tickets import Memory
from rules.model.facts import Candidate, Facts, RuleState
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues
from rules.values.working_hours import WorkingHours


def gather(
    ticket: Ticket,
    *,
    happened: frozenset[EventType],
    changed: Changes,
    is_first_sight: bool,
    memory: Memory,
    state: Mapping[str, RuleState],
    directory: Directory,
    counted: Callable[[Facts], Mapping[str, int]],
    candidates: Callable[[], tuple[Candidate, ...]],
    hours: WorkingHours | None,
    now: datetime,
    own: OwnIssues = NO_OWN_ISSUES,
) -> Facts:
    """The facts: signals and own words from the messages, company and requester from the directory over the provider's own
    fields, agents by `candidates`, and counts by `counted`, which is told all the rest. `own`: the issues that the rules add."""
    company, requester = directory.enrich(ticket)
    facts = Facts(
        ticket=ticket,
        now=now,
        events=happened,
        changes=changed,
        signals=sense(ticket, now, own=own),
        own_words=own_words_of(ticket),
        company=company,
        requester=requester,
        is_first_sight=is_first_sight,
        toggled=memory.tags_put & ticket.tags,
        ours=own_values.own_values(memory, ticket),
        state=state,
        agents=candidates(),
        working_hours=hours,
        in_working_time=hours is None or hours.covers(now),
    )
    return replace(facts, counts=counted(facts))
