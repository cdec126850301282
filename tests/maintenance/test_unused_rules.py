"""What is kept about rules goes when nobody needs it, and no sooner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select, update

from bot.config import RetentionSettings
from bot.maintenance.retention import Sweep
from bot.store import runs
from bot.store.database.engine import reading
from bot.store.database.schema import dictionaries, rule_looks, rule_sets, rule_versions
from bot.store.database.schema import runs as runs_table
from bot.store.packed.compression import keep_words
from bot.store.rules import rule_sets as sets
from bot.store.rules import rule_states
from bot.store.rules import rule_versions as versions
from bot.store.rules.rule_versions import State, Version
from rules.files.sources import Source
from rules.model.facts import RuleState
from tests.store.makers import KEY, NOW, OTHER_KEY, later

SETTINGS = RetentionSettings(bodies_days=None, runs_days=90, snapshots_days=None, ledger_days=400)
SOURCES = (Source("rules.yaml", "rules: []\n"),)


def swept(engine: Engine, now: datetime, settings: RetentionSettings = SETTINGS) -> None:
    sweep = Sweep(engine, settings, now)
    while sweep.step():
        pass


def decided(connection: Connection, hash: str, run_id: str, at: datetime, state: str = "done") -> None:
    """A run that is over, with its facts, by the rules of this hash."""
    runs.start(connection, run_id, KEY, 1, 1, "live", at)
    words = keep_words(connection, hash, lambda: "words of rules", at)
    runs.keep_plan(connection, run_id, rules_hash=hash, facts_packed=words, decision_packed=words)
    runs.finish(connection, run_id, state, "", at)


def hashes(engine: Engine, column: object) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(select(column)).scalars())  # type: ignore[call-overload]


def taken_up(
    connection: Connection, number: int, at: datetime, state: State = "active", sources: Iterable[Source] = SOURCES
) -> None:
    version = Version(
        number=number,
        made_at=at,
        author="anna",
        reason="",
        state=state,
        content_hash=f"c{number}",
        rules_hash="" if state == "refused" else f"h{number}",
        sources=() if state == "refused" else tuple(sources),
        values={"vip": ["northwind.example"]},
        changes={"added": ["vip"]},
        problems=("no such field",) if state == "refused" else (),
    )
    versions.add(connection, version)
    if state != "refused":
        sets.keep(connection, f"h{number}", version.sources, version.values, at)


# --- rule_sets: what a replay needs


def test_rules_go_with_the_facts_of_the_last_run_that_they_decided(engine: Engine) -> None:
    with engine.begin() as connection:
        for hash, at in (("old", NOW), ("young", NOW), ("never", NOW)):
            sets.keep(connection, hash, SOURCES, {}, at)
        decided(connection, "old", "run-1", NOW)
        decided(connection, "young", "run-2", later(days=30))

    swept(engine, later(days=89))
    assert hashes(engine, rule_sets.c.hash) == {"old", "young", "never"}

    swept(engine, later(days=91))
    assert hashes(engine, rule_sets.c.hash) == {"young"}
    with reading(engine) as connection:
        assert sets.find(connection, "young") is not None


def test_rules_in_force_stay_however_long_no_run_was_decided_by_them(engine: Engine) -> None:
    with engine.begin() as connection:
        taken_up(connection, 1, NOW)
        taken_up(connection, 2, later(days=300))
        taken_up(connection, 3, later(days=380))

    swept(engine, later(days=391))

    assert hashes(engine, rule_sets.c.hash) == {"h2", "h3"}  # h2 was in force until eleven days ago


def test_rules_stay_where_runs_keep_their_facts_for_ever(engine: Engine) -> None:
    with engine.begin() as connection:
        sets.keep(connection, "old", SOURCES, {}, NOW)

    swept(engine, later(days=4000), RetentionSettings(bodies_days=None, runs_days=None, snapshots_days=None, ledger_days=None))

    assert hashes(engine, rule_sets.c.hash) == {"old"}


# --- dictionaries: what runs are packed with


def test_the_words_of_rules_go_with_the_last_run_that_was_packed_with_them(engine: Engine) -> None:
    with engine.begin() as connection:
        decided(connection, "old", "run-1", NOW)
        decided(connection, "aside", "run-2", NOW, "parked")
        decided(connection, "young", "run-3", later(days=30))

    swept(engine, later(days=89))
    assert hashes(engine, dictionaries.c.rules_hash) == {"old", "aside", "young"}

    swept(engine, later(days=91))
    assert hashes(engine, dictionaries.c.rules_hash) == {"young"}


def test_words_that_were_made_for_a_run_that_is_not_stored_yet_stay(engine: Engine) -> None:
    with engine.begin() as connection:
        keep_words(connection, "new", lambda: "words", NOW)

    swept(engine, NOW + timedelta(hours=23))
    assert hashes(engine, dictionaries.c.rules_hash) == {"new"}
    swept(engine, NOW + timedelta(hours=25))
    assert hashes(engine, dictionaries.c.rules_hash) == set()


def test_what_a_run_is_about_to_refer_to_is_left_alone(engine: Engine) -> None:
    """The run has taken words and looks, and is not stored yet: PostgreSQL would let a sweep drop them meanwhile."""
    if engine.dialect.name != "postgresql":  # one writer at a time
        return
    looked = {"r1": RuleState(rule="r1", semantic_hash="s1")}
    with engine.begin() as connection:
        keep_words(connection, "old", lambda: "words", NOW)
        rule_states.keep(connection, KEY, "live", looked, NOW)
        connection.exec_driver_sql("delete from rule_state")

    with engine.begin() as connection:
        words = keep_words(connection, "old", lambda: "other words", later(days=9))
        rule_states.keep(connection, OTHER_KEY, "live", looked, later(days=9))
        sets.keep(connection, "old", SOURCES, {}, NOW)
        swept(engine, later(days=200))
        connection.execute(
            runs_table.insert().values(**_row("run-1"), rules_hash="old", facts_packed=words, started_at=later(days=9))
        )

    assert hashes(engine, dictionaries.c.rules_hash) == {"old"}
    with reading(engine) as connection:
        assert rule_states.of_ticket(connection, OTHER_KEY, "live") == looked


def _row(run_id: str) -> dict[str, object]:
    of_it = {"account": KEY.account, "kind": KEY.kind.value, "external_id": KEY.external_id}
    return {"id": run_id, **of_it, "token": 1, "covers_seq": 1, "state": "done", "mode": "live"}


# --- rule_looks: which rules have looked at a ticket


def test_looks_that_no_ticket_refers_to_go(engine: Engine) -> None:
    first, second = (RuleState(rule="r1", semantic_hash=hash) for hash in ("s1", "s2"))
    with engine.begin() as connection:
        rule_states.keep(connection, KEY, "live", {"r1": first}, NOW)
        rule_states.keep(connection, OTHER_KEY, "live", {"r1": first}, NOW)
        rule_states.keep(connection, KEY, "live", {"r1": second}, later(days=2))
    swept(engine, later(days=4))
    assert len(hashes(engine, rule_looks.c.hash)) == 2

    with engine.begin() as connection:
        rule_states.keep(connection, OTHER_KEY, "live", {"r1": second}, later(days=4))
    swept(engine, later(days=5))

    assert len(hashes(engine, rule_looks.c.hash)) == 1
    with reading(engine) as connection:
        for key in (KEY, OTHER_KEY):
            assert rule_states.of_ticket(connection, key, "live") == {"r1": second}


# --- rule_versions


def shown(engine: Engine) -> dict[int, str]:
    with reading(engine) as connection:
        return {each.number: each.state for each in versions.newest(connection, 100)}


def test_old_versions_go_and_what_somebody_may_go_back_to_stays(engine: Engine) -> None:
    with engine.begin() as connection:
        for number, state in enumerate(("active", "active", "refused", "active", "active"), start=1):
            taken_up(connection, number, later(days=number), state)  # type: ignore[arg-type]

    swept(engine, later(days=402))
    assert shown(engine) == {1: "replaced", 2: "replaced", 3: "refused", 4: "replaced", 5: "active"}

    swept(engine, later(days=404))
    assert shown(engine) == {2: "replaced", 4: "replaced", 5: "active"}  # 2 was in force until the fourth day

    swept(engine, later(days=4000))
    assert shown(engine) == {4: "replaced", 5: "active"}
    with reading(engine) as connection:
        back = versions.last_replaced(connection)
    assert back is not None
    assert back.sources == SOURCES


def test_a_version_that_was_taken_back_keeps_its_hash_only(engine: Engine) -> None:
    with engine.begin() as connection:
        taken_up(connection, 1, NOW)
        taken_up(connection, 2, later(days=1))
        taken_up(connection, 3, later(days=2))
        versions.withdraw(connection, 2)

    swept(engine, later(days=403))

    with reading(engine) as connection:
        found = versions.with_content(connection, "c2")
    assert found is not None
    assert (found.state, found.sources, found.values, found.changes) == ("withdrawn", (), {}, {})
    assert shown(engine) == {1: "replaced", 2: "withdrawn", 3: "active"}


def test_the_newest_number_is_never_given_again(engine: Engine) -> None:
    with engine.begin() as connection:
        taken_up(connection, 1, NOW)
        taken_up(connection, 2, later(days=1), "refused")

    swept(engine, later(days=4000))

    assert shown(engine) == {1: "active", 2: "refused"}
    with reading(engine) as connection:
        assert versions.next_number(connection) == 3


@pytest.mark.parametrize("table", [rule_sets, rule_versions, dictionaries, rule_looks])
def test_nothing_of_it_goes_twice(engine: Engine, table: object) -> None:
    """A second sweep right after the first finds nothing, and ends."""
    with engine.begin() as connection:
        taken_up(connection, 1, NOW)
        taken_up(connection, 2, later(days=1))
        decided(connection, "h2", "run-1", later(days=2))
        connection.execute(update(runs_table).values(state="done"))
    swept(engine, later(days=500))
    left = count(engine, table)

    swept(engine, later(days=500))

    assert count(engine, table) == left


def count(engine: Engine, table: object) -> int:
    with reading(engine) as connection:
        return len(connection.execute(select(table)).all())  # type: ignore[call-overload]
