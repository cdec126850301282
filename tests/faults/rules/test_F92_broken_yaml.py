"""F92: broken YAML, repeated keys, bombs of anchors, files of 10 MB: refused with the place, quickly, and nothing starts."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from bot.config import ConfigInvalid, load
from rules.files.sources import RulesInvalid, read_sources
from rules.loading.load import load_rules
from tests.harness.cpu_time import cpu_seconds_since
from tests.rules.build import messages_of

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)) + "rules: *a39\n"
RULE = "  - {id: r, when: {subject: x}, then: [survey_off]}\n"

BROKEN = [
    ("rules: [}", "1:9: not YAML: "),
    ("rules:\n  - id: 'a\n", "not YAML: found unexpected end of stream"),
    ("rules:\n\t- id: a\n", "2:1: not YAML: found character '\\t'"),
    ("rules:\n  - id: a\n   when: {}\n", "3:4: not YAML: "),
    ("rules:\n" + RULE + "rules:\n" + RULE, '3:1: not YAML: found duplicate key "rules"'),
    ("rules:\n  - id: a\n    when: {subject: x, subject: y}\n", 'not YAML: found duplicate key "subject"'),
    (BOMB, "1:5: anchors and aliases are not used here"),
    ("rules: &r [*r]\n", "1:8: anchors and aliases are not used here"),
    ("base: &b {id: a}\nrules:\n  - <<: *b\n", "1:7: anchors and aliases are not used here"),
    ("rules: " + "[" * 3000 + "]" * 3000, "1:57: nested more than 50 deep"),
    ("rules: " + "{a: " * 3000 + "1" + "}" * 3000, "nested more than 50 deep"),
    ("rules: \x00", "not YAML: "),
    ("rules:\n" + RULE * 25_000, "1:1: larger than 1000000 bytes"),
    ("rules: '" + "x" * 10_000_000 + "'", "1:1: larger than 1000000 bytes"),
    ("\ufeff", "wanted `rules:`"),
    ("%YAML 9.9\n---\nrules: []", "not YAML: found incompatible YAML document"),
    ("rules: []\n---\nrules: []\n", "not YAML: "),
]


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[str(place) for place in range(len(BROKEN))])
def test_F92_refused_with_its_place_and_quickly(text: str, message: str) -> None:
    began = time.process_time()

    messages = messages_of(text)

    assert cpu_seconds_since(began) < 3
    assert any(message in each for each in messages), messages[:3]


def test_F92_a_large_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)  # holes: no disk is used

    tracemalloc.start()
    with pytest.raises(RulesInvalid, match=r"rules\.yaml:1:1: larger than 1000000 bytes"):
        read_sources(["rules.yaml"], tmp_path)
    with pytest.raises(ConfigInvalid, match="larger than 1000000 bytes"):
        load(path, {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 1_000_000


def test_F92_all_broken_files_are_told_at_once_and_none_is_used(tmp_path: Path) -> None:
    for name, text in (("a.yaml", "rules: [}"), ("b.yaml", "rules:\n" + RULE), ("c.yaml", BOMB)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(RulesInvalid) as caught:
        load_rules(read_sources(["a.yaml", "b.yaml", "c.yaml"], tmp_path))

    wrong = [each.file for each in caught.value.problems if each.severity == "error"]
    assert sorted(set(wrong)) == ["a.yaml", "c.yaml"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"rules: \xe4", bytes(range(256))])
def test_F92_other_codings_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rules.yaml").write_bytes(content)

    with pytest.raises(RulesInvalid, match="it is not UTF-8"):
        read_sources(["rules.yaml"], tmp_path)
