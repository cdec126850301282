"""Logs, code, consoles and tables."""

from __future__ import annotations

import pytest

from bot.senses.reading.lines import to_lines
from bot.senses.reading.parts import Role
from bot.senses.reading.technical import looks_like_code, mark_technical
from tests.senses.reading.samples import reading_of

LOG = "2026-03-02 10:00:00 INFO a\n2026-03-02 10:00:01 ERROR b\n    at x.y.Z(z.java:1)\n2026-03-02 10:00:02 INFO c"


def roles(text: str) -> set[Role | None]:
    lines = to_lines(text)
    mark_technical(lines)
    return {line.role for line in lines if line.plain}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        (LOG, Role.LOG),
        ("220 mx ready\nMAIL FROM:<a@b.c>\n250 2.1.0 Ok", Role.LOG),
        ("| a | b |\n|---|---|\n| 1 | 2 |", Role.TABLE),
        ("May | 1 | 2\nJune | 3 | 4", Role.TABLE),
        ("```\nanything at all\n```", Role.CODE),
        ("SELECT 1;\n--\nDROP TABLE x;", Role.CODE),
        ("npm install tool\nnpm ERR! code E403", Role.CODE),
    ],
)
def test_blocks_of_programs(text: str, role: Role) -> None:
    assert roles(text) == {role}


@pytest.mark.parametrize(
    "text",
    [
        "the colour;\nthe size;\nthe price;",
        "EVERYTHING IS BROKEN\nEXPORT AS WELL",
        "For the invoice (12)\nif it is possible (today)",
        "```\na fence that nobody closes",
        "ERROR 42: all data is gone",
        "| one line alone |",
    ],
)
def test_what_people_write_is_none(text: str) -> None:
    assert roles(text) == {None}


def test_detectors_read_no_log_and_rules_do() -> None:
    reading = reading_of(f"It fails:\n{LOG}")

    assert "ERROR b" in reading.own
    assert reading.spoken == "It fails:"


def test_a_console_line_by_its_sign() -> None:
    assert looks_like_code("$ tool run")
    assert not looks_like_code("$ 500 were charged twice") or looks_like_code("$ 500")
