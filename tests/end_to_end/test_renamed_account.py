"""An account gets another name in config.yaml: nothing is written until a person says so, and no ticket gets a second note."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.ticket import TicketKey
from bot.cli import main
from bot.config import load
from bot.pipeline.claim import run_ticket
from bot.runtime.account_identity import AccountsDiffer, require_known
from bot.runtime.bootstrap import Runtime, make_runtime
from bot.store import accounts
from bot.store.database.engine import reading
from tests.harness.deskhand import NINA, Running, ScriptedDrafter, delivered, deskhand
from tests.harness.receiving import receiving
from webhooks import create_app

PROVIDERS = ("zendesk", "intercom", "freshdesk")


def renamed(run: Running, folder: Path) -> Runtime:
    """Another process' parts, with the account called `support` in the configuration."""
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace(f"name: {run.provider}", "name: support"))
    parts = make_runtime(load(path, {}))
    parts.drafter = ScriptedDrafter()
    return parts


def notes(run: Running, ticket: str) -> int:
    return sum(each.by_bot and not each.is_public for each in run.view(ticket).messages)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_renamed_account_writes_nothing_until_it_is_told_and_then_no_second_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()
        before = notes(run, ticket)
        parts = renamed(run, tmp_path)
        key = TicketKey("support", run.key(ticket).kind, ticket)
        if provider != "intercom":  # whose address tells nothing
            with pytest.raises(AccountsDiffer, match=f"deskhand accounts rename {provider} support"):
                require_known(parts.engine, parts.settings)

        told = CliRunner().invoke(main, ["accounts", "rename", provider, "support", "--config", str(tmp_path / "config.yaml")])
        assert told.exit_code == 0, told.stderr
        require_known(parts.engine, parts.settings)
        with receiving(create_app(parts.config, parts.engine)) as receiver:
            run.desk.webhooks.target = f"{receiver}/webhooks/support"
            run.desk.agent_update(ticket, agent="anna.agent@example.com", tags_add=["seen"])
            delivered(run.desk)
            while run_ticket(key, parts):
                pass
        parts.engine.dispose()

        assert before == 1
        assert notes(run, ticket) == 1


def test_a_workspace_under_another_name_is_held(tmp_path: Path) -> None:
    """At Intercom the address tells nothing: the first call asks for the workspace, and holds the account."""
    with deskhand(tmp_path, "intercom", flow={"first_sight_s": 0.0}) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()
        parts = renamed(run, tmp_path)
        with receiving(create_app(parts.config, parts.engine)) as receiver:
            run.desk.webhooks.target = f"{receiver}/webhooks/support"
            run.desk.customer_reply(ticket, body="Still down.")
            delivered(run.desk)
            run_ticket(TicketKey("support", run.key(ticket).kind, ticket), parts)
        with reading(parts.engine) as connection:
            held = accounts.state(connection, "support").held_reason
        parts.engine.dispose()

        assert "is known here as `intercom`" in held
        assert notes(run, ticket) == 1
