"""Rules that run away are switched off for all tickets before they write once more; log, `deskhand rules` and doctor say so.

On one ticket a rule is held back by the engine (rules/engine/decide.py), and the ticket by the loop cap (bot/pipeline/run.py).
Here is what only the sight of all tickets tells: a rule that is held back on several, or fires more often than anybody wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from adapters.ticket import TicketKey
from bot.log import get_logger
from bot.rulesets.active import Standing
from bot.store.rules import rule_firings
from bot.store.rules.rule_firings import Kind, Stop
from rules.engine.decide import HELD_BACK
from rules.model.decision import Decision

log = get_logger("rules")
HOUR = timedelta(hours=1)
TICKETS_HELD = 3  # one customer who goes back and forth must not switch a rule off for everybody
AUTHOR = "deskhand"


def acted(decision: Decision, kind: Kind) -> list[tuple[str, Kind]]:
    """What each rule of a decision did, as it is counted."""
    fired: list[tuple[str, Kind]] = [(each.id, kind) for each in decision.rules if each.fired]
    return [*fired, *((each.id, "held") for each in decision.rules if each.because == HELD_BACK)]


def run_away(
    connection: Connection, standing: Standing, decision: Decision, ticket: TicketKey, most: int | None, now: datetime
) -> list[Stop]:
    """The rules that this decision would make act too often, with the reason. `most`: firings within an hour where a rule does
    not say itself how many; None: any number."""
    done = acted(decision, "live")
    fired, held = ([rule for rule, kind in done if kind == wanted] for wanted in ("live", "held"))
    counted = {rule: limit for rule in fired if (limit := _limit(standing, rule, most)) is not None}
    return [
        *_too_often(connection, standing, counted, now),
        *_held_everywhere(connection, standing, held, ticket, now),
    ]


def _limit(standing: Standing, rule_id: str, most: int | None) -> int | None:
    rule = standing.rules.rule(rule_id)
    return rule.limits.total_per_hour or most if rule else None


def _too_often(connection: Connection, standing: Standing, limits: dict[str, int], now: datetime) -> Iterator[Stop]:
    found = rule_firings.counts(connection, limits, "live", now - HOUR)
    for rule, limit in limits.items():
        if found.get(rule, (0, 0))[0] >= limit:
            yield _stop(standing, rule, f"fired {limit} times within an hour", now)


def _held_everywhere(
    connection: Connection, standing: Standing, held: list[str], ticket: TicketKey, now: datetime
) -> Iterator[Stop]:
    found = rule_firings.counts(connection, held, "held", now - HOUR)
    for rule in held:
        is_new = not rule_firings.held_before(connection, rule, ticket, now - HOUR)
        if found.get(rule, (0, 0))[1] + is_new >= TICKETS_HELD:
            yield _stop(standing, rule, f"held back on {TICKETS_HELD} tickets within an hour: it undoes or is undone", now)


def _stop(standing: Standing, rule_id: str, reason: str, now: datetime) -> Stop:
    rule = standing.rules.rule(rule_id)
    return Stop(rule=rule_id, semantic_hash=rule.semantic_hash if rule else "", stopped_at=now, author=AUTHOR, reason=reason)


def pull(connection: Connection, stops: list[Stop]) -> None:
    for each in stops:
        rule_firings.stop(connection, each)
        log.error("rule.switched_off", rule=each.rule, why=each.reason)
