"""The `rule_state` table: what each rule remembers about a ticket; live and shadow apart.

One row for a ticket and a mode. Most rules have looked and no more: which ones, and what they meant by then, is the same for
thousands of tickets and stands once in `rule_looks`; the row names it by its hash. What a rule remembers beyond that stands in
the row itself. Versions before 0018 have written a row for each rule: such rows are read, and go with the ticket's next run. A
worker of such a version leaves a ticket with the new row to newer ones, since it cannot read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from adapters.codec import Unreadable, dumps, loads
from adapters.ticket import TicketKey
from bot.store import tickets
from bot.store.database.schema import ALL_RULES, rule_looks, rule_state
from rules.model.facts import RuleState

_OF_TICKET = select(rule_state.c.rule, rule_state.c.semantic_hash, rule_state.c.state).where(
    *tickets.of_ticket(rule_state), rule_state.c.mode == bindparam("of_mode")
)
_OF_RULES = delete(rule_state).where(
    *tickets.of_ticket(rule_state), rule_state.c.mode == bindparam("of_mode"), rule_state.c.rule != ALL_RULES
)
_LOOKED = select(rule_looks.c.rules).where(rule_looks.c.hash == bindparam("of_hash"))

_HELD = select(rule_looks.c.hash).where(rule_looks.c.hash == bindparam("of_hash")).with_for_update(read=True, key_share=True)


def of_ticket(connection: Connection, key: TicketKey, mode: str) -> dict[str, RuleState]:
    """Of every rule that has looked at this ticket. Raises Unreadable."""
    return _read(connection, key, mode)[0]


def keep(connection: Connection, key: TicketKey, mode: str, states: Mapping[str, RuleState], now: datetime) -> None:
    """Write the states of a run, in the transaction that stores its plan. Other rules keep what they remember."""
    if not states:
        return
    known, was, has_old_rows = _read(connection, key, mode)
    whole = {**known, **states}
    looked = dumps({rule: each.semantic_hash for rule, each in whole.items()})
    hash = hashlib.sha256(looked.encode()).hexdigest()
    if hash != was:
        _keep_looks(connection, {"hash": hash, "rules": looked, "made_at": now})
    if has_old_rows:
        connection.execute(_OF_RULES, {**tickets.named(key), "of_mode": mode})
    more = {rule: each for rule, each in whole.items() if each != RuleState(rule=rule, semantic_hash=each.semantic_hash)}
    row = {"account": key.account, "kind": key.kind.value, "external_id": key.external_id, "rule": ALL_RULES, "mode": mode}
    statement = tickets.insert_into(connection)(rule_state)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account", "kind", "external_id", "rule", "mode"],
            set_={"semantic_hash": statement.excluded.semantic_hash, "state": statement.excluded.state},
        ),
        row | {"semantic_hash": hash, "state": dumps(more)},
    )


def _keep_looks(connection: Connection, row: dict[str, object]) -> None:
    """There, and held until it is referred to: a sweep may be about to drop it (bot/maintenance/unused_rules.py)."""
    while connection.execute(_HELD, {"of_hash": row["hash"]}).first() is None:
        connection.execute(tickets.insert_into(connection)(rule_looks).on_conflict_do_nothing(), row)


def _read(connection: Connection, key: TicketKey, mode: str) -> tuple[dict[str, RuleState], str, bool]:
    """The states, the hash of the looks that they are kept by, and whether there are rows of earlier versions."""
    rows = {row.rule: row for row in connection.execute(_OF_TICKET, {**tickets.named(key), "of_mode": mode})}
    found = rows.pop(ALL_RULES, None)
    states = {rule: loads(RuleState, row.state) for rule, row in rows.items()}
    if found is None:
        return states, "", bool(rows)
    looked = connection.execute(_LOOKED, {"of_hash": found.semantic_hash}).scalar_one_or_none()
    if looked is None:
        raise Unreadable("which rules have looked at the ticket is not kept")
    states |= {rule: RuleState(rule=rule, semantic_hash=hash) for rule, hash in loads(dict[str, str], looked).items()}
    return states | loads(dict[str, RuleState], found.state), found.semantic_hash, bool(rows)
