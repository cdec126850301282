"""The schema for editors, made from registry and actions."""

from __future__ import annotations

import json
from typing import Any

from rules.actions import action_words
from rules.language.fields import FIELDS
from rules.language.history_counts import CountKind
from rules.language.registry import FieldType, signal_field
from rules.tools.json_schema import rule_file_schema, schema_text


def test_the_schema_knows_the_words_and_their_options() -> None:
    condition: Any = rule_file_schema()["$defs"]["condition"]

    assert {str(kind) for kind in CountKind} <= set(condition["properties"])
    shape = condition["properties"]["companies_with_same_issue"]
    assert {"last", "open", "at_least", "known"} <= set(shape["properties"])
    assert "same_issue" not in shape["properties"]
    assert json.dumps(shape)


SCHEMA: Any = rule_file_schema()


def test_every_field_and_every_action_is_offered() -> None:
    conditions = SCHEMA["$defs"]["condition"]["properties"]
    names, options = SCHEMA["$defs"]["action"]["anyOf"]

    assert set(FIELDS.names()) <= set(conditions)
    assert names["enum"] == list(options["properties"]) == list(action_words())


def test_what_a_schema_points_to_is_there() -> None:
    def pointers(tree: Any) -> set[str]:
        if isinstance(tree, list):
            return set().union(*map(pointers, tree))
        if not isinstance(tree, dict):
            return set()
        here = {tree["$ref"]} if isinstance(tree.get("$ref"), str) else set()
        return here.union(*map(pointers, tree.values()))

    def target(pointer: str) -> Any:
        found = SCHEMA
        for step in pointer.removeprefix("#/").split("/"):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return found

    assert all(target(each) for each in pointers(SCHEMA))


def test_choices_are_offered_word_by_word() -> None:
    one, _, operators = SCHEMA["$defs"]["condition"]["properties"]["priority"]["anyOf"]

    assert {"high", "urgent"} <= set(one["anyOf"][0]["enum"])
    assert {"at_least", "changed_to"} <= set(operators["properties"])
    assert "has" not in operators["properties"]


def test_only_a_signal_takes_a_confidence() -> None:
    def operators(name: str) -> Any:
        return SCHEMA["$defs"]["condition"]["properties"][name]["anyOf"][-1]["properties"]

    assert "confidence" in operators("issue_type")
    assert "confidence" not in operators("status")


def test_a_detector_of_ones_own_is_offered_as_well() -> None:
    more = FIELDS.with_fields([signal_field("mood", FieldType.CHOICE, "how it sounds", "good", ("good", "bad"))])
    schema: Any = rule_file_schema(more)

    assert schema["$defs"]["condition"]["properties"]["mood"]["description"] == "how it sounds"


def test_the_text_is_the_same_for_the_same_code() -> None:
    assert schema_text() == schema_text()
    assert json.loads(schema_text()) == json.loads(json.dumps(SCHEMA))
