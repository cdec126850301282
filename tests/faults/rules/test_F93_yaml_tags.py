"""F93: YAML tags that would make objects: refused in rules, configuration and directory files, and nothing is carried out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigInvalid, load
from bot.directory import Directory
from tests.rules.build import messages_of

TAGS = [
    "!!python/object/apply:os.system ['touch {mark}']",
    "!!python/object/new:subprocess.Popen [['touch', '{mark}']]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/object:collections.OrderedDict {{}}",
    "!!binary aGVsbG8=",
    "!!set {{a, b}}",
    "!!timestamp 2026-01-01",
    "!include /etc/passwd",
    "!<tag:yaml.org,2002:python/name:os.system> x",
    "!ENV ${{HOME}}",
]


@pytest.mark.parametrize("tag", TAGS)
def test_F93_a_tag_is_refused_where_it_stands_and_does_nothing(tmp_path: Path, tag: str) -> None:
    mark = tmp_path / "was_here"
    text = "rules:\n  - id: a\n    when: " + tag.format(mark=mark) + "\n"
    config, people = tmp_path / "config.yaml", tmp_path / "people.yaml"
    config.write_text(text.replace("rules:", "accounts:"), encoding="utf-8")
    people.write_text(text.replace("rules:", "companies:"), encoding="utf-8")

    assert messages_of(text) == ["3:11: tags (!...) are not used here"]
    with pytest.raises(ConfigInvalid, match=r"config.yaml:3:11: tags"):
        load(config, {})
    with pytest.raises(ConfigInvalid, match=r"people.yaml:3:11: tags"):
        Directory.load((people,))

    assert not mark.exists()
