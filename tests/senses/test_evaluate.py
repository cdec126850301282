"""The evaluation command: right figures from labelled rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from click.testing import CliRunner

from bot.senses.evaluate import main


def run(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert isinstance(found, dict)
    return found


def test_a_signal_is_measured_on_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "text,lang\nHow do I export my data today?,en\nWie geht das mit dem Export?,de\nGuten Morgen zusammen,en\n", "utf-8"
    )

    found = run("language", "--data", str(path), "--label", "lang")

    assert (found["n"], found["accuracy"]) == (3, 0.6667)


def test_replies_are_measured_on_gzipped_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(
            json.dumps({"raw": "Yes.\n\n-- \nOtto", "reply": "Yes."}) + "\n" + json.dumps({"raw": "No", "reply": "Yes"}) + "\n"
        )

    found = run("strip-reply", "--data", str(path), "--text", "raw", "--label", "reply")

    assert (found["n"], found["right"]) == (2, 1)


def test_a_wrong_column_names_those_that_exist(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("body,kind\nx,y\n", "utf-8")

    result = CliRunner().invoke(main, ["issue_type", "--data", str(path)])

    assert result.exit_code == 2
    assert "body, kind" in result.output
