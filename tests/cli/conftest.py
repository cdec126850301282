"""Commands are called in this process: what they print, and how they exit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from bot.cli import main

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"


@pytest.fixture
def deskhand_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """`run("check", "--json")` in an empty folder."""
    # Loggers keep the stream that they first wrote to; here each command has a stream of its own.
    for module in ("common", "group"):
        monkeypatch.setattr(f"bot.cli.{module}.set_up", lambda *_: None)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, text: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), input=text, catch_exceptions=False)

    with capture_logs():
        yield run


def printed(result: Result) -> Any:
    """The one JSON value on standard output."""
    return json.loads(result.stdout)
