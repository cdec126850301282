"""Rules that undo each other, or fight over a field: found by playing them, on the tickets that their own tests are about.

For each `matches` of a test the whole set decides, what it wants is put on the ticket, and it looks again, a few times. A ticket
that comes back to where it was while rules still write runs in a circle. Nothing here is proof of absence: what no test is about
is not played. At work the loop cap stops what is left (five writing runs a ticket in an hour).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.ticket import Agent, Json, Team, Ticket
from rules.engine.decide import NO_RULE, decide
from rules.engine.rule import Rule, Stage
from rules.engine.ruleset import RuleSet
from rules.files.problems import Problem, Severity
from rules.model.decision import Decision
from rules.model.facts import Facts

LOOKS = 6
_SETTING = ("set_priority", "set_status", "assign_team", "assign_agent", "set_field")


def together(rules: RuleSet) -> list[Problem]:
    """What is wrong with rules that are well by themselves, drafts too. Not asked at a start: playing them takes a second."""
    live = rules.as_if_live(*Stage)
    return [*circles(live), *fights(live)]


def circles(rules: RuleSet) -> Iterator[Problem]:
    """A warning for each circle, with the rules in it and what they write."""
    told: set[frozenset[str]] = set()
    for rule, facts in _starts(rules):
        found = _circle(rules, facts)
        names = frozenset(each for _, each in found)
        if found and names not in told:
            told.add(names)
            shown = " > ".join(f"{name} ({what})" for what, name in found)
            yield _warning(
                rule, f"{rule.id}: rules that undo each other run in a circle: {shown}", "let one of them ask for less"
            )


def fights(rules: RuleSet) -> Iterator[Problem]:
    """A warning for each pair of rules of one file that set one field to different values on the same ticket."""
    told: set[tuple[str, str, str]] = set()
    for _, facts in _starts(rules):
        for lost in decide(rules, facts, in_full=NO_RULE).lost:
            loser, winner = rules.rule(lost.rule), rules.rule(lost.to_rule)
            if loser is None or winner is None or loser is winner or loser.file != winner.file:
                continue
            if not (_sets(loser) and _sets(winner)):
                continue
            if (pair := (loser.id, winner.id, lost.field)) not in told:
                told.add(pair)
                message = f"{loser.id} and {winner.id} both set {lost.field} on a ticket of their tests: the later one wins"
                yield _warning(loser, message, "`stop: true`, or a condition that excludes the other")


def _warning(rule: Rule, message: str, hint: str) -> Problem:
    return Problem(file=rule.file, line=rule.line, column=5, message=message, hint=hint, severity=Severity.WARNING)


def _sets(rule: Rule) -> bool:
    return any(action.name in _SETTING for action in rule.actions)


def _starts(rules: RuleSet) -> Iterator[tuple[Rule, Facts]]:
    return ((rule, case.facts) for rule in rules.rules for case in rule.tests if case.must_match)


def _circle(rules: RuleSet, facts: Facts) -> Sequence[tuple[str, str]]:
    """What was written by whom between two looks at the same ticket, or nothing."""
    events = frozenset(event for rule in rules.rules for event in rule.on)
    seen: list[Ticket] = [facts.ticket]
    writes: list[list[tuple[str, str]]] = []
    for _ in range(LOOKS):
        decision = decide(rules, facts, in_full=NO_RULE)
        after = put_on(facts.ticket, decision)
        writes.append([(_words(what, decision), names[-1]) for what, names in sorted(decision.by.items()) if _is_of_ticket(what)])
        if after == facts.ticket:
            return ()
        if after in seen:
            return list(dict.fromkeys(each for made in writes[seen.index(after) :] for each in made))
        seen.append(after)
        changes: dict[str, tuple[Json, Json]] = {
            name: (_plain(facts.ticket, name), _plain(after, name))
            for name in ("priority", "status", "tags")
            if _plain(facts.ticket, name) != _plain(after, name)
        }
        facts = replace(
            facts,
            ticket=after,
            events=events,
            changes=changes,
            state={**facts.state, **decision.state},
            is_first_sight=False,
            toggled=facts.toggled | decision.tags_add,
        )
    return ()


def _is_of_ticket(what: str) -> bool:
    return what in ("priority", "status", "team", "assignee") or what.startswith(("tag:", "field:"))


def _words(what: str, decision: Decision) -> str:
    if what.startswith("tag:"):
        return ("+" if what.removeprefix("tag:") in decision.tags_add else "-") + what.removeprefix("tag:")
    return f"{what} {getattr(decision, what, '')}".strip()


def _plain(ticket: Ticket, name: str) -> Json:
    value = getattr(ticket, name)
    return [*sorted(value)] if isinstance(value, frozenset) else str(value)


def put_on(ticket: Ticket, decision: Decision) -> Ticket:
    """The ticket with what the decision sets; what it says to people leaves no trace here."""
    return replace(
        ticket,
        priority=decision.priority or ticket.priority,
        status=decision.status or ticket.status,
        team=Team(name=decision.team) if decision.team else ticket.team,
        assignee=Agent(email=decision.assignee) if decision.assignee else ticket.assignee,
        tags=(ticket.tags | decision.tags_add) - decision.tags_remove,
        custom={**ticket.custom, **decision.fields},
        followers=ticket.followers | decision.followers_add,
    )
