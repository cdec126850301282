"""F113: secrets in logs, errors, reprs or process lists: none, after a whole story and every command.

How it is played and looked through: scripts/leakcheck.py, which is R14 for all three helpdesks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.group import main as commands
from scripts.leakcheck import CUSTOMERS, MODEL_KEY, WORDS, Looked, look, names, secrets_of


@pytest.mark.timeout(600)
def test_F113_nothing_planted_comes_out(tmp_path: Path) -> None:
    looked = look("freshdesk", tmp_path)

    assert looked.leaks == []
    assert looked.places > 100


def test_F113_every_command_is_known_by_name() -> None:
    assert {"check", "doctor", "dead list", "runs", *WORDS} <= set(names(commands))


def test_F113_a_leak_is_found_and_not_repeated() -> None:
    looked = Looked()

    looked.at("a log", f"calling with {MODEL_KEY.upper()}", (*secrets_of("zendesk"), *CUSTOMERS))

    assert looked.leaks == ["a log: sk-c… (26 characters)"]
