"""F97: rules that are half written when they are read, or change during a run. Processes read what was taken up as a version
(bot/rulesets/versions.py), never a file: each run has one version, a broken file is refused, and the last good one goes on."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import ConfigInvalid, load
from bot.drafts import Draft, DraftAsk
from bot.rulesets.active import ASK_EVERY_S, load_configured
from bot.runtime.preflight import require_whole
from bot.store.database.engine import reading
from bot.store.rules import rule_versions
from rules.files.sources import PACKS, RulesInvalid, Source
from rules.loading.load import load_rules
from sandbox.desk import TicketView
from sandbox.stories.config import write_config
from tests.faults.common import each_helpdesk, outage
from tests.harness.deskhand import RULES, Running, deskhand
from tests.harness.processes import process, wait_for

OTHER = """rules:
  - id: other
    when: {subject: {has_any: [down]}}
    then: [{add_tags: [another-version]}, {set_priority: low}]
    tests: [{ignores: {subject: x}}]
"""


def test_F97_a_file_cut_anywhere_is_refused_with_a_place_or_whole_rules() -> None:
    """What is there up to the cut may happen to be whole rules; anything else is told, and nothing but RulesInvalid is raised."""
    text = (PACKS / "vip.yaml").read_text(encoding="utf-8")
    whole = load_rules([Source("vip.yaml", text)])
    known = {rule.id: rule.semantic_hash for rule in whole.rules}

    refused = 0
    for at in range(200, len(text), max(1, len(text) // 40)):
        try:
            found = load_rules([Source("vip.yaml", text[:at])])
        except RulesInvalid as error:
            refused += 1
            assert all(problem.line >= 1 for problem in error.problems)
        else:
            *before, _ = list(found.rules)
            assert all(known[rule.id] == rule.semantic_hash for rule in before)
    assert refused >= 20


@pytest.mark.parametrize("cut", ["propose_macro", "- id: exports", "then:", "company.tier"])
def test_F97_nothing_starts_with_a_half_written_file(tmp_path: Path, cut: str) -> None:
    """`up`, `serve` and `work` ask this before they open anything (tests/runtime/test_preflight.py starts them)."""
    text = RULES.read_text(encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(text[: text.index(cut) + 6], encoding="utf-8")
    path = write_config(tmp_path, {"intercom": "http://127.0.0.1:9"}, 0, datetime.now(UTC), rules=["rules.yaml"])

    with pytest.raises(ConfigInvalid, match=r"rules\.yaml:\d+:\d+: "):
        require_whole(load(path, {}))

    result = CliRunner().invoke(main, ["check", "--config", str(path)])
    assert (result.exit_code, (tmp_path / "deskhand.sqlite3").exists()) == (1, False)


class Rewriting:
    """While the model is asked, somebody writes the rules anew."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def draft(self, ask: DraftAsk) -> Draft:
        self.path.write_text(OTHER, encoding="utf-8")
        return Draft(text="We are on it.", language="en")


def _as_first(run: Running, ticket: str) -> TicketView:
    view = run.view(ticket)
    assert "vip-outage" in view.tags
    assert "another-version" not in view.tags
    assert run.priority(ticket) == "urgent"
    return view


@each_helpdesk
def test_F97_a_process_reads_no_file_that_nobody_took_up(tmp_path: Path, provider: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
    with deskhand(tmp_path, provider, rules=str(path), drafter=Rewriting(path)) as run:
        first = outage(run)
        run.settle()  # rewritten in its middle
        path.write_text("rules: [", encoding="utf-8")  # and now half written
        second = outage(run, "Reports are down")
        run.settle()

        _as_first(run, first)
        _as_first(run, second)
        assert {row["rules_hash"] for row in run.newest_runs() if row["plan"]} == {run.parts.rules.hash}


def test_F97_a_swapped_link_that_nobody_took_up_counts_at_the_next_start(tmp_path: Path) -> None:
    versions = {"one": RULES.read_text(encoding="utf-8"), "two": OTHER}
    for name, text in versions.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    current = tmp_path / "current.yaml"
    current.symlink_to("one.yaml")
    with deskhand(tmp_path, "freshdesk", rules=str(current)) as run:
        fresh = tmp_path / "fresh.yaml"
        fresh.symlink_to("two.yaml")
        fresh.replace(current)
        ticket = outage(run)
        run.settle()

        _as_first(run, ticket)
        assert [rule.id for rule in load_configured(run.config).rules] == ["other"]


def test_F97_running_processes_take_up_whole_files_and_refuse_half_written_ones(tmp_path: Path) -> None:
    """A worker with its ticker, as `deskhand work` starts them; the file is changed, cut, and swapped for another by a link."""
    rules = tmp_path / "mine.yaml"
    rules.write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
    flow = {"backtest_days": None, "sweep_every_s": 0.2}
    with deskhand(tmp_path, "freshdesk", rules=str(rules), flow=flow) as run:
        with process(tmp_path, "worker", "--config", str(run.config.path)):
            wait_for("the first version", lambda: _states(run) == ["active"])
            text = rules.read_text(encoding="utf-8")
            rules.write_text(text[: text.index("propose_macro") + 6], encoding="utf-8")
            wait_for("the refusal", lambda: _states(run) == ["refused", "active"])
            first = outage(run)
            wait_for("the first run", lambda: "vip-outage" in run.view(first).tags)
            (tmp_path / "new.yaml").write_text(TESTED, encoding="utf-8")
            (tmp_path / "link.yaml").symlink_to("new.yaml")
            (tmp_path / "link.yaml").replace(rules)
            wait_for("the second version", lambda: _states(run) == ["active", "refused", "replaced"])
            time.sleep(2 * ASK_EVERY_S)
            second = outage(run, "Reports are down")
            wait_for("the second run", lambda: "another-version" in run.view(second).tags)

        assert "vip-outage" not in run.view(second).tags
        assert "another-version" not in run.view(first).tags


TESTED = OTHER.replace("tests: [{", "tests: [{matches: {ticket: {subject: It is down}}}, {")


def _states(run: Running) -> list[str]:
    with reading(run.parts.engine) as connection:
        return [each.state for each in rule_versions.newest(connection, 9)]
