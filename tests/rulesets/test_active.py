"""Which rules count in this moment, whatever the database says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.config import ConfigInvalid
from bot.rulesets.active import Rulebook, active_rules, all_packs, load_named, load_stored
from bot.store.database.engine import make_engine
from bot.store.database.schema import rule_versions as table
from bot.store.rules.rule_firings import Stop
from rules.files.sources import Source, pack_names
from tests.rules.build import one_rule, rule, rules_of
from tests.rulesets.rule_file import Files, text

pytestmark = pytest.mark.both_storages


def test_a_run_keeps_the_rules_that_it_began_with(files: Files) -> None:
    files.take_up()
    before = files.run.parts.standing()
    files.write(text(tag="csv"))
    files.try_on_the_past()

    def checkpoint(name: str) -> None:
        if name == "hydrated":
            files.take_up()

    files.run.parts.checkpoint = checkpoint
    tags = files.tags()
    files.run.parts.checkpoint = lambda name: None

    assert tags & {"export", "csv"} == {"export"}
    assert files.run.parts.standing().rules.hash != before.rules.hash
    assert files.tags() & {"export", "csv"} == {"csv"}


def test_a_database_that_knows_no_version_any_more_leaves_the_files_rules(files: Files) -> None:
    files.take_up()
    before = files.run.parts.standing()
    with files.run.parts.engine.begin() as connection:
        connection.execute(delete(table))
    files.run.parts.rulebook.forget()

    after = files.run.parts.standing()

    assert (before.version, after.version, after.rules) == (1, 0, files.run.parts.rules)
    assert "export" in files.tags()


def test_a_version_that_this_release_does_not_understand_leaves_the_last_good_rules(files: Files) -> None:
    files.take_up()
    before = files.run.parts.standing()
    with files.run.parts.engine.begin() as connection:
        words = '[["rules.yaml", "rules: [{id: a, when: {of_tomorrow: 1}}]"]]'
        connection.execute(update(table).values(sources=words, number=2))
    files.run.parts.rulebook.forget()

    assert files.run.parts.standing().rules is before.rules
    assert "export" in files.tags()


NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def stop(semantic_hash: str = "", until: datetime | None = None) -> Stop:
    return Stop(rule="r", semantic_hash=semantic_hash, stopped_at=NOW, author="ada", reason="spam wave", until=until)


def test_a_rule_is_off_until_it_is_mended() -> None:
    old, mended = one_rule("{subject: x}"), one_rule("{subject: y}")
    meaning = next(old.rules).semantic_hash

    assert active_rules(old, NOW, stops=[stop(meaning)]).switched_off == {"r"}
    assert active_rules(mended, NOW, stops=[stop(meaning)]).switched_off == frozenset()
    assert active_rules(mended, NOW, stops=[stop()]).switched_off == {"r"}


def test_a_rule_that_has_rested_counts_again_and_it_is_known_since_when() -> None:
    rests = [stop(until=NOW + timedelta(hours=1))]

    during, after = (active_rules(one_rule("{subject: x}"), NOW + timedelta(hours=hours), stops=rests) for hours in (0, 1))

    assert during.switched_off == {"r"}
    assert during.rested == {}
    assert after.switched_off == frozenset()
    assert after.rested == {"r": NOW + timedelta(hours=1)}


def test_a_rule_in_shadow_decides_beside_the_others_unless_it_is_off() -> None:
    rules = rules_of("rules:\n" + rule("{subject: x}", more="stage: shadow") + rule("{subject: x}", id="live"))

    assert active_rules(rules, NOW).in_shadow == {"r"}
    assert active_rules(rules, NOW, stops=[stop()]).in_shadow == frozenset()


def test_every_shipped_pack_is_named_once_priority_first() -> None:
    assert sorted(all_packs()) == [f"pack:{name}" for name in pack_names()]
    assert all_packs()[0] == "pack:triage"


def test_what_is_wrong_in_named_or_stored_rules_is_wrong_in_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        load_named(["nowhere.yaml"], tmp_path)
    with pytest.raises(ConfigInvalid, match="of_tomorrow: no such field"):
        load_stored([Source("r.yaml", "rules: [{id: a, when: {of_tomorrow: 1}, then: [survey_off]}]")], {})


def test_a_database_that_cannot_be_asked_leaves_what_counted(tmp_path: Path) -> None:
    engine, rules = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}"), one_rule("{subject: x}")
    rulebook = Rulebook()

    found = [rulebook.now(engine, rules, NOW) for _ in range(2)]

    assert [(each.rules, each.version) for each in found] == [(rules, 0)] * 2
