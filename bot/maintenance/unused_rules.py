"""What is kept about rules and nobody needs any more: the rules that runs decided by, once none of them can be decided again; the
words that runs are packed with; which rules have looked at a ticket, once no ticket refers to it; old versions.

A run that is stored in this moment may refer to any of them. Whoever reads one to refer to it locks it until it has (as a foreign
key would: `FOR KEY SHARE`), and what is locked is left for the next sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, literal_column, or_, select, update

from bot.maintenance.retention_step import Step
from bot.store.database.schema import ALL_RULES, dictionaries, rule_looks, rule_sets, rule_state, rule_versions, runs

JUST_MADE = timedelta(days=1)


def unreferred(now: datetime) -> list[Step]:
    """Rows that only serve to read others, of which there are none."""
    of_it = runs.c.rules_hash == dictionaries.c.rules_hash
    is_packed = or_(runs.c.facts_packed.is_not(None), runs.c.decision_packed.is_not(None))
    has_no_run = ~exists(select(runs.c.id).where(of_it, is_packed))
    is_everything = rule_state.c.rule == literal_column(f"'{ALL_RULES}'")  # as the index says it
    has_no_ticket = ~exists(select(rule_state.c.account).where(is_everything, rule_state.c.semantic_hash == rule_looks.c.hash))
    before = now - JUST_MADE
    return [
        _dropping(dictionaries, and_(dictionaries.c.made_at < before, has_no_run)),
        _dropping(rule_looks, and_(rule_looks.c.made_at < before, has_no_ticket)),
    ]


def undecidable(before: datetime) -> Step:
    """Rules that no run was decided by whose facts are kept, and that have not been in force since then."""
    of_it = runs.c.rules_hash == rule_sets.c.hash
    has_facts = or_(runs.c.facts_packed.is_not(None), runs.c.facts.is_not(None))
    has_no_run = ~exists(select(runs.c.id).where(of_it, has_facts))
    version = rule_versions.alias()
    was_in_force = exists(select(version.c.number).where(version.c.rules_hash == rule_sets.c.hash, ~_ended(version, before)))
    return _dropping(rule_sets, and_(rule_sets.c.first_used_at < before, has_no_run, ~was_in_force))


def versions(before: datetime) -> Step:
    """Versions that have not been in force since then. The one before the active one stays, to go back to; one that was taken
    back keeps its hash, so that files that still hold it are not taken up by themselves; and the newest its number."""
    table = rule_versions.c
    other = rule_versions.alias()
    newest = select(func.max(other.c.number)).scalar_subquery()
    to_go_back_to = select(func.max(other.c.number)).where(other.c.state == "replaced").scalar_subquery()
    replaced = and_(table.state == "replaced", table.number != func.coalesce(to_go_back_to, 0), _ended(rule_versions, before))
    refused = and_(table.state == "refused", table.number != newest, table.made_at < before)
    taken_back = and_(table.state == "withdrawn", table.sources != "[]", _ended(rule_versions, before))

    def act(connection: Connection, numbers: Sequence[int]) -> int:
        chosen = table.number.in_(numbers)
        emptied = update(rule_versions).where(chosen, table.state == "withdrawn")
        emptied = emptied.values(sources="[]", rule_values="{}", changes="{}")
        dropped = delete(rule_versions).where(chosen, table.state.in_(("replaced", "refused")))
        return int(connection.execute(emptied).rowcount + connection.execute(dropped).rowcount)

    return Step(rule_versions, or_(replaced, refused, taken_back), act)


def _ended(version: Any, before: datetime) -> ColumnElement[bool]:
    """Another version took the place of this one before then."""
    later = rule_versions.alias()
    took_its_place = and_(later.c.number > version.c.number, later.c.state != "refused", later.c.made_at < before)
    return exists(select(later.c.number).where(took_its_place))


def _dropping(table: Table, is_unused: ColumnElement[bool]) -> Step:
    key = next(iter(table.primary_key.columns))

    def act(connection: Connection, keys: Sequence[Any]) -> int:
        locked = select(key).where(key.in_(keys)).order_by(key).with_for_update(skip_locked=True)
        free = connection.execute(locked).scalars().all()
        return int(connection.execute(delete(table).where(key.in_(free), is_unused)).rowcount)

    return Step(table, is_unused, act)
