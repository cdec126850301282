"""JSON as people hand it in: refused at its line with the way out, and lines end at line feeds alone."""

from __future__ import annotations

import pytest

from rules.files.json_text import json_lines, parse_json
from rules.files.yaml_file import FileInvalid


def test_only_a_line_feed_ends_a_line() -> None:
    data = '\ufeff{"a": "x\u2028y\x85z"}\r\n\n[1]'.encode()

    assert list(json_lines(data, "t")) == [(1, {"a": "x\u2028y\x85z"}), (3, [1])]


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert parse_json(rb'{"\ud800": ["a\udfff", "\ud83d\ude00"]}', "t") == {"\ufffd": ["a\ufffd", "\U0001f600"]}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"1\n{", "t:2:2: not JSON: Expecting property name"),
        (b'1\n"a\xff"', "t:2:3: not UTF-8: the byte 0xFF (save the file as UTF-8)"),
        ("1\n2".encode("utf-16"), "t:1:1: UTF-16 or UTF-32, wanted UTF-8 (save the file as UTF-8)"),
        ("1".encode("utf-16-le"), "t:1:1: UTF-16 or UTF-32"),
        (b"1\n" + b"[" * 100_000, "t:2:1: JSON that is not taken: nested deeper than 64"),
        (b"1\n" + b"9" * 5_000, "t:2:1: JSON that is not taken: a number of more than 40 digits"),
        (b"1\nNaN", "t:2:1: JSON that is not taken: NaN is not JSON"),
        (b'1\n{"a": 1, "a": 2}', "t:2:1: JSON that is not taken: an object names the same key twice"),
    ],
)
def test_what_is_none_is_told_at_its_place(data: bytes, told: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        list(json_lines(data, "t"))

    assert str(caught.value).startswith(told)
