"""The `rule_state` table: what each rule remembers about a ticket; live and shadow apart."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from adapters.codec import dumps, loads
from adapters.ticket import TicketKey
from bot.store import tickets
from bot.store.database.schema import rule_state
from rules.model.facts import RuleState

_OF_TICKET = select(rule_state.c.rule, rule_state.c.state).where(
    *tickets.of_ticket(rule_state), rule_state.c.mode == bindparam("of_mode")
)


def of_ticket(connection: Connection, key: TicketKey, mode: str) -> dict[str, RuleState]:
    rows = connection.execute(_OF_TICKET, {**tickets.named(key), "of_mode": mode})
    return {row.rule: loads(RuleState, row.state) for row in rows}


def keep(connection: Connection, key: TicketKey, mode: str, states: Mapping[str, RuleState]) -> None:
    """Write the states of a run, in the transaction that stores its plan."""
    if not states:
        return
    rows = [
        {
            "account": key.account,
            "kind": key.kind.value,
            "external_id": key.external_id,
            "rule": rule,
            "mode": mode,
            "semantic_hash": each.semantic_hash,
            "state": dumps(each),
        }
        for rule, each in states.items()
    ]
    statement = tickets.insert_into(connection)(rule_state)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account", "kind", "external_id", "rule", "mode"],
            set_={"semantic_hash": statement.excluded.semantic_hash, "state": statement.excluded.state},
        ),
        rows,
    )
