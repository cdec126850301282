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
        ("{", "t.jsonl:1:2: not JSON"),
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


def _wrong(tmp_path: Path, data: bytes) -> list[str]:
    file = tmp_path / "t.jsonl"
    file.write_bytes(data)
    with pytest.raises(LabelsInvalid) as caught:
        labelled_tickets(file)
    return str(caught.value).splitlines()


def _lines(*gold: object, **more: object) -> bytes:
    rows = [{"id": f"x{number}", "subject": "s", "body": "b", "gold": each, **more} for number, each in enumerate(gold)]
    return "\n".join(map(json.dumps, rows)).encode()


@pytest.mark.parametrize(
    ("gold", "told"),
    [
        ({"type": "bug", "type_also": 5}, 'gold.type_also: wanted a list, such as ["bug"], or [] for none, found a number'),
        ({"type": "bug", "type_also": None}, "gold.type_also: wanted a list"),
        ({"type": "bug", "type_also": "outage"}, "gold.type_also: wanted a list"),
        ({"type_also": ["outage"]}, "gold.type_also: there is no type beside it"),
        ({"type": "bugg"}, "gold.type: bugg: no such word, did you mean bug?"),
        ({"type": None}, "gold.type: wanted one of bug, "),
        ({"severity": "sev1"}, "gold.severity: sev1: no such word"),
        ({"severity": 1}, "gold.severity: wanted one of p1, p2, p3, p4, found a number; leave out"),
        ({"severity": "p1", "severity_also": [2]}, "gold.severity_also: wanted one of p1, "),
        ({"priority": "P1"}, "gold.priority: P1: no such word, there are low, normal, high, urgent"),
        ({"team": "tier2"}, "gold.team: tier2: no such word"),
        ({"wishes": "cancel"}, 'gold.wishes: wanted a list, such as ["cancel"], or [] for none, found text'),
        ({"wishes": ["cancle"]}, "gold.wishes: cancle: no such word, did you mean cancel?"),
        ({"wishes": {"cancel": True}}, "gold.wishes: wanted a list"),
        ({"sentiment": "anger"}, "gold.sentiment: anger: no such word, did you mean angry?"),
        ({"is_machine": "no"}, "gold.is_machine: wanted true or false, without quotes, found text"),
        ({"is_spam": 0}, "gold.is_spam: wanted true or false"),
        ({"own": 4}, "gold.own: wanted a name, or null where it is none"),
        ({"issue": "billing.refund.request"}, "gold.issue: wanted a list of paths"),
        ({"issue": ["Refund!"]}, "gold.issue: wanted a list of paths"),
        ({"sevrity": "p1"}, "gold.sevrity: no such label, did you mean severity?"),
    ],
)
def test_a_label_that_would_be_misread_is_told_with_its_line(tmp_path: Path, gold: object, told: str) -> None:
    (found,) = _wrong(tmp_path, _lines({}, gold))

    assert found.startswith(f"t.jsonl:2: {told}")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"id": None}, "t.jsonl:1: id: wanted text or a number, found null"),
        ({"lang": 3}, "t.jsonl:1: lang: wanted text, such as en, found a number"),
        ({"tier": "gold"}, "t.jsonl:1: tier: gold: no such word"),
        ({"teir": "standard"}, "t.jsonl:1: teir: no such key, did you mean tier?"),
    ],
)
def test_what_stands_beside_the_labels_is_looked_at_too(tmp_path: Path, more: dict[str, object], told: str) -> None:
    assert _wrong(tmp_path, _lines({}, **more))[0].startswith(told)


def test_a_team_may_be_named_as_the_rules_name_it(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(_lines({"team": "Tier 2", "team_also": ["technical"]}))

    (found,) = labelled_tickets(path, ["Tier 2", "Billing desk"])

    assert found.right("team") == {"Tier 2", "technical"}
    path.write_bytes(_lines({"team": "Biling desk"}))
    with pytest.raises(LabelsInvalid, match="Biling desk: no such word, did you mean Billing desk"):
        labelled_tickets(path, ["Tier 2", "Billing desk"])


def test_an_id_counts_once(tmp_path: Path) -> None:
    assert _wrong(tmp_path, _lines({}, {}, id="7")) == [
        "t.jsonl:2: id: 7 is there twice, first in line 1: give each ticket its own"
    ]


def test_all_problems_come_at_once_and_not_without_end(tmp_path: Path) -> None:
    found = _wrong(tmp_path, _lines(*[{"type": "x"}] * 30))

    assert found[19].startswith("t.jsonl:20: ")
    assert found[20:] == ["and 10 more"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "t.jsonl:1: no ticket in it: write an object a line"),
        (b"\n \n", "t.jsonl:1: no ticket in it"),
        (_lines({}) + b'\n{"body": "\xe4"}', "t.jsonl:2:11: not UTF-8: the byte 0xE4 (save the file as UTF-8)"),
        (_lines({}).decode().encode("utf-16"), "t.jsonl:1:1: UTF-16 or UTF-32, wanted UTF-8"),
        (_lines({}) + b"\n" + b"[" * 100_000, "t.jsonl:2:1: JSON that is not taken: nested deeper than 64"),
        (_lines({}) + b'\n{"id": ' + b"1" * 5_000 + b"}", "t.jsonl:2:1: JSON that is not taken: a number of more"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_the_way_out(tmp_path: Path, data: bytes, told: str) -> None:
    (found,) = _wrong(tmp_path, data)

    assert found.startswith(told)


def test_hidden_line_breaks_stand_in_texts_and_a_byte_order_mark_before_the_first(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    row = {**ROW, "body": "one\u2028two\x85three"}
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(row, ensure_ascii=False).encode() + b"\r\n")

    assert [each.body for each in labelled_tickets(file)] == ["one\u2028two\x85three"]


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[1] / "senses" / "first_day").glob("*.jsonl")), ids=lambda file: file.stem
)
def test_our_own_labels_are_all_words_of_theirs(file: Path) -> None:
    assert labelled_tickets(file)
