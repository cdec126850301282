"""Which files a reference names, in which order, and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.files.sources import RulesInvalid, read_sources
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
