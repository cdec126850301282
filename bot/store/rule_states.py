"""The `rule_state` table: what each rule remembers about a ticket; live and shadow apart."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from adapters.codec import dumps, loads
from adapters.ticket import TicketKey
from bot.store.schema import rule_state
from bot.store.tickets import insert_into
from rules.facts import RuleState


def of_ticket(connection: Connection, key: TicketKey, mode: str) -> dict[str, RuleState]:
    rows = connection.execute(
        select(rule_state.c.rule, rule_state.c.state).where(
            rule_state.c.account == key.account,
            rule_state.c.kind == key.kind.value,
            rule_state.c.external_id == key.external_id,
            rule_state.c.mode == mode,
        )
    )
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
    statement = insert_into(connection)(rule_state)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account", "kind", "external_id", "rule", "mode"],
            set_={"semantic_hash": statement.excluded.semantic_hash, "state": statement.excluded.state},
        ),
        rows,
    )
