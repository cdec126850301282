"""`check` and `test`: all problems at once, each with its place; and `doctor`, well and ill."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import processes
from bot.config import Config, load
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.serve import running as on_loopback
from sandbox.stories.config import SECRETS, write_config
from tests.cli.conftest import Run, printed
from tests.cli.test_dry_run import RULES
from tests.harness.deskhand import DESKS, PROVIDERS, deskhand

FAILING = RULES.replace('- ignores: {ticket: {subject: "Thanks"}}', '- ignores: {ticket: {subject: "It is down"}}')


def in_order(folder: Path) -> Path:
    return write_config(folder, {"zendesk": "https://acme.example"}, 0, datetime(2026, 11, 21, tzinfo=UTC))


def test_a_configuration_in_order_says_so(deskhand_command: Run, tmp_path: Path) -> None:
    in_order(tmp_path)

    result = deskhand_command("check")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "everything is in order" in result.stderr
    assert printed(deskhand_command("check", "--json")) == {"ok": True, "problems": []}


def test_a_missing_configuration_says_where_to_begin(deskhand_command: Run) -> None:
    result = deskhand_command("check")

    assert result.exit_code == 1
    assert "config.yaml" in result.stderr
    assert "copy config.example.yaml to config.yaml" in result.stderr


def test_problems_of_all_files_come_together_with_their_places(deskhand_command: Run, tmp_path: Path) -> None:
    path = in_order(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES.replace("subject:", "subjct:", 1), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + "rules: [rules.yaml]\n", encoding="utf-8")
    (tmp_path / "companies.csv").write_text("domain,teir\nnorthwind.example,enterprise\n", encoding="utf-8")

    found = printed(deskhand_command("check", "--json"))

    assert found["ok"] is False
    assert all(set(each) >= {"file", "line", "column", "path", "message", "hint"} for each in found["problems"])
    assert {Path(each["file"]).name for each in found["problems"]} == {"rules.yaml", "companies.csv"}
    [rule] = [each for each in found["problems"] if each["file"].endswith("rules.yaml")]
    assert rule["line"] == 5
    assert "did you mean subject?" in rule["message"]


def test_check_exits_1_and_repeats_no_secret(deskhand_command: Run, tmp_path: Path) -> None:
    path = in_order(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("token: sandbox-zendesk-token", "token: [sandbox-zendesk-token]"))

    result = deskhand_command("check")

    assert result.exit_code == 1
    assert "credentials.token" in result.stderr
    assert "sandbox-zendesk-token" not in result.stderr


def test_the_shipped_packs_pass_their_own_tests(deskhand_command: Run) -> None:
    result = deskhand_command("test", "--json")

    found = printed(result)
    assert (result.exit_code, found["ok"]) == (0, True)
    assert found["tests"] >= 2 * found["rules"] > 0


def test_rules_that_pass_their_tests_are_ok(deskhand_command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")

    result = deskhand_command("test", "rules.yaml")

    assert result.exit_code == 0
    assert "1 rule, 2 tests: ok" in result.stderr


def test_a_failing_rule_test_names_its_line(deskhand_command: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(FAILING, encoding="utf-8")

    result = deskhand_command("test", "rules.yaml", "--json")

    assert result.exit_code == 1
    [problem] = printed(result)["problems"]
    assert (Path(problem["file"]).name, problem["line"]) == ("rules.yaml", 9)
    assert "should ignore this, but matches" in problem["message"]


def test_rules_that_do_not_load_are_problems_too(deskhand_command: Run, tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text("rules:\n  - id: [", encoding="utf-8")

    result = deskhand_command("test", "one.yaml", "two.yaml", "--json")

    assert result.exit_code == 1
    assert {Path(each["file"]).name for each in printed(result)["problems"]} == {"one.yaml", "two.yaml"}


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


def test_migrate_makes_the_tables_and_may_be_repeated(deskhand_command: Run, tmp_path: Path) -> None:
    in_order(tmp_path)

    results = [deskhand_command("migrate") for _ in range(2)]

    assert [each.exit_code for each in results] == [0, 0]
    assert "the database is at revision 00" in results[0].stderr


@pytest.mark.parametrize("command", [["runs"], ["dead"], ["dead", "list"], ["replay", "x"]])
def test_commands_that_need_the_database_say_what_to_run(deskhand_command: Run, tmp_path: Path, command: list[str]) -> None:
    in_order(tmp_path)

    result = deskhand_command(*command)

    assert result.exit_code == 2
    assert "run `deskhand migrate`" in result.stderr


@pytest.mark.parametrize("command", [["runs"], ["migrate"], ["up"]])
def test_a_database_that_is_none_is_told_with_its_place(deskhand_command: Run, tmp_path: Path, command: list[str]) -> None:
    in_order(tmp_path)
    (tmp_path / "deskhand.sqlite3").write_bytes(b"this is no database" * 100)

    result = deskhand_command(*command)

    assert result.exit_code == 2
    assert "deskhand.sqlite3 cannot be used (DatabaseError)" in result.stderr


def test_a_process_for_each_part_is_started_by_up(tmp_path: Path) -> None:
    config = load(in_order(tmp_path), {})

    assert set(processes._children(config)) == {"receiver", "ticker", "worker-1", "worker-2"}


def write_for(folder: Path, address: str) -> Config:
    return load(write_config(folder, {"zendesk": address}, 0, datetime(2026, 11, 21, tzinfo=UTC)), {})
