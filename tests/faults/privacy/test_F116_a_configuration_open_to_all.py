"""F116: a configuration with secrets that everybody may read: the doctor says so and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.doctor.secret_files import open_to_all
from bot.cli.group import main
from bot.config import load

ACCOUNT = """
accounts:
  - name: desk
    provider: intercom
    address: http://127.0.0.1:9
    allow_private: true
    credentials: {token: %s}
    webhook: {secrets: [%s]}
"""
FROM_ENV = "marker_key: ${KEY}\n" + ACCOUNT % ('"${TOKEN}"', '"${SECRET}"') + "rules: []\n"
ENVIRON = {"KEY": "k" * 32, "TOKEN": "t", "SECRET": "s", "URL": "postgresql://deskhand:pw@127.0.0.1:1/x"}


def config_at(folder: Path, text: str, mode: int) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("mode", "is_open"), [(0o644, True), (0o604, True), (0o640, False), (0o600, False)])
def test_F116_a_secret_in_the_file_itself(tmp_path: Path, mode: int, is_open: bool) -> None:
    path = config_at(tmp_path, FROM_ENV.replace('"${TOKEN}"', "a-token"), mode)

    assert open_to_all(load(path, ENVIRON)) == ([path] if is_open else [])


@pytest.mark.parametrize(
    "line",
    [
        "marker_key: a-key-of-some-length",
        'marker_key: "${KEY}"\ndatabase: postgresql://deskhand:pw@127.0.0.1:1/x',
        'marker_key: "${KEY}"\nqueue: redis://:pw@127.0.0.1:1/0',
        'marker_key: "${KEY}"\ndrafts: {model: {base_url: "https://m.example.com/v1", name: m, api_key: sk-x}}',
    ],
)
def test_F116_every_kind_of_secret_counts(tmp_path: Path, line: str) -> None:
    path = config_at(tmp_path, FROM_ENV.replace("marker_key: ${KEY}", line), 0o644)

    assert open_to_all(load(path, ENVIRON)) == [path]


def test_F116_names_of_secrets_are_no_secrets(tmp_path: Path) -> None:
    path = config_at(tmp_path, FROM_ENV, 0o644)

    assert open_to_all(load(path, ENVIRON)) == []


@pytest.mark.parametrize(("mode", "is_open"), [(0o644, True), (0o600, False)])
def test_F116_a_file_that_the_configuration_names(tmp_path: Path, mode: int, is_open: bool) -> None:
    secret = tmp_path / "token.txt"
    secret.write_text("a-token\n", encoding="utf-8")
    secret.chmod(mode)
    path = config_at(tmp_path, FROM_ENV.replace('"${TOKEN}"', "file:token.txt"), 0o644)

    assert open_to_all(load(path, ENVIRON)) == ([secret] if is_open else [])


def test_F116_the_doctor_warns_without_showing_it(tmp_path: Path) -> None:
    path = config_at(tmp_path, FROM_ENV.replace('"${TOKEN}"', "canary-token"), 0o644)

    shown = CliRunner().invoke(main, ["doctor", "--config", str(path)], env=ENVIRON)
    told = CliRunner().invoke(main, ["doctor", "--json", "--config", str(path)], env=ENVIRON)

    assert f"see file {path}: holds secrets, and every user here may read it: chmod o-r" in shown.output
    [finding] = [each for each in json.loads(told.stdout)["findings"] if each["what"] == f"file {path}"]
    assert (finding["ok"], finding["warning"]) == (True, True)
    assert "canary-token" not in shown.output + told.output
