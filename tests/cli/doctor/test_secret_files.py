"""Files with secrets that others on the machine may read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.doctor.secret_files import _is_secret, open_to_all
from bot.config import load
from sandbox.stories.config import write_config


def test_a_configuration_with_secrets_is_told_while_everybody_may_read_it(tmp_path: Path) -> None:
    path = write_config(tmp_path, {"zendesk": "https://acme.example"}, 0, datetime(2026, 11, 21, tzinfo=UTC))
    config = load(path, {})
    path.chmod(0o644)

    assert open_to_all(config) == [path]
    path.chmod(0o640)
    assert open_to_all(config) == []


def test_a_file_that_is_named_for_a_secret_is_told_beside_the_configuration(tmp_path: Path) -> None:
    path = write_config(tmp_path, {"zendesk": "https://acme.example"}, 0, datetime(2026, 11, 21, tzinfo=UTC))
    (tmp_path / "token").write_text("sandbox-zendesk-token", encoding="utf-8")
    path.write_text(
        path.read_text(encoding="utf-8").replace("token: sandbox-zendesk-token", "token: file:token"), encoding="utf-8"
    )
    config = load(path, {})
    for each in (path, tmp_path / "token"):
        each.chmod(0o644)

    assert set(open_to_all(config)) == {path, tmp_path / "token"}
    (tmp_path / "token").unlink()
    assert open_to_all(config) == [path]


@pytest.mark.parametrize(
    ("name", "value", "is_one"),
    [
        ("token", "abc", True),
        ("token", "${TOKEN}", False),
        ("name", "abc", False),
        ("database", "postgresql://d:pw@h/x", True),
        ("database", "postgresql://h/x", False),
        ("queue", "embedded", False),
    ],
)
def test_a_secret_is_known_by_its_name_and_a_url_by_its_password(name: str, value: str, is_one: bool) -> None:
    assert _is_secret(name, value) is is_one
