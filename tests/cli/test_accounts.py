"""`deskhand accounts`: what the database knows of helpdesks, and a new name or address for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.store.database.engine import make_engine, reading
from bot.store.helpdesks import account_identity
from tests.cli.conftest import Run
from tests.harness.deskhand import NINA, deskhand


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """The folder of a Deskhand that has worked on one ticket at Zendesk."""
    with deskhand(tmp_path, "zendesk") as run:
        run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        run.settle()
    return tmp_path


def test_accounts_are_listed_with_what_they_point_to(deskhand_command: Run, known: Path) -> None:
    told = json.loads(deskhand_command("accounts", "list").stdout)

    assert (told["account"], told["configured"], told["mode"], told["former"]) == ("zendesk", True, "live", [])
    assert told["identity"].startswith("zendesk:127.0.0.1:")


def test_an_account_that_nobody_knows_cannot_be_renamed(deskhand_command: Run, known: Path) -> None:
    assert "has no such account" in deskhand_command("accounts", "rename", "zendesk", "elsewhere").stderr
    assert "knows no such account" in deskhand_command("accounts", "rename", "elsewhere", "zendesk").stderr


def test_a_helpdesk_at_a_new_address_is_refused_until_it_is_said(deskhand_command: Run, known: Path) -> None:
    file = known / "config.yaml"
    file.write_text(file.read_text().replace("127.0.0.1", "localhost"))

    refused = deskhand_command("up")
    assert refused.exit_code == 2
    assert "run `deskhand accounts moved zendesk`" in refused.stderr

    assert deskhand_command("accounts", "moved", "zendesk").exit_code == 0
    with reading(make_engine(f"sqlite:///{known / 'deskhand.sqlite3'}")) as connection:
        identities, former = account_identity.identities(connection), account_identity.former(connection, "zendesk")
    assert identities["zendesk"].startswith("zendesk:localhost:")
    assert former[0].startswith("zendesk:127.0.0.1:")
