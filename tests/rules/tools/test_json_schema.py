"""The schema for editors, made from registry and actions."""

from __future__ import annotations

import json
from typing import Any

from rules.language.history_counts import CountKind
from rules.tools.json_schema import rule_file_schema


def test_the_schema_knows_the_words_and_their_options() -> None:
    condition: Any = rule_file_schema()["$defs"]["condition"]

    assert {str(kind) for kind in CountKind} <= set(condition["properties"])
    shape = condition["properties"]["companies_with_same_issue"]
    assert {"last", "open", "at_least", "known"} <= set(shape["properties"])
    assert "same_issue" not in shape["properties"]
    assert json.dumps(shape)
