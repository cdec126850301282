"""What the demo is made of: a configuration that Deskhand accepts, a readable table, and tests that may not be skipped."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config import load
from bot.directory import Directory
from sandbox.stories.config import write_config
from sandbox.stories.table import COLUMNS, table

ROOT = Path(__file__).parents[2]
NOW = datetime(2031, 5, 5, tzinfo=UTC)
ADDRESSES = {name: f"http://127.0.0.1:{port}" for name, port in (("zendesk", 1), ("intercom", 2), ("freshdesk", 3))}


def test_configuration_of_the_demo_is_accepted(tmp_path: Path) -> None:
    path = write_config(tmp_path / "new", ADDRESSES, 8080, NOW, model="http://127.0.0.1:4/v1", flow={"rest_s": 1.0})

    settings = load(path, {}).settings

    assert [account.name for account in settings.accounts] == list(ADDRESSES)
    assert {account.mode for account in settings.accounts} == {"live"}
    assert settings.drafts.model is not None and settings.drafts.model.name == "scripted"
    assert settings.flow.rest_s == 1.0


def test_configuration_without_a_model_leaves_drafts_to_the_offline_drafter(tmp_path: Path) -> None:
    settings = load(write_config(tmp_path, ADDRESSES, 8080, NOW), {}).settings

    assert settings.drafts.model is None


def test_renewals_of_the_demo_lie_ahead_whenever_it_is_played(tmp_path: Path) -> None:
    path = write_config(tmp_path, ADDRESSES, 8080, NOW)

    rows = [line.split(",") for line in (path.parent / "companies.csv").read_text(encoding="utf-8").splitlines()[1:]]

    assert rows
    assert all(datetime.fromisoformat(day).replace(tzinfo=UTC) > NOW + timedelta(days=30) for _, day in rows)
    Directory.load([path.parent / "companies.csv"])


def test_table_is_as_wide_as_its_cells_and_cuts_what_is_too_long() -> None:
    row = ["x" * 60, *["-"] * (len(COLUMNS) - 1)]

    lines = table([row]).splitlines()

    assert lines[0].startswith("story" + " " * 39 + "  priority")
    assert lines[2].startswith("x" * 43 + "…")


def test_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_lazy.py").write_text("import pytest\n\n\ndef test_lazy():\n    pytest.skip('tired')\n", encoding="utf-8")

    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "scripts.no_skips",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "test_lazy.py::test_lazy" in ended.stdout


def test_a_run_without_skips_passes(tmp_path: Path) -> None:
    (tmp_path / "test_busy.py").write_text("def test_busy():\n    assert True\n", encoding="utf-8")

    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "scripts.no_skips",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 0
