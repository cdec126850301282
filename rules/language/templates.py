"""Placeholders in texts of rules: `Hello {requester.name}`. Names come from the field registry and nothing else is looked up.

No expressions, no attributes, no formats: a text is cut at its braces and each name is checked at load. A placeholder that
is empty for a ticket blocks its action ("Hi ," must not go out). `{{` and `}}` stand for the braces themselves.
"""

from __future__ import annotations

import re
from datetime import datetime

from rules.files.problems import suggest
from rules.language.fields import FIELDS
from rules.language.registry import CUSTOM_PREFIXES, Field, FieldType, Registry
from rules.model.effects import Blocked
from rules.model.view import FactValue, View
from rules.values.durations import show_duration

_PARTS = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|\{|\})")


def check(text: str, registry: Registry = FIELDS) -> str:
    """The text itself. Raises ValueError that names the wrong placeholder."""
    for part in _PARTS.split(text)[1::2]:
        if part in ("{{", "}}"):
            continue
        if part in ("{", "}"):
            raise ValueError(f"a single {part}: write {{{{ or }}}} for a brace, {{requester.name}} for a value")
        name = part[1:-1]
        if registry.find(name) is None:
            known = [*registry.names(), *CUSTOM_PREFIXES]
            raise ValueError(f"{part}: no such field{suggest(name, known)}")
    return text


def literal(text: str) -> str:
    """A text in which nothing is filled (a tag, a macro's name): `{{` and `}}` are its braces. Raises ValueError where it holds a
    placeholder, which would be written as it is."""
    for part in _PARTS.split(text)[1::2]:
        if part in ("{", "}"):
            raise ValueError(f"a single {part}: write {{{{ or }}}} for a brace; no placeholder is filled here")
        if part not in ("{{", "}}"):
            raise ValueError(f"{part}: no placeholder is filled here: write a rule for each value, or {{{{ and }}}} for braces")
    return text.replace("{{", "{").replace("}}", "}")


def names_in(text: str, registry: Registry = FIELDS) -> list[str]:
    """The fields that a text names, by their names in the registry. Unknown ones are left out."""
    found = (registry.find(part[1:-1]) for part in _PARTS.split(text)[1::2] if len(part) > 2)
    return [field.name for field in found if field]


def render(text: str, view: View, registry: Registry = FIELDS) -> str:
    """The text with its placeholders filled. Raises Blocked where one of them is empty."""
    return "".join(_filled(part, view, registry) for part in _PARTS.split(text))


def _filled(part: str, view: View, registry: Registry) -> str:
    if part in ("{{", "}}"):
        return part[0]
    if not part.startswith("{"):
        return part
    field = registry.find(part[1:-1])
    shown = show(field, field.value(view)) if field else ""
    if not shown:
        raise Blocked(f"{part[1:-1]} is empty")
    return shown


def show(field: Field, value: FactValue) -> str:
    """A value as people read it; "" for what is unknown or empty."""
    if value is None:
        return ""
    if isinstance(value, frozenset):
        shown = sorted(_in_words(field, each) for each in value)
        return (" " if all(each.endswith("?") for each in shown) else ", ").join(shown)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, int | float):
        return show_duration(value) if field.type is FieldType.DURATION else f"{value:,.15g}"
    return " ".join(str(value).split()) if not field.is_prose else str(value).strip()


def _in_words(field: Field, value: str) -> str:
    """`leadership_asks` of a list as "leadership asks": only people read a list, a single value goes into fields as well."""
    return value.replace("_", " ") if value in field.choices and "." not in value else value
