"""A team's own issues in rule files: taken up while processes run, in the facts of runs, and decided again from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli import main
from bot.store.database.engine import reading
from bot.store.database.schema import counted_tickets
from tests.harness.deskhand import NINA
from tests.rulesets.rule_file import Files, text

pytestmark = pytest.mark.both_storages

BLOCKS = """areas:
  kitchen: {words: [printer]}
issues:
  kitchen.silent:
    type: bug
    area: kitchen
    examples:
      - Orders do not come out of the kitchen printer
      - The kitchen gets no tickets from the till
      - In der Küche werden keine Bons gedruckt
"""
ASKS = """
  - id: kitchens
    when: {all: [{issue: kitchen.silent}, {product_area: kitchen}]}
    then: [{add_tags: [kitchen]}]
    tests:
      - matches: {ticket: {subject: x}, signals: {issue: kitchen.silent, issue_type: bug, product_area: kitchen}}
      - ignores: {ticket: {subject: x}}
"""


def told(files: Files) -> tuple[str, frozenset[str]]:
    """A ticket of the kitchen's, and its tags."""
    said = "Orders do not come out of our kitchen printer today."
    ticket = files.run.desk.create_ticket(requester=NINA, subject="Kitchen", body=said)
    files.run.settle()
    return ticket, frozenset(files.run.view(ticket).tags)


def test_new_issues_count_from_the_next_run_on_and_are_taken_back_with_their_version(files: Files) -> None:
    files.take_up()
    before = told(files)[1]
    files.write(BLOCKS + text(more=ASKS))
    files.try_on_the_past()
    taken = files.take_up()

    with_them = told(files)[1]
    files.back()

    assert (taken.outcome, taken.number) == ("taken", 2)
    assert "kitchen" in with_them
    assert "kitchen" not in before | told(files)[1]


def test_another_example_is_another_version_and_no_other_rule(files: Files) -> None:
    files.write(BLOCKS + text(more=ASKS))
    files.take_up()
    files.write(BLOCKS.replace("from the till", "at all") + text(more=ASKS))

    taken = files.take_up()

    assert (taken.outcome, taken.changes.changed) == ("taken", ())


def test_a_wrong_issue_leaves_the_last_good_version(files: Files) -> None:
    files.write(BLOCKS + text(more=ASKS))
    files.take_up()
    files.write(BLOCKS.replace("type: bug", "type: bugg") + text(more=ASKS))

    refused = files.take_up()

    assert refused.outcome == "refused"
    assert "rules.yaml:5:5: bugg: no such type, did you mean bug?" in refused.problems[0]
    assert "kitchen" in told(files)[1]


def test_a_run_replays_from_its_facts_after_the_issues_are_gone(files: Files) -> None:
    files.write(BLOCKS + text(more=ASKS))
    files.take_up()
    ticket, _ = told(files)
    files.write(text())
    files.take_up()
    run = files.run.newest_runs(ticket)[-1]

    found = CliRunner().invoke(main, ["replay", run["id"], "--config", str(files.run.config.path)], catch_exceptions=False)

    assert found.exit_code == 0, found.output
    assert json.loads(run["facts"])["signals"]["issue"]["value"] == "kitchen.silent"
    assert json.loads(found.stdout)["same"] is True


def test_tickets_are_counted_by_the_teams_path(files: Files) -> None:
    files.write(BLOCKS + text(more=ASKS))
    files.take_up()
    told(files)

    with reading(files.run.parts.engine) as connection:
        kept = connection.execute(select(counted_tickets.c.issue, counted_tickets.c.issue_type)).all()

    assert [tuple(row) for row in kept] == [("kitchen.silent", "kitchen")]


def test_a_backtest_tells_what_new_issues_would_change(files: Files, tmp_path: Path) -> None:
    files.take_up()
    told(files)
    other = tmp_path / "other.yaml"
    other.write_text(BLOCKS + text(more=ASKS), encoding="utf-8")
    words = ["backtest", "--rules", str(other), "--config", str(files.run.config.path)]

    found = CliRunner().invoke(main, words, catch_exceptions=False)

    assert json.loads(found.stdout)["rules"]["kitchens"]["added"] == 1
