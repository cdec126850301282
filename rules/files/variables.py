"""The `values:` block at the head of a rule file: thresholds with a name, so that an admin changes them in one place.

    values:
      vip_arr: 50000          # used below as ${vip_arr}

`rule_values` in the configuration overrides them by name, with a value of the same kind, in every file that has the name.
A text that is nothing but `${name}` becomes the value itself (a number stays one); inside a longer text it is put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from rules.files.problems import suggest
from rules.files.yaml_file import Location

_NAME = re.compile(r"\$\{([^{}]*)\}")
_WORD = re.compile(r"^[a-z][a-z0-9_]*$")
Report = Callable[[Location, str], None]


def read_values(block: Any, given: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The file's values with the configuration's in place of the defaults. Problems go to `report`."""
    if block is None:
        return {}
    if not isinstance(block, Mapping):
        report(("values",), "wanted `name: default` lines below values")
        return {}
    values: dict[str, Any] = {}
    for name, default in block.items():
        at = ("values", name)
        values[name] = default
        if not _WORD.match(name):
            report(at, f"{name}: a value's name is lower-case letters, digits and _")
        elif _kind(default) is None:
            report(at, f"{name}: wanted a number, a text, true or false, or a list of them")
        elif name in given and _kind(given[name]) != _kind(default):
            report(at, f"{name}: rule_values has {_kind(given[name]) or 'nothing usable'}, the default is {_kind(default)}")
        elif name in given:
            values[name] = given[name]
    return values


def fill(tree: Any, values: Mapping[str, Any], report: Report, at: tuple[str | int, ...] = ()) -> Any:
    """The tree with `${name}` replaced; an unknown name is reported at its place."""
    if isinstance(tree, Mapping):
        return {name: fill(inside, values, report, (*at, name)) for name, inside in tree.items()}
    if isinstance(tree, list):
        return [fill(inside, values, report, (*at, place)) for place, inside in enumerate(tree)]
    if not isinstance(tree, str) or "${" not in tree:
        return tree
    for name in _NAME.findall(tree):
        if name not in values:
            report(at, f"${{{name}}}: no such value{suggest(name, values) or ', add it to `values:` at the head of the file'}")
            return tree
    whole = _NAME.fullmatch(tree)
    return values[whole[1]] if whole else _NAME.sub(lambda match: str(values[match[1]]), tree)


def unused(given: Mapping[str, Any], known: set[str]) -> list[tuple[str, str]]:
    """Names in the configuration that no file has, each with what to say."""
    return [(name, f"no rule file has a value of this name{suggest(name, known)}") for name in given if name not in known]


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return "a list"
    return None
