"""F55: a deployment changes the rules while a plan is half carried out. The plan is finished as it was recorded; the new rules
decide from the next event on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rulesets.active import load_configured
from tests.faults.common import assert_written_once, each_helpdesk, let_time_pass, outage, work_once
from tests.harness.deskhand import Running, deskhand

NEW_RULES = """rules:
  - id: all-new
    when: {subject: {has: down}}
    then: [{set_priority: low}, {add_tags: [all-new]}, {assign_team: Billing}, {add_note: The new rules.}]
"""
WRITES = {"zendesk": ("PUT", "/tickets/"), "intercom": ("POST", "/parts|/reply"), "freshdesk": ("POST", "/notes")}


@pytest.mark.timeout(120)
@each_helpdesk
def test_F55_a_half_written_plan_is_finished_as_it_was(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        method, path = WRITES[provider]
        run.desk.faults.order("429", method=method, path=path, retry_after=600)
        work_once(run, ticket)
        assert any(row["state"] == "planned" for row in run.newest_runs(ticket))

        deploy(run, tmp_path)
        let_time_pass(run)
        work_once(run, ticket)

        assert_written_once(run, ticket)
        assert "all-new" not in run.view(ticket).tags
        [plan] = [row for row in run.newest_runs(ticket) if row["is_writing"]]
        assert plan["state"] == "done"


def deploy(run: Running, folder: Path) -> None:
    """Other rules, as a worker loads them at its start."""
    (folder / "new.yaml").write_text(NEW_RULES, encoding="utf-8")
    settings = run.config.settings.model_copy(update={"rules": ("new.yaml",)})
    object.__setattr__(run.config, "settings", settings)
    before = run.parts.rules.hash
    run.parts.rules = load_configured(run.config)
    assert run.parts.rules.hash != before
