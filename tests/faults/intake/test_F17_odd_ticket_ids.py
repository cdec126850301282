"""F17: a ticket id that is a text, a float, a list or a path."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.receiver_setup import door, each_helpdesk, with_ticket

ODD = [
    "-1",
    "1.5",
    "[1]",
    '{"a": 1}',
    "true",
    "null",
    '""',
    '"0"',
    '"../1"',
    '"1?x="',
    '"1/comments"',
    '"1%2F2"',
    '"1 2"',
    '"1\\n2"',
]
ODD += ['"１"', '"a"', '"' + "1" * 65 + '"', '"1#"', '"1;drop"', '" 1"', '"\\u0000"', '"1e3"', "1e3"]


@each_helpdesk
def test_F17_is_refused_or_made_a_plain_id(tmp_path: Path, provider: str) -> None:
    """What is kept could stand in a path as it is."""
    with door(tmp_path, provider) as found:
        answers = {each: found.knock(with_ticket(provider, found.delivery(), each)).status_code for each in ODD}

        assert set(answers.values()) <= {202, 400}, answers
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", each or "") for each in found.tickets())
        refused = ['"../1"', '"1?x="', '"1/comments"', '"1%2F2"', "[1]", '{"a": 1}', "true", "null", '"1 2"', '"１"']
        assert [each for each in refused if answers[each] != 400] == []


@each_helpdesk
def test_F17_a_number_and_its_digits_are_the_same_ticket(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answers = [found.knock(with_ticket(provider, found.delivery(), each)).status_code for each in ("4242", '"4242"')]

        assert answers == [202, 202]
        assert found.tickets() == ["4242", "4242"]
