"""Which files a reference names, in which order, and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.files.problems import Problem
from rules.files.sources import PACKS, RulesInvalid, pack_names, read_sources
from rules.files.yaml_file import MAX_BYTES
from rules.loading.load import load_rules
from tests.rules.build import rule


def test_references_are_packs_files_and_folders_in_order_of_name(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("b.yaml", "a.yaml"):
        (tmp_path / "more" / name).write_text("rules:\n" + rule("{subject: x}", id=name[0]))

    sources = read_sources(["pack:vip", "more"], tmp_path)

    assert [source.name for source in sources] == ["pack:vip", "more/a.yaml", "more/b.yaml"]
    assert [rule.id for rule in load_rules(sources).rules][-2:] == ["a", "b"]


def test_every_reference_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesInvalid) as error:
        read_sources(["pack:vpi", "nowhere.yaml"], tmp_path)

    assert [str(problem) for problem in error.value.problems] == [
        "nowhere.yaml:1:1: cannot be read: No such file or directory",
        "pack:vpi:1:1: no such pack, did you mean vip?",
    ]


def test_each_shipped_pack_is_a_reference(tmp_path: Path) -> None:
    sources = read_sources([f"pack:{name}" for name in pack_names()], tmp_path)

    assert {each.path for each in sources} == set(PACKS.glob("*.yaml"))


@pytest.mark.parametrize(
    ("content", "told"), [(b"rules: \xff", "cannot be read: it is not UTF-8"), (b"#" * (MAX_BYTES + 1), "larger than")]
)
def test_what_is_in_a_file_may_be_nothing_to_read(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "r.yaml").write_bytes(content)

    with pytest.raises(RulesInvalid) as error:
        read_sources(["r.yaml"], tmp_path)

    assert told in error.value.problems[0].message


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()

    with pytest.raises(RulesInvalid, match="more:1:1: no rule files"):
        read_sources(["more"], tmp_path)


def test_problems_come_in_the_order_of_the_files() -> None:
    wrong = [Problem(file=name, line=line, message="x") for name, line in (("b", 1), ("a", 2), ("a", 1))]

    assert [(each.file, each.line) for each in RulesInvalid(wrong).problems] == [("a", 1), ("a", 2), ("b", 1)]
