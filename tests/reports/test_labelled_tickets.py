"""Labelled tickets: what a line must hold, and what is said of one that does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.reports.labelled_tickets import LabelsInvalid, labelled_tickets

ROW = {
    "id": "x1",
    "lang": "de",
    "tier": "standard",
    "subject": "s",
    "body": "b",
    "gold": {"type": "bug", "type_also": ["outage"]},
}


def test_a_line_is_a_ticket_with_its_labels(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(json.dumps(ROW) + "\n\n", encoding="utf-8")

    (found,) = labelled_tickets(file)

    assert (found.id, found.language, found.subject, found.body, found.tier) == ("x1", "de", "s", "b", "standard")
    assert found.right("type") == {"bug", "outage"}
    assert found.right("severity") == frozenset()
    assert found.is_of_a_person


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "t.jsonl:1: not JSON"),
        ("[]", "t.jsonl:1: wanted an object"),
        ('{"subject": "s", "body": "b"}', "t.jsonl:1: wanted an object"),
        ('{"gold": {}, "subject": 1}', "t.jsonl:1: wanted text in subject and body"),
    ],
)
def test_what_is_none_is_told_with_its_line(tmp_path: Path, line: str, why: str) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(line, encoding="utf-8")

    with pytest.raises(LabelsInvalid, match=why.replace("[", r"\[")):
        list(labelled_tickets(file))
