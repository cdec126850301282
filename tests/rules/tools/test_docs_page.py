"""The pages made from the code are fresh and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.actions import action_words
from rules.language.fields import FIELDS
from rules.tools.docs_page import files, rules_page


@pytest.mark.parametrize("path", files())
def test_the_pages_made_from_the_code_are_fresh(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == files()[path], "run `python -m rules.tools.docs_page`"


def test_every_field_and_action_has_its_place_in_the_page() -> None:
    page = rules_page()

    missing = [name for name in [*FIELDS.names(), *action_words()] if f"`{name}`" not in page and f"### {name}" not in page]
    assert missing == []
