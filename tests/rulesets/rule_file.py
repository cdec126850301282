"""A Deskhand with one rule file of its own, and what an admin does with it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from bot.cli import main
from bot.process.clock import utc_now
from bot.rulesets.active import load_configured
from bot.rulesets.versions import Taken, roll_back, take_up
from bot.store.rules import rule_versions
from bot.store.rules.rule_versions import Backtest
from tests.harness.deskhand import NINA, Running

EXPORT = "How do I export?"


def text(tag: str = "export", stage: str = "live", more: str = "") -> str:
    return f"""rules:
  - id: exports
    stage: {stage}
    when: {{subject: {{has_any: [export]}}}}
    then:
      - add_tags: [{tag}]
    tests:
      - matches: {{ticket: {{subject: "{EXPORT}"}}}}
      - ignores: {{ticket: {{subject: "Everything is down"}}}}
{more}"""


class Files:
    """The rule file of a Deskhand, as an admin has it before them."""

    def __init__(self, run: Running, folder: Path) -> None:
        self.run = run
        self.path = folder / "rules.yaml"

    def write(self, words: str) -> None:
        self.path.write_text(words, encoding="utf-8")

    def take_up(self, reason: str = "wanted", **named: Any) -> Taken:
        found = take_up(self.run.parts.engine, self.run.config, utc_now(), author="ada", reason=reason, **named)
        self.run.parts.rulebook.forget()
        return found

    def back(self, to: int | None = None) -> Taken:
        found = roll_back(self.run.parts.engine, self.run.config, utc_now(), author="ada", reason="it tagged too much", to=to)
        self.run.parts.rulebook.forget()
        return found

    def try_on_the_past(self, days_ago: float = 0.0) -> None:
        """As `deskhand backtest` leaves it."""
        made = Backtest(
            rules_hash=load_configured(self.run.config).hash,
            against_hash="",
            history_hash="",
            looks=3,
            made_at=utc_now() - timedelta(days=days_ago),
        )
        with self.run.parts.engine.begin() as connection:
            rule_versions.keep_backtest(connection, made)

    def tags(self) -> frozenset[str]:
        """What a new ticket gets."""
        ticket = self.run.desk.create_ticket(requester=NINA, subject=EXPORT, body="To CSV, please.")
        self.run.settle()
        return frozenset(self.run.view(ticket).tags)

    def command(self, *words: str) -> tuple[int, list[Any], str]:
        """(exit code, JSON lines, what it said) of `deskhand rules ...`."""
        group, *rest = words
        found = CliRunner().invoke(main, ["rules", group, *rest, "--config", str(self.run.config.path)])
        self.run.parts.rulebook.forget()
        is_json = [line for line in found.stdout.splitlines() if line.startswith("{")]
        return found.exit_code, [json.loads(line) for line in is_json], found.output
