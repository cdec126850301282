"""`check` and `test`: all problems at once, each with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.cli.check import find_problems
from sandbox.stories.config import write_config
from tests.cli.conftest import Run, printed
from tests.cli.test_dry_run import RULES

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
    assert "config.yaml: not there, so the packs that come with Deskhand are tested" in result.stderr
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


def test_what_a_start_would_refuse_is_found_without_one(tmp_path: Path) -> None:
    assert find_problems(in_order(tmp_path)) == []
    (tmp_path / "config.yaml").write_text("marker_kye: x\n", encoding="utf-8")

    assert any("did you mean marker_key?" in str(each) for each in find_problems(tmp_path / "config.yaml"))
