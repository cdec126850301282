"""The JSON Schema of a rule file, for completion in editors; made from the registry and the actions' options.

First line of a rule file: `# yaml-language-server: $schema=.../docs/rules.schema.json`. The loader checks more than a schema can.
"""

from __future__ import annotations

import json
from typing import Any

from adapters.ticket import EventType
from rules.actions import ActionWord, action_words
from rules.engine.rule import Stage
from rules.language.fields import FIELDS
from rules.language.history_counts import EXAMPLES, FAMILY, MEANINGS, OPTIONS, Count, CountKind, options_of
from rules.language.operators import operators_for
from rules.language.registry import CUSTOM_PREFIXES, Field, FieldType, Registry, count_field
from rules.loading.own_issues import BLOCKS, TELLING_TYPES
from rules.values.taxonomy import PATHS

_SCALAR = {"type": ["string", "number", "boolean"]}
_JSON_TYPES = {
    FieldType.TEXT: "string",
    FieldType.CHOICE: "string",
    FieldType.ORDERED: "string",
    FieldType.PATH: "string",
    FieldType.SET: "string",
    FieldType.TIME: "string",
    FieldType.NUMBER: "number",
    FieldType.MONEY: "number",
    FieldType.BOOL: "boolean",
}
_YES_NO_OPERATORS = ("known", "changed", "empty", "in_working_time")
_LIST_OPERATORS = ("in", "between")
AREA = r"^[a-z][a-z0-9_]{0,39}$"
OWN_PATH = r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,2}$"
_NAMED_VALUE = {"type": "string", "pattern": r"^\$\{"}


def rule_file_schema(registry: Registry = FIELDS) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Deskhand rule file",
        "type": "object",
        "anyOf": [{"required": [name]} for name in ("rules", *BLOCKS)],
        "additionalProperties": False,
        "properties": {
            "values": {"type": "object", "description": "Thresholds with a name, used as ${name}."},
            "areas": _areas(),
            "issues": _issues(),
            "rules": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/rule"}},
        },
        "$defs": {
            "rule": _rule(),
            "condition": _condition(registry),
            "action": _action(),
            "test": _test(),
            **_shapes(registry),
        },
    }


def schema_text(registry: Registry = FIELDS) -> str:
    """The schema as a file: the same for the same code, byte for byte."""
    return json.dumps(rule_file_schema(registry), indent=1, sort_keys=True) + "\n"


def _areas() -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    one = {"type": "object", "additionalProperties": False, "properties": {"examples": texts, "words": texts}}
    return {"type": "object", "description": "Parts of the product, by name: what product_area is one of.", **_named(one, AREA)}


def _issues() -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    properties = {
        "type": {"enum": list(TELLING_TYPES), "description": "The issue type that it counts as."},
        "area": {"type": "string", "description": "One of `areas`."},
        "examples": {**texts, "description": "Sentences of customers, three or more."},
        "phrases": {**texts, "description": "Words that are enough to tell it."},
    }
    one = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"type": "object", "description": "Issues of your own, by path.", **_named(one, OWN_PATH)}


def _named(one: dict[str, Any], pattern: str) -> dict[str, Any]:
    return {"minProperties": 1, "additionalProperties": False, "patternProperties": {pattern: one}}


def _rule() -> dict[str, Any]:
    events = {"enum": [str(each) for each in EventType]}
    count = {"type": "integer", "minimum": 1, "maximum": 50}
    return {
        "type": "object",
        "required": ["id", "then"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,79}$"},
            "name": {"type": "string"},
            "stage": {"enum": [each.value for each in Stage]},
            "on": {"anyOf": [events, {"type": "array", "items": events, "minItems": 1}]},
            "when": {"$ref": "#/$defs/condition"},
            "then": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/action"}},
            "limits": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"per_ticket": count, "per_hour": count, "total_per_hour": {"type": "integer", "minimum": 1}},
            },
            "stop": {"type": "boolean"},
            "tests": {"type": "array", "items": {"$ref": "#/$defs/test"}},
        },
    }


def _condition(registry: Registry) -> dict[str, Any]:
    condition = {"$ref": "#/$defs/condition"}
    several = {"type": "array", "minItems": 1, "items": condition}
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "all": several,
            "any": several,
            "not": condition,
            "changed": {"type": ["string", "array"]},
            **{each.name: _field(each) for each in registry},
            **{str(kind): _counted(kind) for kind in CountKind},
        },
        "patternProperties": {f"^{prefix.replace('.', chr(92) + '.')}": {} for prefix in (*CUSTOM_PREFIXES, FAMILY)},
    }


def _field(field: Field) -> dict[str, Any]:
    shape = _choices(field) if field.choices else {"$ref": f"#/$defs/{_shape_name(field)}"}
    return {"description": field.meaning, "examples": [field.example], **shape}


def _counted(kind: CountKind) -> dict[str, Any]:
    shapes: dict[str, Any] = {"last": {"type": "string"}, "same_issue": {"const": True}, "open": {"const": True}}
    operators = {name: _operator(name) for name in operators_for(count_field(Count(kind=kind)))}
    return {
        "description": MEANINGS[kind],
        "examples": [EXAMPLES[kind]],
        "type": "object",
        "minProperties": 2,
        "additionalProperties": False,
        "properties": {name: {"description": OPTIONS[name], **shapes[name]} for name in options_of(kind)} | operators,
    }


def _choices(field: Field) -> dict[str, Any]:
    others = [{"type": "string", "pattern": OWN_PATH}] if field.choices[: len(PATHS)] == PATHS else []  # a team's own issues
    one = {"anyOf": [{"enum": list(field.choices)}, _NAMED_VALUE, *others]}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}, _operators(field)]}


def _shapes(registry: Registry) -> dict[str, Any]:
    """One definition for all fields of a kind: the file would be ten times as long otherwise."""
    return {_shape_name(field): _shape(field) for field in registry if not field.choices}


def _shape_name(field: Field) -> str:
    words = [field.type.name.lower(), "signal" if field.is_signal else "", "with_history" if field.can_change else ""]
    return "_".join(word for word in words if word)


def _shape(field: Field) -> dict[str, Any]:
    word = _JSON_TYPES.get(field.type)
    value = {"type": sorted({word, "string"})} if word else _SCALAR  # a string may be ${name} everywhere
    bare = [] if field.type is FieldType.TIME else [value, {"type": "array", "items": value, "minItems": 1}]
    return {"anyOf": [*bare, _operators(field)]}


def _operators(field: Field) -> dict[str, Any]:
    operators: dict[str, Any] = {name: _operator(name) for name in operators_for(field)}
    if field.is_signal:
        operators["confidence"] = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, _NAMED_VALUE]}
    return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": operators}


def _operator(name: str) -> dict[str, Any]:
    if name in _YES_NO_OPERATORS:
        return {"type": "boolean"}
    return {"type": "array", "minItems": 1} if name in _LIST_OPERATORS else {}


def _action() -> dict[str, Any]:
    words = action_words()
    properties = {name: _options(word) for name, word in words.items()}
    one = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": properties,
    }
    return {"anyOf": [{"enum": list(words)}, one]}


def _options(word: ActionWord) -> dict[str, Any]:
    options = word.options.model_json_schema(ref_template=f"#/$defs/action/anyOf/1/properties/{word.name}/$defs/{{model}}")
    inner = options.pop("$defs", None)
    options.pop("title", None)
    options["description"] = word.doc.split("\n", 1)[0].removeprefix(f"{word.name}: ")
    shorthand = [{"type": ["string", "number", "array"]}] if word.shorthand else []
    schema: dict[str, Any] = {"anyOf": [options, *shorthand, {"type": "null"}]}
    return {**schema, "$defs": inner} if inner else schema


def _test() -> dict[str, Any]:
    facts = {"type": ["object", "null"], "description": "A ticket, or `ticket` with company, signals, clocks ... beside it."}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"matches": facts, "ignores": facts, "writes": {"type": "array", "items": {"enum": list(action_words())}}},
        "oneOf": [{"required": ["matches"]}, {"required": ["ignores"]}],
    }
