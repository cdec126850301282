"""Reading `config.yaml`: where it lies, what starts there, and what to do where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.ticket import Provider
from bot.config import ConfigInvalid, config_path, load, loading
from tests.config.smallest_config import SMALLEST, problems, read


def test_the_smallest_configuration_starts_in_shadow(tmp_path: Path) -> None:
    config = read(tmp_path)

    account = config.settings.account("acme")
    assert (account.mode, account.provider, config.settings.queue) == ("shadow", Provider.ZENDESK, "embedded")
    assert config.database_url == f"sqlite:///{tmp_path}/var/deskhand.sqlite3"


@pytest.mark.parametrize("text", ["", "- a list\n", "just words\n"])
def test_a_file_that_holds_no_settings_says_how_to_start(tmp_path: Path, text: str) -> None:
    [problem] = problems(tmp_path, text)

    assert "copy config.example.yaml to config.yaml" in problem


def test_a_missing_file_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"copy config\.example\.yaml to config\.yaml"):
        load(tmp_path / "nowhere.yaml", {})


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    config = read(tmp_path)

    assert config.resolve("rules/vip.yaml") == tmp_path / "rules" / "vip.yaml"
    assert config.data_dir == tmp_path / "var"


def test_another_database_is_left_as_it_is_written(tmp_path: Path) -> None:
    config = read(tmp_path, SMALLEST + "database: postgresql://deskhand@db.example/deskhand\n")

    assert config.database_url == "postgresql://deskhand@db.example/deskhand"
    assert config.data_dir == tmp_path / "var"


def test_a_process_without_arguments_reads_where_its_environment_points() -> None:
    assert config_path({"DESKHAND_CONFIG": "/etc/deskhand.yaml"}) == Path("/etc/deskhand.yaml")
    assert config_path({}) == Path("config.yaml")


def test_a_run_folder_is_where_small_files_go(tmp_path: Path) -> None:
    config = read(tmp_path, SMALLEST + "run_folder: run\n")

    assert loading.Config(settings=config.settings, path=config.path).data_dir == tmp_path / "run"
