"""YAML as people write it: read with places, refused with the way out."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from rules.files.sources import PACKS, pack_names
from rules.files.yaml_file import FileInvalid, parse_yaml, place_of, plain


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("a:\n  b: 1\n   c: 2\n", "indented too far"),
        ("a:\n\t- b\n", "spaces"),
        ("{token: ${NAME}}\n", "quotes"),
        ("a: 1\na: 2\n", "leave one"),
        ("a:\n  - b\n c: 1\n", "as its neighbours"),
        ("- a\nb: 1\n", "as its neighbours"),
        ("a: 'it's'\n", "other quotes"),
        ("a: 'open\nb: 2\n", "not closed"),
        ("a: b\n---\nc: d\n", "leave out"),
        ("a: b\u2028c\n", "delete it"),
    ],
)
def test_what_is_no_yaml_is_told_with_the_likely_way_out(text: str, way_out: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        parse_yaml(text, "r.yaml")

    assert way_out in caught.value.problem.hint


def test_a_place_is_the_same_whatever_stands_before_it_in_the_line_or_in_the_lines_above() -> None:
    text = "# über\r\na: {b: [ä, {c: 1}]}\r\n\r\nd:\r\n  - 'e f'\r\n  - g: on\r\n"
    tree = parse_yaml(text, "r.yaml")

    assert plain(tree) == {"a": {"b": ["ä", {"c": 1}]}, "d": ["e f", {"g": "on"}]}
    assert place_of(tree, ("a", "b", 1, "c")) == (2, 13)
    assert place_of(tree, ("d", 1, "g")) == (6, 5)
    with pytest.raises(FileInvalid) as caught:
        parse_yaml("a: ä\u2028c\nb: 1\nä: \x85\n", "r.yaml")
    assert (caught.value.problem.line, caught.value.problem.column) == (1, 5)


@pytest.mark.parametrize("pack", pack_names())
def test_rule_files_read_as_ruamel_reads_them_alone(pack: str) -> None:
    text = (PACKS / f"{pack}.yaml").read_text()

    assert with_places(parse_yaml(text, pack)) == with_places(YAML(typ="rt", pure=True).load(text))


def with_places(tree: Any) -> object:  # and types: 1 is not True
    if isinstance(tree, dict):
        return {key: (place_of(tree, (key,)), with_places(inside)) for key, inside in tree.items()}
    if isinstance(tree, list):
        return [(place_of(tree, (at,)), with_places(inside)) for at, inside in enumerate(tree)]
    return type(tree), tree
