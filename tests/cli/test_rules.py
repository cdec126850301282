"""`deskhand rules`: what is told of a change and of a rule that is stopped. The whole way: tests/rulesets/test_versions.py."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import rules as commands
from bot.config import load
from bot.process.clock import utc_now
from bot.rulesets.versions import Changes
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from bot.store.rules.rule_firings import Stop
from rules.files.sources import Source
from rules.loading.load import load_rules
from tests.cli.test_check import in_order
from tests.cli.test_dry_run import RULES

[RULE] = load_rules([Source("rules.yaml", RULES)]).rules


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with one rule, and a database in which no version was taken up."""
    path = in_order(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + "rules: [rules.yaml]\n", encoding="utf-8")
    migrate(make_engine(load(path, {}).database_url))
    return path


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(commands.rules, [*arguments, "--config", str(config)], catch_exceptions=False)


def test_before_the_first_version_the_files_count(config: Path) -> None:
    listed, versions, diff = run(config, "list"), run(config, "versions"), run(config, "diff")

    assert json.loads(listed.stdout)["id"] == "down"
    assert "no version was taken up: the files count" in listed.stderr
    assert (versions.stdout, "no version yet" in versions.stderr) == ("", True)
    assert "+  - id: down" in diff.stdout


def test_a_version_that_never_ran_has_no_lines_to_compare(config: Path) -> None:
    result = run(config, "diff", "7")

    assert result.exit_code == 1
    assert "there is no version 7 that ever ran" in result.stderr


def stop(**fields: object) -> Stop:
    return Stop(**{"rule": "down", "semantic_hash": "", "stopped_at": utc_now(), "author": "ada", "reason": "ran", **fields})  # type: ignore[arg-type]


def test_a_stop_says_how_it_ends() -> None:
    hour = timedelta(hours=1)
    by_hand, resting, over = stop(), stop(until=utc_now() + hour), stop(until=utc_now() - hour)

    assert commands._off(RULE, by_hand)["switched_off"]["ends"] == "deskhand rules enable down"
    assert list(commands._off(RULE, resting)) == ["rests"]
    assert list(commands._off(RULE, over)) == ["rested"]


def test_a_stop_of_a_rule_as_it_was_before_it_was_mended_says_nothing() -> None:
    assert commands._off(RULE, stop(semantic_hash="of before")) == {}
    assert commands._off(RULE, stop(semantic_hash=RULE.semantic_hash)) != {}
    assert commands._off(RULE, None) == {}


def test_changes_are_told_in_words() -> None:
    changes = Changes(added=("a", "b"), removed=(), changed=("c",), stages=(("d", "draft", "live"),))

    assert commands._in_words(changes) == "2 added, 1 changed, d draft > live"
    assert commands._in_words(Changes()) == "no rule means anything else"


def test_a_container_without_a_user_of_a_name_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("uid 4711")

    monkeypatch.setattr(getpass, "getuser", fail)

    assert (commands._who(""), commands._who("ada")) == ("nobody", "ada")


def test_the_schema_completes_the_issues_of_the_configured_rules(config: Path) -> None:
    shop = Path(__file__).parents[2] / "docs" / "own_issues" / "shop.yaml"
    bare = CliRunner().invoke(commands.rules, ["schema", "--config", str(config)], catch_exceptions=False)
    (config.parent / "rules.yaml").write_text(shop.read_text(encoding="utf-8"), encoding="utf-8")

    own = CliRunner().invoke(commands.rules, ["schema", "--config", str(config)], catch_exceptions=False)

    assert "checkout.coupon" in own.stdout
    assert "checkout.coupon" not in bare.stdout
