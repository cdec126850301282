"""Secrets come from elsewhere, and stand in no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigInvalid, load
from bot.config.secrets import Source, fill_secrets
from rules.files.problems import Problem
from tests.config.smallest_config import SMALLEST, problems, read


def test_secrets_come_from_the_environment_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("from-a-file\n", encoding="utf-8")
    text = SMALLEST.replace("tok-4711", "'${TOKEN}'").replace("[sec-4711]", "['file:secret.txt', '${SECOND}']")

    account = read(tmp_path, text, TOKEN="from-the-environment", SECOND="two").settings.account("acme").to_account()

    assert account.credentials["token"] == "from-the-environment"
    assert account.webhook.secrets == ("from-a-file", "two")


def test_missing_secrets_are_named_with_their_places(tmp_path: Path) -> None:
    text = SMALLEST.replace("tok-4711", "'${TOKEN}'").replace("[sec-4711]", "['file:nowhere.txt']")

    assert problems(tmp_path, text) == [
        "config.yaml:7:43: accounts[0].credentials.token: the environment has no TOKEN (set it, or write `file:PATH` here)",
        "config.yaml:8:25: accounts[0].webhook.secrets[0]: the secret's file cannot be read: No such file or directory "
        "(create it, readable by this user only)",
    ]


@pytest.mark.parametrize("named", ["key.bin", r"key\0.bin"])
def test_a_secrets_file_that_holds_no_text_is_named_with_its_place(tmp_path: Path, named: str) -> None:
    (tmp_path / "key.bin").write_bytes(b"\xff\xfe4711")

    assert problems(tmp_path, SMALLEST.replace("tok-4711", f'"file:{named}"')) == [
        "config.yaml:7:43: accounts[0].credentials.token: the secret's file is no UTF-8 text "
        "(write the secret alone into it, as text)"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("token: tok-4711", "token: [tok-4711]"),
        ("[sec-4711]", "{a: sec-4711}"),
        ("credentials: {", "credentials: {5: tok-4711, "),
    ],
)
def test_no_message_repeats_a_secret(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SMALLEST.replace(old, new), encoding="utf-8")
    said = ""

    try:
        said = repr(load(path, {}))
    except ConfigInvalid as error:
        said = str(error)

    assert "4711" not in said


def test_what_looks_like_no_secret_stays_as_it_is(tmp_path: Path) -> None:
    found: list[Problem] = []
    source = Source(tmp_path / "config.yaml", {}, {"TOKEN": "t-1"}, found)

    filled = fill_secrets({"a": ["${TOKEN}", "cost: ${TOKEN} each", 5]}, (), source)

    assert filled == {"a": ["t-1", "cost: ${TOKEN} each", 5]}
    assert found == []
