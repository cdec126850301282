"""The command group. Commands are imported when they are called: `deskhand --help` must not wait for a model's library."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

from bot.log import set_up

# command -> (module, the function's name there, one line of help)
_COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "up": ("processes", "up", "Run the receiver, the workers and the ticker here; migrates the database first."),
    "serve": ("processes", "serve", "Run the receiver alone (gunicorn)."),
    "work": ("processes", "work", "Run one worker alone, with a ticker unless --no-ticker."),
    "sandbox": ("processes", "sandbox", "Run three stand-in helpdesks and a stand-in model endpoint on loopback."),
    "migrate": ("processes", "migrate_database", "Bring the database to this version's schema."),
    "backup": ("backup", "back_up", "Copy the database while everything goes on; the copy is checked."),
    "restore": ("backup", "restore", "Put a copy back as the database."),
    "erase": ("backup", "erase", "Take one person out of everything that is kept."),
    "check": ("check", "check", "Check the configuration, the directory and all rule files; changes nothing."),
    "doctor": ("doctor.command", "doctor", "Ask database, queue and helpdesks whether everything is in place."),
    "test": ("check", "test_rules", "Check rule files and run the tests beside their rules."),
    "normalize": ("dry_run", "normalize", "Print the events in a webhook payload from standard input."),
    "decide": ("dry_run", "decide_ticket", "Print what the rules decide about a ticket, with their trace."),
    "why": ("why", "why", "Say why a rule fired or did not, and what would turn that."),
    "sense": ("dry_run", "sense_tickets", "Print the signals of tickets, one JSON line each."),
    "senses": ("senses", "senses", "Measure what tickets are understood to say, on labelled ones."),
    "draft": ("dry_run", "draft_reply", "Print a suggested reply for a ticket, with sources and checks."),
    "strip-reply": ("dry_run", "strip", "Print the visible reply in an e-mail text."),
    "runs": ("runs", "list_runs", "Show the newest runs, or one of them whole."),
    "accounts": ("accounts", "accounts", "Which helpdesks this database knows; a new name or address for one."),
    "rules": ("rules", "rules", "Show which rules count; take up what the files hold, take it back, switch a rule off."),
    "history": ("history", "history", "Read tickets of the past from a helpdesk into a file, for backtest."),
    "backtest": ("backtest", "backtest", "Show what rules would have written on tickets of the past, against others."),
    "replay": ("runs", "replay", "Decide a stored run again, offline, and compare."),
    "report": ("report", "report", "Figures for leads: how drafts are used."),
    "dead": ("runs", "dead", "Show what was set aside, take it up again, or drop it."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, function, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"bot.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="deskhand")
def main() -> None:
    """A bot and webhook adapter for the helpdesk you already have: Zendesk, Intercom, Freshdesk."""
    set_up("info")  # at once, and to standard error: standard output belongs to the commands' JSON
