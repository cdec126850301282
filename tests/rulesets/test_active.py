"""Which rules count in this moment, whatever the database says."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from bot.store.database.schema import rule_versions as table
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
