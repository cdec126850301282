"""What a run keeps of its facts and its decision, and the words that these have in common under one set of rules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from adapters.codec import dumps
from adapters.ticket import EventType, Ticket, TicketKey
from bot.pipeline.steps import PlannedRun
from bot.senses import sense
from bot.store.packed import compression, run_facts
from bot.store.runs import MACHINES
from rules.engine.ruleset import RuleSet
from rules.model.canonical_json import canonical, decision_to_json, digest, facts_to_json, without_raw
from rules.model.decision import Decision
from rules.model.facts import Facts
from rules.model.view import View, is_auto_reply


def decided(connection: Connection, key: TicketKey, made: PlannedRun, rules: RuleSet, now: datetime) -> dict[str, object]:
    """Columns of `runs`, in the transaction that stores the plan."""
    words = compression.keep_words(connection, rules.hash, lambda: common_words(rules, now), now)
    facts = facts_to_json(without_raw(made.facts))
    return {
        "rules_hash": rules.hash,
        "facts_hash": digest(facts),
        "decision_hash": made.decision_hash,
        **run_facts.columns(connection, key, facts, canonical(decision_to_json(made.decision)), words),
    }


def reason(made: PlannedRun) -> str:
    """What a list of runs tells at once: that a machine seems to have written, and what the vendor cannot be asked for."""
    why = made.facts.signals.get("is_auto_reply")
    taken = f"{MACHINES}: {why.why}" if why and why.value is True else MACHINES
    return "; ".join(([taken] if is_auto_reply(View(made.facts)) else []) + made.refused)


def common_words(rules: RuleSet, now: datetime) -> str:
    """What facts and decision of any run say under these rules: their ids, names, hashes and places, and signals that found
    nothing. Nothing of a ticket. The commonest at the end, as zlib wants it."""
    empty = Ticket(subject="-", description="-")
    facts = Facts(ticket=empty, now=now, signals=sense(empty, now), state=rules.index.blank)
    asked = rules.index.under(frozenset({EventType.CUSTOMER_REPLIED})).results
    return dumps(facts_to_json(facts)) + dumps(decision_to_json(Decision(rules=tuple(asked))))
