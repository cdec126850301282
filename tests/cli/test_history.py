"""`deskhand history import`: a file that `deskhand backtest` reads, and how far it came."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.history import _bar, import_history
from sandbox.stories.config import write_config
from tests.backtest.test_history_import import make
from tests.cli.conftest import Run
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import deskhand
from tests.test_house import ROOT

pytestmark = pytest.mark.both_storages


@each_helpdesk
def test_the_command_makes_what_backtest_reads(deskhand_command: Run, tmp_path: Path, provider: str) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules:\n  - {id: all, when: {subject: {has: export}}, then: [{set_priority: low}]}\n", encoding="utf-8")
    with deskhand(tmp_path, provider) as run:
        make(run)
        config = ("--config", str(run.config.path))

        imported = deskhand_command("history", "import", "--days", "2", "--out", "past.jsonl", *config)
        compared = deskhand_command("backtest", "--history", "past.jsonl", "--rules", str(rules), *config)

    assert imported.exit_code == 0, imported.stderr
    assert json.loads(imported.stdout)["tickets"] == 3
    assert compared.exit_code == 0, compared.stderr
    found = json.loads(compared.stdout)["rules"]["all"]
    assert (found["added"], found["undoes"]) == (3, 1)


def test_on_a_terminal_a_bar_shows_how_far_it_came(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        make(run)
        command = [sys.executable, "-m", "bot.cli", "history", "import", "--days", "2", "--out", str(tmp_path / "past.jsonl")]
        ours, theirs = pty.openpty()
        done = subprocess.run(
            [*command, "--config", str(run.config.path)], stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT, check=False, timeout=60
        )
        os.close(theirs)
        shown = os.read(ours, 100_000).decode()
        os.close(ours)

    assert (done.returncode, json.loads(done.stdout)["tickets"]) == (0, 3)
    assert "zendesk  [" in shown
    assert "100%" in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--account: name one of zendesk, freshdesk"),
        (("--account", "zendesc"), "zendesc: no such account, did you mean zendesk?"),
    ],
)
def test_of_several_accounts_one_is_named(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    desks = {"zendesk": "http://127.0.0.1:9", "freshdesk": "http://127.0.0.1:9"}
    config = write_config(tmp_path, desks, 0, datetime(2026, 11, 21, tzinfo=UTC))

    result = CliRunner().invoke(import_history, [*arguments, "--config", str(config)])

    assert result.exit_code == 2
    assert says in result.stderr


def test_elsewhere_than_on_a_terminal_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)

    with _bar("zendesk", at, at) as tell:
        tell(None)
        tell(at)

    assert capsys.readouterr().err == ""
