"""The command group: every command is known, described, and imported only when it is called."""

from __future__ import annotations

import click
import pytest

from bot.cli.group import _COMMANDS, main
from tests.cli.conftest import Run


def test_every_command_has_help(deskhand_command: Run) -> None:
    listed = deskhand_command("--help").stdout

    for name in ("up", "serve", "work", "sandbox", "doctor", "check", "migrate", "normalize", "decide", "test", "draft", "runs"):
        assert f"  {name} " in listed
    assert deskhand_command("no-such-command").exit_code == 2


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_name_leads_to_a_command(name: str) -> None:
    assert isinstance(main.get_command(click.Context(main), name), click.Command)


def test_help_waits_for_no_commands_library(deskhand_command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.group.importlib.import_module", lambda name: pytest.fail(f"{name} was imported"))

    assert deskhand_command("--help").exit_code == 0
