"""YAML as people write it: read with places, refused with the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules.files.sources import PACKS, pack_names
from rules.files.yaml_file import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, FileInvalid, parse_yaml, path_of, place_of, plain, read_yaml


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &x 1\nb: *x\n", "1:4: anchors and aliases are not used here"),
        ("a: !!str 1\n", "1:4: tags (!...) are not used here"),
        ("a:\n  <<: {b: 1}\n", "2:3: merge keys (<<) are not used here (write it out"),
        ("a: {b: 1, [c]: 2}\n", "1:11: a list or a block is no key"),
        ("a: 1\n? {b: 2}\n: 3\n", "2:3: a list or a block is no key"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), f"1:{MAX_DEPTH + 1}: nested more than {MAX_DEPTH} deep"),
        ("port: " + "9" * 5_000 + "\n", f"1:7: a number of more than {MAX_DIGITS} digits (a text that looks"),
        ("a: 1\nb: 2\na: 3\n", "3:1: not YAML: found duplicate key"),
        ("#" * (MAX_BYTES + 1), f"1:1: larger than {MAX_BYTES} bytes (split it into several files)"),
    ],
)
def test_what_is_not_used_here_is_refused_at_its_place(text: str, told: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        parse_yaml(text, "r.yaml")

    assert str(caught.value).startswith(f"r.yaml:{told}")


def test_words_that_older_yaml_took_for_yes_and_no_are_words() -> None:
    assert plain(parse_yaml("[no, on, y, true, 0o17, 1e3]", "r.yaml")) == ["no", "on", "y", True, 15, 1000.0]


def test_a_text_that_begins_with_many_digits_is_a_text() -> None:
    digits = "9" * (MAX_DIGITS + 1)

    assert plain(parse_yaml(f"a: {digits}x\nb: '{digits}'\nc: {digits[1:]}\n", "r.yaml")) == {
        "a": f"{digits}x",
        "b": digits,
        "c": int(digits[1:]),
    }


def test_a_file_is_named_as_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("a: [1, 2]\n", encoding="utf-8")

    assert plain(read_yaml(tmp_path / "r.yaml")) == {"a": [1, 2]}
    with pytest.raises(FileInvalid, match=r"^config:1:1: cannot be read: No such file or directory"):
        read_yaml(tmp_path / "gone.yaml", "config")


def test_a_place_that_is_not_there_is_the_nearest_above_it() -> None:
    tree = parse_yaml("a:\n  b: [1]\n", "r.yaml")

    assert place_of(tree, ("a", "b", 5)) == place_of(tree, ("a", "b")) == (2, 3)
    assert place_of(tree, ("z",)) == (1, 1)


def test_keys_that_yaml_makes_something_else_of_are_found_as_they_are_written() -> None:
    tree = parse_yaml('a: 1\nb: {5: x, null: y, true: {c: 1}, "<<": z}\n', "r.yaml")

    assert plain(tree)["b"] == {"5": "x", "null": "y", "true": {"c": 1}, "<<": "z"}
    assert [place_of(tree, ("b", each)) for each in ("5", "null", "true")] == [(2, 5), (2, 11), (2, 20)]


def test_a_path_is_written_as_people_read_it() -> None:
    assert path_of(("rules", 2, "when", "all", 0)) == "rules[2].when.all[0]"
    assert path_of(()) == ""


def test_a_plain_tree_keeps_no_trace_of_the_reader() -> None:
    tree = plain(parse_yaml("a: {b: [1, 1.5, 'x', null, true]}", "r.yaml"))

    assert type(tree) is dict
    assert [type(each) for each in tree["a"]["b"]] == [int, float, str, type(None), bool]


@pytest.mark.parametrize("text", ["token: canary-1\ntoken: canary-2\n", "database: postgresql://u:canary@h/d\ndatabase: other\n"])
def test_the_values_of_a_key_that_is_there_twice_are_not_shown(text: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        parse_yaml(text, "config.yaml")

    assert "found duplicate key" in str(caught.value)
    assert "canary" not in str(caught.value)
