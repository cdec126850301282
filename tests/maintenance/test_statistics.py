"""Counts over all tables: what must be seen to, and what is over."""

from __future__ import annotations

from sqlalchemy import Connection, update

from bot.maintenance.statistics import LIVING, figures, history
from bot.store import accounts, deliveries, due, processes, system_times
from bot.store.database.schema import deliveries as table
from bot.store.rules import rule_firings
from bot.store.rules.rule_firings import Stop
from tests.store.makers import KEY, NOW, OTHER_KEY, incoming, later


def test_an_empty_database_has_nothing_to_be_seen_to(connection: Connection) -> None:
    found = figures(connection, ("acme",), NOW, 60)

    assert (found.deliveries, found.oldest_waiting_s, found.stale) == ({"pending": 0, "parked": 0}, 0.0, 0)
    assert (found.tickets_waiting, found.due_waiting, found.model_tokens, found.backed_up_at) == (0, 0, 0, None)
    assert found.accounts["acme"].is_held is False


def test_what_waits_is_counted_with_the_age_of_its_oldest(connection: Connection) -> None:
    deliveries.store(connection, incoming("evt-1", at=NOW))
    deliveries.store(connection, incoming("evt-2", key=OTHER_KEY, at=later(seconds=50)))
    due.add_due(connection, KEY, later(hours=1), "follow_up", {})

    found = figures(connection, (), later(seconds=90), 60)

    assert (found.deliveries["pending"], found.oldest_waiting_s, found.stale) == (2, 90.0, 1)
    assert (found.tickets_waiting, found.due_waiting) == (2, 1)


def test_what_is_over_is_history_and_not_a_figure(connection: Connection) -> None:
    deliveries.store(connection, incoming("evt-1"))
    deliveries.store(connection, incoming("evt-1", b"another body"))
    connection.execute(update(table).values(state="done"))

    assert history(connection).deliveries == {"done": 1}
    assert history(connection).conflicts == 1
    assert figures(connection, (), NOW, 60).deliveries == {"pending": 0, "parked": 0}


def test_stopped_rules_are_counted_by_how_they_end(connection: Connection) -> None:
    for rule, until in (("off", None), ("rests", later(hours=1)), ("rested", NOW)):
        stop = Stop(rule=rule, semantic_hash="", stopped_at=NOW, author="ada", reason="x", until=until)
        rule_firings.stop(connection, stop)

    assert figures(connection, (), NOW, 60).rules_stopped == {"off": 1, "rests": 1}


def test_accounts_processes_and_the_last_backup_are_told(connection: Connection) -> None:
    accounts.block(connection, "acme", 30, "the credentials were refused")
    processes.seen(connection, "here:1:a", "worker", "1", NOW)
    processes.seen(connection, "here:2:b", "ticker", "1", NOW - 2 * LIVING)
    system_times.keep(connection, "backed_up", NOW)

    found = figures(connection, ("acme", "globex"), NOW, 60)

    assert {name: each.is_held for name, each in found.accounts.items()} == {"acme": True, "globex": False}
    assert (found.processes, found.backed_up_at) == ({"worker": 1}, NOW)
