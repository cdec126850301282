"""What Intercom refuses of custom attributes: unknown names, wrong types, two live ones of the same name."""

from __future__ import annotations

from typing import Any

from flask import abort

from sandbox.intercom.verbs import IntercomVerbs

Json = dict[str, Any]
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "decimal": (int, float),
    "boolean": bool,
    "datetime": int,
}


def check_attributes(desk: IntercomVerbs, values: Any) -> None:
    """Refuse the call if one of the values cannot be set. null empties an attribute."""
    if not isinstance(values, dict):
        abort(desk.refusal(400, "parameter_invalid", "custom_attributes must be an object"))
    live = [each for each in desk.people.attributes if not each["archived"]]
    for name, value in values.items():
        named = [each for each in live if each["name"] == name]
        if len(named) > 1:
            abort(desk.refusal(400, "INVALID_PARAMETER", f"Multiple custom attributes are named '{name}'"))
        if not named:
            abort(desk.refusal(400, "parameter_invalid", f"Custom attribute '{name}' does not exist"))
        if value is not None and not _fits(named[0], value):
            abort(desk.refusal(400, "parameter_invalid", f"Custom attribute '{name}' must be of type {named[0]['data_type']}"))


def _fits(attribute: Json, value: Any) -> bool:
    kind = attribute["data_type"]
    if kind == "list":
        return value in [option["label"] for option in attribute["options"] if not option["archived"]]
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
