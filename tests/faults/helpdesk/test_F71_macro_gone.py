"""F71: a rule proposes a macro that was deleted, switched off or renamed. It is left out and said so; the rest happens."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from bot.cli import main
from tests.faults.common import each_helpdesk, outage, set_aside
from tests.harness.deskhand import deskhand

RULES = """rules:
  - id: with-a-macro
    name: An outage gets a macro
    when: {subject: {has: down}}
    then:
      - add_tags: [seen]
      - propose_macro: No such macro
      - add_note: Look at this.
"""


@each_helpdesk
def test_F71_a_macro_that_is_gone_costs_only_itself(tmp_path: Path, provider: str) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        ticket = outage(run)
        run.settle(60)

        view = run.view(ticket)
        assert "seen" in view.tags
        assert "Look at this." in view.bot_notes[0].text
        assert "macro 'No such macro' is missing" in run.newest_runs(ticket)[-1]["reason"]
        assert not set_aside(run)


def test_F71_doctor_names_the_rule_and_its_line(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    with deskhand(tmp_path, "freshdesk", rules=str(rules)) as run:
        said = CliRunner().invoke(main, ["doctor", "--json", "--config", str(run.config.path)])

    found = {each["what"]: each for each in json.loads(said.stdout)["findings"]}
    assert "rules.yaml:2: 'No such macro'" in found["macros of freshdesk"]["words"]
    assert found["macros of freshdesk"]["warning"] is True
