"""A Deskhand with one rule file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.deskhand import deskhand
from tests.rulesets.rule_file import Files, text


@pytest.fixture
def files(tmp_path: Path) -> Any:
    (tmp_path / "rules.yaml").write_text(text(), encoding="utf-8")
    with deskhand(tmp_path, "zendesk", rules="rules.yaml") as run:
        yield Files(run, tmp_path)
