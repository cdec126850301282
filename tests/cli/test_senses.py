"""`deskhand senses eval`: tables and JSON of a small file, and a line that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

ROWS = [
    {
        "id": "1",
        "lang": "en",
        "tier": "standard",
        "subject": "Invoice",
        "body": "Where is my invoice for May?",
        "gold": {"type": "billing", "severity": "p4", "priority": "low", "team": "billing", "wishes": []},
    },
    {
        "id": "2",
        "lang": "de",
        "tier": "standard",
        "subject": "Alles weg",
        "body": "Alle unsere Daten sind seit heute verschwunden.",
        "gold": {"type": "data_loss", "severity": "p1", "priority": "urgent", "team": "engineering", "wishes": []},
    },
]


@pytest.fixture(autouse=True)
def _without_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")


def _run(tmp_path: Path, *more: str, text: str = "") -> tuple[int, str]:
    file = tmp_path / "t.jsonl"
    file.write_text(text or "".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    made = CliRunner().invoke(main, ["senses", "eval", "--data", str(file), *more])
    return made.exit_code, made.output


def test_figures_are_shown_as_tables(tmp_path: Path) -> None:
    code, shown = _run(tmp_path)

    assert code == 0
    assert "issue_type" in shown
    assert "2 tickets." in shown
    assert "issue_type by language" in shown


def test_figures_are_shown_as_json(tmp_path: Path) -> None:
    code, shown = _run(tmp_path, "--json", "--missed")

    tree = json.loads(shown)

    assert code == 0
    assert tree["n"] == 2
    assert tree["figures"]["issue_type"]["share"] == 1.0
    assert tree["figures"]["p1 found"] == {"n": 1, "share": 1.0, "interval": tree["figures"]["p1 found"]["interval"]}
    assert set(tree["by_language"]["issue_type"]) == {"de", "en"}
    assert "missed" in tree


def test_a_wrong_line_is_told_with_its_number(tmp_path: Path) -> None:
    code, shown = _run(tmp_path, text="{}\n")

    assert code == 1
    assert "t.jsonl:1: wanted an object" in shown


def test_reliability_is_shown_as_tables_and_as_json(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    shown, tree = (CliRunner().invoke(main, ["senses", "reliability", "--data", str(file), *more]) for more in ((), ("--json",)))

    assert (shown.exit_code, tree.exit_code) == (0, 0)
    assert "beyond chance" in shown.output
    assert json.loads(tree.output)["severity"]["n"] == 2


def test_reliability_of_a_wrong_line_says_which(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text("{", encoding="utf-8")

    made = CliRunner().invoke(main, ["senses", "reliability", "--data", str(file)])

    assert made.exit_code == 1
    assert "t.jsonl:1:2: not JSON" in made.output


@pytest.mark.parametrize("command", ["eval", "reliability"])
def test_a_file_without_tickets_is_an_error(tmp_path: Path, command: str) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(b"")

    made = CliRunner().invoke(main, ["senses", command, "--data", str(file)])

    assert made.exit_code == 1
    assert "t.jsonl:1: no ticket in it" in made.output
