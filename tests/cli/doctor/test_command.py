"""`deskhand doctor`: a whole Deskhand is well; what is ill is named without its secrets, and how to mend it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.doctor import command
from bot.cli.doctor.model_checks import look_at_cost, look_at_endpoint
from bot.config import Config, load
from bot.store import accounts
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.serve import running as on_loopback
from sandbox.stories.config import SECRETS, write_config
from tests.cli.conftest import Run, printed
from tests.harness.deskhand import DESKS, PROVIDERS, deskhand

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_doctor_finds_a_whole_deskhand_well(deskhand_command: Run, tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider):
        result = deskhand_command("doctor", "--strict", "--json")

    assert result.exit_code == 0, result.stderr
    found = printed(result)
    assert found["ok"] is True
    assert {each["what"] for each in found["findings"]} >= {"database", "queue", f"account {provider}"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_doctor_finds_a_wrong_token_and_does_not_repeat_it(deskhand_command: Run, tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.parts.helpdesk(run.config.settings.accounts[0]).me()  # who we are is remembered in the database from now on
        text = run.config.path.read_text(encoding="utf-8")
        for right in (f"sandbox-{provider}-token", f"sandbox-{provider}-key"):
            text = text.replace(right, "wrong-token-4711")
        run.config.path.write_text(text, encoding="utf-8")

        result = deskhand_command("doctor")

    assert result.exit_code == 1
    assert f"ILL account {provider}: {provider} at http://" in result.stderr
    assert "wrong-token-4711" not in result.stderr


def test_a_doctor_finds_the_tables_missing_and_says_what_to_run(deskhand_command: Run, tmp_path: Path) -> None:
    with on_loopback(DESKS["zendesk"](secret=SECRETS["zendesk"])) as address:
        write_for(tmp_path, address)

        result = deskhand_command("doctor")

    assert result.exit_code == 1
    assert "ILL database: the database has no tables yet: run `deskhand migrate`" in result.stderr


def test_a_doctor_finds_a_database_that_cannot_be_opened(deskhand_command: Run, tmp_path: Path) -> None:
    with on_loopback(DESKS["zendesk"](secret=SECRETS["zendesk"])) as address:
        config = write_for(tmp_path, address)
        make_engine(config.database_url).dispose()
        (tmp_path / "deskhand.sqlite3").write_bytes(b"this is no database" * 100)

        result = deskhand_command("doctor")

    assert result.exit_code == 1
    assert "ILL database" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_doctor_finds_a_helpdesk_that_is_away(deskhand_command: Run, tmp_path: Path) -> None:
    migrate(make_engine(write_for(tmp_path, "http://127.0.0.1:9").database_url))

    result = deskhand_command("doctor")

    assert result.exit_code == 1
    assert "ILL account zendesk" in result.stderr


def write_for(folder: Path, address: str) -> Config:
    return load(write_config(folder, {"zendesk": address}, 0, datetime(2026, 11, 21, tzinfo=UTC)), {})


def test_an_account_that_is_held_and_what_the_model_cost_are_told(tmp_path: Path) -> None:
    model = {"model": {"base_url": "http://127.0.0.1:9/v1", "name": "m", "daily_tokens": 9, "allow_private": True}}
    config = load(write_config(tmp_path, {"zendesk": "http://127.0.0.1:9"}, 0, NOW, drafts=model), {})
    engine = make_engine(config.database_url)
    migrate(engine)
    with engine.begin() as connection:
        accounts.block(connection, "zendesk", 60, "the credentials were refused")

    database, spent = list(command._look_at_database(config, False)), list(look_at_cost(config))

    assert ("account zendesk", False, "held: the credentials were refused") in [(e.what, e.is_well, e.words) for e in database]
    assert [(each.what, each.is_well) for each in spent] == [("model", True)]
    assert "0 calls today, 0 tokens; ceiling: 9 tokens" in spent[0].words


def test_without_a_model_nothing_is_said_of_one(tmp_path: Path) -> None:
    config = load(write_config(tmp_path, {"zendesk": "http://127.0.0.1:9"}, 0, NOW, drafts={}), {})

    assert [*look_at_cost(config), *look_at_endpoint(config)] == []
