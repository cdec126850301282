"""Counts over history for a run: the ticket as it is counted, and the answers to what the rules ask."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine

from adapters.ticket import Agent, Company, Status, Ticket
from bot.store import ticket_counts
from bot.store.database.engine import reading
from bot.store.rules.rule_firings import Customer
from bot.store.ticket_counts import Counted
from rules.language.history_counts import Count
from rules.model.facts import Candidate, Facts
from rules.model.view import View, is_spam
from rules.values.taxonomy import is_path

UNTOLD = ("other", "spam")  # issue types that say nothing


def counts(engine: Engine, asked: Mapping[str, Count], facts: Facts) -> dict[str, int]:
    """The answers by name; none for what cannot be known. Reads nothing where nothing is asked. Raises SQLAlchemyError."""
    ticket = as_counted(facts)
    if not asked or ticket is None:
        return {}
    found: dict[str, int] = {}
    with reading(engine) as connection:
        if not ticket.issue and any(each.same_issue for each in asked.values()):
            ticket = replace(ticket, issue=ticket_counts.issue_of(connection, ticket.key))
        for name, each in asked.items():
            if (answer := ticket_counts.count(connection, ticket, each, facts.now)) is not None:
                found[name] = answer
    return found


def with_loads(engine: Engine, account: str, team: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The agents with how many open tickets each has in this account. Raises SQLAlchemyError."""
    keys = {each.agent: {name_key(each.agent), name_key(each.name)} for each in team}
    with reading(engine) as connection:
        found = ticket_counts.open_by_assignee(connection, account, set().union(*keys.values()))
    return tuple(replace(each, open_tickets=sum(found.get(key, 0) for key in keys[each.agent])) for each in team)


def keep(connection: Connection, facts: Facts, assigned: str = "") -> None:
    """The ticket's row as this run saw it, in the transaction that stores its plan. `assigned`: the agent that it gives it to."""
    row = as_counted(facts)
    if row is None:
        ticket_counts.forget(connection, facts.ticket.key)
    else:
        ticket_counts.keep(connection, replace(row, assignee=name_key(assigned)) if assigned else row)


def keep_assignee(connection: Connection, left: Ticket) -> None:
    """Who has the ticket as a run left it: what was planned may have been refused."""
    ticket_counts.assign(connection, left.key, _assignee(left))


def keep_past(engine: Engine, page: Sequence[Facts]) -> None:
    """Tickets of the past, in one transaction. Those that a run has looked at stay as it saw them."""
    with engine.begin() as connection:
        for row in filter(None, map(as_counted, page)):
            ticket_counts.keep(connection, row, is_newest=False)


def as_counted(facts: Facts) -> Counted | None:
    """The ticket as a row; None for one that does not count: deleted, or spam."""
    ticket = facts.ticket
    if ticket.is_deleted or is_spam(View(facts)):
        return None
    return Counted(
        key=ticket.key,
        opened_at=ticket.created_at or facts.now,
        is_open=ticket.status not in (Status.SOLVED, Status.CLOSED) and not ticket.merged_into,
        requester=_short_id(facts.requester.external_id),
        company=company_key(facts.company),
        issue=_issue(facts),
        assignee=_assignee(ticket),
    )


def customer(facts: Facts) -> Customer:
    """Whose ticket it is, for brakes that count people. A ticket of nobody known counts for itself."""
    account, whose = facts.ticket.account, facts.requester.external_id or facts.requester.email
    company = company_key(facts.company)
    return Customer(
        requester=_hash(f"{account}/requester:{whose}" if whose else f"ticket:{facts.ticket.key}"),
        company=_hash(f"{account}/company:{company}") if company else "",
    )


def _issue(facts: Facts) -> str:
    """As fine as it is known; "" for what is no path, whoever made it: words of a customer are never kept here."""
    found = facts.signals.get("issue") or facts.signals.get("issue_type")
    value = str(found.value) if found else ""
    return value if is_path(value) and value not in UNTOLD else ""


def _short_id(id: str) -> str:
    return id if len(id) <= 64 and id.isascii() and id.isprintable() else _hash(id)


def company_key(company: Company) -> str:
    """Tells companies of one account apart: by the helpdesk's id, else by name; "" where there is neither."""
    if company.external_id:
        return _hash(f"id:{company.external_id}")
    name = " ".join(company.name.casefold().split())
    return _hash(f"name:{name}") if name else ""


def _assignee(ticket: Ticket) -> str:
    return agent_key(ticket.assignee) if ticket.assignee else ""


def agent_key(agent: Agent) -> str:
    """Tells agents apart: by address, else by name."""
    return name_key(agent.email or agent.name)


def name_key(name: str) -> str:
    """The key of an agent who is known by this address or name; "" for none."""
    shown = " ".join(name.casefold().split())
    return _hash(f"agent:{shown}") if shown else ""


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
