"""Broken configurations and rule files: `check` names file, line and the way out, and nothing starts half-configured."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import ConfigInvalid
from bot.runtime.preflight import find_problems, require_whole
from tests.harness.bench_in_memory import fast_config
from tests.harness.desk_in_memory import Desk
from tests.harness.processes import free_port

pytestmark = pytest.mark.both_storages

BROKEN = Path(__file__).parents[1] / "fixtures" / "broken"

# folder -> where the problem is, and the words that tell what to do
SAID = {
    "credentials_of_another_provider": ("config.yaml:8:", "zendesk wants email and token"),
    "directory_file_missing": ("config.yaml:11:", "companies.csv: no such file (paths start at"),
    "helpdesk_over_http": ("config.yaml:7:5: accounts[0].address:", "in the clear: write https://"),
    "model_on_a_private_address": ("config.yaml:12:", "write allow_private: true if"),
    "model_over_http": ("config.yaml:12:11: drafts.model.base_url:", "in the clear: write https://"),
    "no_marker_key": ("config.yaml:1:", "marker_key: this setting is missing (config.example.yaml explains"),
    "private_address": ("config.yaml:5:", "write allow_private: true if it is meant"),
    "python_object": ("config.yaml:3:", "tags (!...) are not used here"),
    "rule_broken_pattern": ("rules.yaml:4:", "not a regular expression: missing )"),
    "rule_file_missing": ("config.yaml:10:", "rulez.yaml: no such file (paths start at"),
    "rule_id_twice": ("rules.yaml:7:", "this id is taken by the rule at rules.yaml:2"),
    "rule_loop_of_anchors": ("rules.yaml:4:", "anchors and aliases are not used here"),
    "rule_unknown_action": ("rules.yaml:6:", "did you mean add_tags?"),
    "rule_unknown_field": ("rules.yaml:4:", "company.tire: no such field, did you mean company.tier?"),
    "rule_unknown_operator": ("rules.yaml:4:", "has_some: no such operator, did you mean has"),
    "rule_without_then": ("rules.yaml:2:", "wanted `then:` with a list of actions"),
    "rule_wrong_option": ("rules.yaml:6:", "hihg: no such value, did you mean high?"),
    "secret_file_missing": ("config.yaml:9:", "create it, readable by this user only"),
    "secret_not_in_environment": ("config.yaml:8:", "no DESKHAND_NO_SUCH_TOKEN (set it, or write `file:PATH` here)"),
    "setting_twice": ("config.yaml:11:", 'duplicate key "workers"'),
    "tab_in_yaml": ("config.yaml:6:", "indent with spaces: here is a tab"),
    "two_accounts_of_one_name": ("config.yaml:4:", "give each a name of its own"),
    "unknown_pack": ("config.yaml:10:", "no such pack, did you mean pack:priority?"),
    "unknown_provider": ("config.yaml:6:", "wanted one of zendesk, intercom, freshdesk"),
    "unknown_setting": ("config.yaml:3:", "wokers: no such setting, did you mean workers?"),
    "wrong_type": ("config.yaml:3:", "workers: wanted a whole number"),
}
STARTS = (["up"], ["serve"], ["work"], ["work", "--ticker"])


def test_every_broken_configuration_is_tried() -> None:
    assert set(SAID) == {each.name for each in BROKEN.iterdir()}
    assert len(SAID) >= 10


@pytest.mark.parametrize("name", SAID)
def test_check_names_file_line_and_the_way_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESKHAND_NO_SUCH_TOKEN", raising=False)
    place, words = SAID[name]

    result = CliRunner().invoke(main, ["check", "--config", str(BROKEN / name / "config.yaml")], catch_exceptions=False)

    [line] = [each for each in result.stderr.splitlines() if place in each and "warning:" not in each]
    assert words in line
    assert result.stderr.endswith("1 problem\n")
    assert result.exit_code == 1


@pytest.mark.parametrize("arguments", STARTS, ids=" ".join)
@pytest.mark.parametrize(
    "name", ["unknown_setting", "rule_unknown_field", "directory_file_missing", "model_on_a_private_address"]
)
def test_nothing_starts_half_configured(tmp_path: Path, name: str, arguments: list[str]) -> None:
    folder = shutil.copytree(BROKEN / name, tmp_path / "broken")
    port = free_port()
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"server: {{port: {port}}}\n")
    before = sorted(folder.iterdir())

    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments, "--config", str(folder / "config.yaml")],
        cwd=Path(__file__).parents[2], env=_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert SAID[name][1] in ended.stderr
    assert sorted(folder.iterdir()) == before  # no database, half made or whole
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}


def test_all_files_that_are_not_there_are_told_where_they_are_named(tmp_path: Path) -> None:
    config = fast_config(tmp_path, Desk(), rules=["pack:priorty"], directory={"files": ["nobody.csv"]})
    config.path.write_text("rules: [pack:priorty]\ndirectory: {files: [nobody.csv]}\n", encoding="utf-8")

    found = find_problems(config)

    assert [(each.line, each.path) for each in found] == [(1, "rules[0]"), (2, "directory.files[0]")]
    with pytest.raises(ConfigInvalid, match="did you mean pack:priority"):
        require_whole(config)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"queue": "redis://cache.example.com:6379/0"}, "queue: the address looks public"),
        ({"queue": "redis://:word@203.0.113.9.example.com/0"}, "queue: the address looks public"),
        ({"queue": "rediss://cache.example.com:6379/0"}, ""),
        ({"queue": "redis://redis:6379/0"}, ""),
        ({"queue": "unix:///run/redis.sock"}, ""),
        ({"database": "postgresql+psycopg://u:word@db.example.com/deskhand"}, "database: the address looks public"),
        ({"database": "postgresql+psycopg://u:word@db.example.com/deskhand?sslmode=verify-full"}, ""),
        ({"database": "postgresql+psycopg://u:word@10.0.0.7/deskhand"}, ""),
    ],
)  # fmt: skip
def test_a_queue_or_database_that_looks_public_and_unencrypted_is_a_warning(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    config = fast_config(tmp_path, Desk())
    object.__setattr__(config, "settings", config.settings.model_copy(update=settings))
    config.path.write_text("\n".join(f"{name}: {value}" for name, value in settings.items()) or "{}", encoding="utf-8")

    found = [each for each in find_problems(config) if "in a network of your own" in each.hint]

    assert [each.message.startswith(told) for each in found] == ([True] if told else [])
    assert not any("word" in str(each) for each in found)
    require_whole(config)
