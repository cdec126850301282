"""Rules that run away rest before they write once more, for all tickets and a stated time; log, `deskhand rules`, doctor say so.

On one ticket a rule is held back by the engine (rules/engine/decide.py), and the ticket by the loop guard
(bot/pipeline/loop_guard.py). Here is what only the sight of all tickets tells. Whatever customers can bring about must not switch
a rule off for all others: so people are counted, not tickets; and writes, not words; a rule comes back by itself; and what
people's own messages cause is no running away, however many write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from adapters.writes import Plan
from bot.log import get_logger
from bot.rulesets.active import ActiveRules
from bot.store.rules import rule_firings
from bot.store.rules.rule_firings import Acted, Customer, Kind, Stop
from rules.engine.decide import HELD_BACK
from rules.model.decision import Decision

log = get_logger("rules")
HOUR = timedelta(hours=1)
CUSTOMERS_HELD = 3  # one customer who goes back and forth must not stop a rule for everybody, in however many tickets
SHARE = 10  # no customer counts for more than this part of a limit
AUTHOR = "deskhand"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """The configuration's. `most`: writes within an hour, of a rule that does not say itself how many; None: any number."""

    most: int | None
    rest: timedelta


def acted(decision: Decision, kind: Kind, plan: Plan | None = None) -> list[Acted]:
    """What each rule of a decision did, as it is counted."""
    writing = {rule for each in plan.writes for rule in each.rules} if plan else set()
    fired = [Acted(each.id, kind, each.id in writing) for each in decision.rules if each.fired]
    return [*fired, *(Acted(each.id, "held") for each in decision.rules if each.because == HELD_BACK)]


def run_away(
    connection: Connection, standing: ActiveRules, decision: Decision, whose: Customer, settings: BreakerSettings, now: datetime
) -> list[Stop]:
    """The rules that this decision would make act too often, with the reason."""
    done = acted(decision, "live")
    fired, held = ([each.rule for each in done if each.kind == wanted] for wanted in ("live", "held"))
    reasons = [*_too_often(connection, standing, fired, settings, now), *_held_everywhere(connection, standing, held, whose, now)]
    return [_stop(standing, rule, reason, settings, now) for rule, reason in reasons]


def _too_often(
    connection: Connection, standing: ActiveRules, fired: Collection[str], settings: BreakerSettings, now: datetime
) -> Iterator[tuple[str, str]]:
    """A rule's own limit counts whatever caused its writes; that of the configuration only what no person's message did: in an
    outage a thousand customers write, and a rule about outages has to act on each."""
    for rule in fired:
        own = _own_limit(standing, rule)
        limit, cause = (own, None) if own else (settings.most, "other")
        if limit is None:
            continue
        found = rule_firings.writes(connection, rule, _since(standing, rule, now), max(1, limit // SHARE), cause)
        if found >= limit:
            yield rule, f"wrote {limit} times within an hour{'' if own else ', and no message of a person was the cause'}"


def _own_limit(standing: ActiveRules, rule_id: str) -> int | None:
    rule = standing.rules.rule(rule_id)
    return rule.limits.total_per_hour if rule else None


def _held_everywhere(
    connection: Connection, standing: ActiveRules, held: Collection[str], whose: Customer, now: datetime
) -> Iterator[tuple[str, str]]:
    for rule in held:
        if rule_firings.customers_held(connection, rule, _since(standing, rule, now), whose) >= CUSTOMERS_HELD:
            yield rule, f"held back on tickets of {CUSTOMERS_HELD} customers within an hour: it undoes or is undone"


def _since(standing: ActiveRules, rule: str, now: datetime) -> datetime:
    """What a rule has rested for counts no longer."""
    return max(now - HOUR, standing.rested.get(rule, now - HOUR))


def _stop(standing: ActiveRules, rule_id: str, reason: str, settings: BreakerSettings, now: datetime) -> Stop:
    rule = standing.rules.rule(rule_id)
    meaning = rule.semantic_hash if rule else ""
    return Stop(rule=rule_id, semantic_hash=meaning, stopped_at=now, author=AUTHOR, reason=reason, until=now + settings.rest)


def pull(connection: Connection, stops: list[Stop]) -> None:
    for each in stops:
        rule_firings.stop(connection, each)
        log.error("rule.switched_off", rule=each.rule, why=each.reason, until=each.until.isoformat() if each.until else "")
